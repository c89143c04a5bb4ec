import { entry, instance } from './harness';
import { PolicyEngine } from '../../src/iam/policies';
import { cloudWatchService, type CloudWatchService, logsService } from '../../src/services/cloudwatch';
import { eventsService, type EventsService } from '../../src/services/events';
import { sqsService, type SqsService } from '../../src/services/sqs';
import { ACCOUNT, REGION, SimulatedWorld } from '../../src/world';

const MINUTE = 60_000;
const RULE = `arn:aws:events:${REGION}:${ACCOUNT}:rule/rule`;
const arn = (queue: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`;

/** EventBridge, queues and IAM as they are in a simulation: a rule with a target queue and a dead-letter queue. */
async function send(allowed: readonly string[], faults = {}) {
  const iam = new PolicyEngine({ account: ACCOUNT, region: REGION });
  const world = new SimulatedWorld(iam, [cloudWatchService, logsService, sqsService, eventsService], { faults, trace: { keep: true } });
  const sqs = world.service<SqsService>('sqs');
  const create = (type: string, properties: any, id: string) => world.allServices().flatMap((service) => service.resources)
    .find((provider) => provider.type === type)!.create(instance(type, properties, id));
  for (const queue of ['target', 'dlq']) create('AWS::SQS::Queue', { QueueName: queue }, queue);
  for (const queue of allowed) {
    iam.addResourcePolicy(arn(queue), {
      Statement: {
        Effect: 'Allow',
        Action: 'sqs:SendMessage',
        Principal: { Service: 'events.amazonaws.com' },
        Resource: arn(queue),
        Condition: { ArnEquals: { 'aws:SourceArn': RULE } },
      },
    });
  }
  create('AWS::CloudWatch::Alarm', {
    AlarmName: 'dead-letters',
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: 'dlq' }],
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
  }, 'Alarm');
  world.service<EventsService>('events').createRule({
    Name: 'rule',
    EventPattern: { source: ['test'] },
    Targets: [{ Id: 'q', Arn: arn('target'), DeadLetterConfig: { Arn: arn('dlq') } }],
  });
  void world.call({ service: 'events', operation: 'PutEvents', input: { Entries: [entry()] }, caller: { name: 'me', principal: { kind: 'operator' } } });
  await world.kernel.run({ deadline: world.kernel.now + 2 * MINUTE });
  return {
    visible: Object.fromEntries(sqs.queues().map((queue) => [queue.arn.split(':').pop(), queue.visible])),
    alarm: world.service<CloudWatchService>('cloudwatch').alarms.state('dead-letters'),
    lost: world.trace.entries.filter((traced) => traced.event === 'events.lost').length,
  };
}

describe('a queue as the target of a rule', () => {
  it('receives the event when its policy lets the rule send', async () => {
    expect(await send(['target', 'dlq'])).toEqual({ visible: { target: 1, dlq: 0 }, alarm: 'OK', lost: 0 });
  });

  it('leaves the event to the dead-letter queue, whose alarm goes off, when its policy does not', async () => {
    expect(await send(['dlq'])).toEqual({ visible: { target: 0, dlq: 1 }, alarm: 'ALARM', lost: 0 });
  });

  it('loses the event when neither policy lets the rule send', async () => {
    expect(await send([])).toEqual({ visible: { target: 0, dlq: 0 }, alarm: 'OK', lost: 1 });
  });

  it('receives the event twice when a fault duplicates it', async () => {
    expect((await send(['target', 'dlq'], { duplicate: 1 })).visible.target).toBeGreaterThan(1);
  });
});
