import { ROLE, task } from './world';
import type { Iam } from '../../src/iam/iam';
import { PolicyEngine } from '../../src/iam/policies';
import { eventsService, type EventsService } from '../../src/services/events';
import { sqsService } from '../../src/services/sqs';
import { statesService, type StatesService } from '../../src/services/stepfunctions';
import { ACCOUNT, REGION, SimulatedWorld } from '../../src/world';

const OPERATOR = { principal: { kind: 'operator' }, name: 'test' } as const;
const QUEUE_ARN = `arn:aws:sqs:${REGION}:${ACCOUNT}:Inbox`;

function worldWithQueue() {
  const iam: Iam = new PolicyEngine({ account: ACCOUNT, region: REGION });
  iam.addRole(ROLE);
  const world = new SimulatedWorld(iam, [statesService, eventsService, sqsService]);
  const queue = world.service('sqs').resources.find(({ type }) => type === 'AWS::SQS::Queue')!;
  const { ref: url } = queue.create({
    logicalId: 'Inbox', type: queue.type, properties: { QueueName: 'Inbox' }, stackName: 'S', path: 'S/Inbox', generatedName: () => 'Inbox', assetPath: () => '',
  });
  const bodies = async () => {
    const received = world.call<any>({ service: 'sqs', operation: 'ReceiveMessage', input: { QueueUrl: url, MaxNumberOfMessages: 10 }, caller: OPERATOR });
    await world.kernel.run();
    return ((await received).Messages ?? []).map(({ Body }: any) => Body);
  };
  const execute = async (definition: object) => {
    const states = world.service<StatesService>('states');
    const { arn } = states.createStateMachine({ name: 'Quotes', definition: JSON.stringify(definition), roleArn: ROLE });
    const started = world.call<any>({ service: 'states', operation: 'StartExecution', input: { stateMachineArn: arn }, caller: OPERATOR });
    await world.kernel.run();
    return states.waitFor((await started).executionArn);
  };
  return { world, iam, url, bodies, execute };
}

const send = (url: string) => task('arn:aws:states:::sqs:sendMessage', { Arguments: { QueueUrl: url, MessageBody: { hello: 'queue' } } });

describe('with the other simulated services', () => {
  it('a task reaches its queue when the role may send there', async () => {
    const { iam, url, bodies, execute } = worldWithQueue();
    iam.addRolePolicy(ROLE, 'Send', { Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE_ARN }] });
    expect(await execute(send(url))).toMatchObject({ status: 'SUCCEEDED' });
    expect(await bodies()).toEqual(['{"hello":"queue"}']);
  });

  it('a task fails, naming role, action and resource, when the role may not', async () => {
    const { url, bodies, execute } = worldWithQueue();
    const { status, error, cause } = await execute(send(url));
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'SQS.AmazonSQSException' });
    expect(cause).toContain(ROLE.split('/')[1]);
    expect(cause).toContain('sqs:SendMessage');
    expect(cause).toContain(QUEUE_ARN);
    expect(await bodies()).toEqual([]);
  });

  it('a rule on the default bus hears how an execution ended', async () => {
    const { world, iam, bodies, execute } = worldWithQueue();
    iam.addResourcePolicy(QUEUE_ARN, {
      Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: QUEUE_ARN }],
    });
    world.service<EventsService>('events').createRule({
      Name: 'Failures',
      EventPattern: { 'source': ['aws.states'], 'detail-type': ['Step Functions Execution Status Change'], 'detail': { status: ['FAILED'] } },
      Targets: [{ Id: 'Inbox', Arn: QUEUE_ARN }],
    });
    await execute({ StartAt: 'F', States: { F: { Type: 'Fail', Error: 'Broke' } } });
    const [body, ...others] = await bodies();
    expect(others).toEqual([]);
    expect(JSON.parse(body)).toMatchObject({ source: 'aws.states', detail: { status: 'FAILED', error: 'Broke', name: expect.any(String) } });
  });
});
