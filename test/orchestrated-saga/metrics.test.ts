import { Duration } from 'aws-cdk-lib';
import { CfnMetricFilter } from 'aws-cdk-lib/aws-logs';
import { executionsOf, first, historyOf, named, runToTheEnd, scene, Scene, Stage, stopOwner, usual } from './scene';
import { OrchestratedSaga } from '../../src';

const NAMESPACE = 'CdkIntegrationPatterns/OrchestratedSaga';

describe('metrics', () => {
  it.each<[string, Scene['behaviours'], Record<string, number>]>([
    ['completed', {}, { Completed: 1 }],
    ['compensated', { Charge: (request, _, services) => services.decline(request, 'CardDeclined') }, { Compensated: 1 }],
    ['parked', { SendTicket: () => { throw named('PrinterOnFire'); } }, { Parked: 1 }],
  ])('count a saga that %s', async (_, behaviours, counts) => {
    const stage = scene({ behaviours });
    await runToTheEnd(stage);
    await log(stage, 'StateMachine');
    expect(counted(stage)).toEqual(counts);
  });

  it('count a saga that was recovered once, in the recovery\'s log', async () => {
    const stage = scene({
      behaviours: first(1, 'SendTicket', async (request, { sleep }, services) => {
        stopOwner(stage);
        await sleep(1_000);
        return usual(services, 'SendTicket', request);
      }),
    });
    await runToTheEnd(stage);
    await log(stage, 'StateMachine');
    expect(counted(stage)).toEqual({});
    await log(stage, 'Recovery');
    expect(counted(stage)).toEqual({ Completed: 1 });
  });

  it('count nothing for an execution that was refused', async () => {
    const stage = scene();
    await runToTheEnd(stage);
    await runToTheEnd(stage);
    await log(stage, 'StateMachine');
    expect(counted(stage)).toEqual({ Completed: 1 });
  });

  it('are read under the names under which they are written', () => {
    scene({
      more: (saga) => {
        expect([saga.metricCompleted(), saga.metricCompensated(), saga.metricParked()].map(({ metricName }) => metricName)).toEqual(
          ['Completed', 'Compensated', 'Parked'].map((name) => `${saga.sagaName}/${name}`),
        );
        expect(namesOfFilters(saga)).toEqual(['Compensated', 'Completed', 'Parked'].map((name) => `${saga.sagaName}/${name}`));
        expect(saga.metric('Completed')).toMatchObject({ namespace: NAMESPACE, statistic: 'Sum', period: Duration.minutes(5) });
        expect(saga.metricParked({ period: Duration.hours(1), statistic: 'Maximum' })).toMatchObject({ statistic: 'Maximum', period: Duration.hours(1) });
      },
    });
  });
});

/** Writes the events of a machine's executions as Step Functions does. @see https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html */
async function log(stage: Stage, machine: 'StateMachine' | 'Recovery'): Promise<void> {
  const group = stage.simulation.find(`Trip/${machine}Logs`, ['AWS::Logs::LogGroup']).provisioned.ref;
  for (const { executionArn } of await executionsOf(stage, machine)) {
    for (const { id, type, previousEventId, timestamp, stateEnteredEventDetails, stateExitedEventDetails } of await historyOf(stage, executionArn)) {
      // Without execution data there are no inputs and outputs.
      const { name } = stateEnteredEventDetails ?? stateExitedEventDetails ?? {};
      stage.simulation.world.service<any>('logs').write(group, JSON.stringify({
        id: String(id),
        type,
        details: { name },
        previous_event_id: String(previousEventId ?? 0),
        event_timestamp: String(new Date(timestamp).getTime()),
        execution_arn: executionArn,
        redrive_count: '0',
      }));
    }
  }
}

function counted({ simulation }: Stage): Record<string, number> {
  const { metrics } = simulation.world.service<any>('cloudwatch');
  const own = metrics.list().filter(({ namespace }: { namespace: string }) => namespace === NAMESPACE);
  return Object.fromEntries(own.map((metric: { name: string }) => [metric.name.split('/').at(-1), metrics.total(metric)]));
}

function namesOfFilters(saga: OrchestratedSaga): string[] {
  const filters = saga.node.findAll().filter((construct) => construct instanceof CfnMetricFilter);
  const transformations = filters.flatMap(({ metricTransformations }) => metricTransformations as CfnMetricFilter.MetricTransformationProperty[]);
  return [...new Set(transformations.map(({ metricName }) => metricName))].sort();
}
