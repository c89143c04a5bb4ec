import { Duration } from 'aws-cdk-lib';
import { OrchestratedSaga, SagaParticipant, SagaRecovery, SagaStep, SagaWorkflow } from '../../src';
import { keptOf, losses, stackWithPaths } from '../logical-ids';
import { inlineFunction } from '../scatter-gather/fixtures';

it('keeps, under their logical ids, sagas, parked ones, and what participants remember', () => {
  const stack = stackWithPaths();
  const steps = [SagaStep.function('Hotel', { action: inlineFunction(stack, 'Reserve'), compensation: inlineFunction(stack, 'Cancel') })];
  const trip = new OrchestratedSaga(stack, 'Trip', { steps, deadline: Duration.minutes(10) });
  const quick = new OrchestratedSaga(stack, 'Quick', {
    steps,
    deadline: Duration.minutes(2),
    workflow: SagaWorkflow.EXPRESS,
    recovery: SagaRecovery.NONE,
  });
  const participant = new SagaParticipant(stack, 'Hotels');
  expect(losses(keptOf(__dirname), stack, [trip, quick, participant])).toEqual([]);
});
