import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { OrchestratedSaga, SagaStep, UnknownOutcome } from 'cdk-integration-patterns';
import type { Construct } from 'constructs';
import { Service } from './service';

/** A trip over five services: everything is booked, or nothing is left of it. */
export class TripStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);

    const hotels = new Service(this, 'Hotels', { code: 'reservations', environment: { OFFER: 'hotel' } });
    const flights = new Service(this, 'Flights', { code: 'reservations', environment: { OFFER: 'flight' } });
    const cars = new Service(this, 'Cars', { code: 'reservations', environment: { OFFER: 'car' } });
    const payments = new Service(this, 'Payments', { code: 'payments' });
    const tickets = new Service(this, 'Tickets', { code: 'tickets' });

    const reserve = (step: string, service: Service) => SagaStep.function(step, {
      action: service.function('reserve'),
      compensation: service.function('cancel'),
      abortOn: ['SoldOut'],
    });
    const trip = new OrchestratedSaga(this, 'Trip', {
      steps: [
        reserve('ReserveHotel', hotels),
        SagaStep.parallel('Transport', [reserve('ReserveFlight', flights), reserve('ReserveCar', cars)]),
        SagaStep.function('Charge', {
          action: payments.function('charge'),
          compensation: payments.function('refund'),
          timeout: Duration.seconds(10),
          abortOn: ['CardDeclined'],
          onUnknown: UnknownOutcome.query(payments.function('find')),
          pivot: true,
        }),
        SagaStep.function('SendTicket', { action: tickets.function('send'), retriable: true }),
      ],
      deadline: Duration.minutes(5),
      removalPolicy: RemovalPolicy.DESTROY,
    });

    new CfnOutput(this, 'TripStateMachine', { value: trip.stateMachine.stateMachineArn });
    new CfnOutput(this, 'RecoveryStateMachine', { value: trip.recoveryStateMachine!.stateMachineArn });
    for (const service of [hotels, flights, cars, payments]) {
      new CfnOutput(this, `${service.node.id}Table`, { value: service.table.tableName });
    }
  }
}
