import validate from 'asl-validator';
import { Template } from 'aws-cdk-lib/assertions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { CloudWatchService } from '../../simulator/src/services/cloudwatch';
import type { PipesService } from '../../simulator/src/services/pipes';
import { OutboxDestination, TransactionalOutbox } from '../../src';
import { METRIC } from '../../src/transactional-outbox/contract';
import { watchWorkflow } from '../../src/transactional-outbox/watch-workflow';
import { newStack } from '../scatter-gather/fixtures';
import { operate, simulate } from '../simulate';

const MINUTE = 60_000;

function watched() {
  let name = '';
  const simulation = simulate((stack) => {
    const outbox = new TransactionalOutbox(stack, 'Outbox', { destination: OutboxDestination.eventBus(new EventBus(stack, 'Bus')) });
    name = outbox.outboxName;
  });
  const { metrics } = simulation.world.service<CloudWatchService>('cloudwatch');
  const notRunning = () => ({ namespace: METRIC.NAMESPACE, name: METRIC.NOT_RUNNING, dimensions: { [METRIC.DIMENSION]: name } });
  const total = (statistic?: string) => metrics.total(notRunning(), statistic) ?? 0;
  return {
    simulation,
    pipe: simulation.find('Outbox/Pipe', ['AWS::Pipes::Pipe']).provisioned.ref as string,
    minutes: (count: number) => simulation.run({ deadline: simulation.world.kernel.now + count * MINUTE }),
    /** How often it was asked, and how often the pipe did not run. */
    told: () => [total('SampleCount'), total()],
  };
}

it('is valid Amazon States Language', () => {
  expect(validate(watchWorkflow({ partition: 'aws', pipeName: 'pipe', outboxName: 'orders' }) as any)).toMatchObject({ isValid: true });
});

it('may describe this pipe and write metrics of this pattern, and needs no function', () => {
  const stack = newStack();
  new TransactionalOutbox(stack, 'Outbox', { destination: OutboxDestination.eventBus(new EventBus(stack, 'Bus')) });
  const policies = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy')).filter(([id]) => /WatchStateMachineRole/.test(id));
  const statements: any[] = policies.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
  expect(statements.find(({ Action }) => Action === 'pipes:DescribePipe').Resource).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^OutboxPipe/), 'Arn'] });
  expect(statements.find(({ Action }) => Action === 'cloudwatch:PutMetricData').Condition).toEqual({ StringEquals: { 'cloudwatch:namespace': METRIC.NAMESPACE } });
  expect(statements.flatMap(({ Action }) => Action).filter((action: string) => !/^(logs|xray):/.test(action))).toEqual(['pipes:DescribePipe', 'cloudwatch:PutMetricData']);
});

it('tells every five minutes that the pipe runs, with exactly its permissions', async () => {
  const { simulation, minutes, told } = watched();
  await minutes(31);
  expect(told()).toEqual([6, 0]);
  const { denials, unusedGrants } = simulation.report();
  expect(denials).toEqual([]);
  expect(unusedGrants.filter(({ name }) => /Watch/.test(name))).toEqual([]);
});

it('tells that the pipe was stopped, and that it runs again', async () => {
  const { simulation, pipe, minutes, told } = watched();
  await minutes(6);
  await operate(simulation, 'pipes', 'StopPipe', { Name: pipe });
  await minutes(10);
  expect(told()).toEqual([3, 2]);
  await operate(simulation, 'pipes', 'StartPipe', { Name: pipe });
  await minutes(10);
  expect(told()).toEqual([5, 2]);
});

it('tells that AWS has disabled the pipe', async () => {
  const { simulation, pipe, minutes, told } = watched();
  simulation.world.service<PipesService>('pipes').disable(pipe, 'nearly continuous client errors');
  await minutes(6);
  expect(told()).toEqual([1, 1]);
});
