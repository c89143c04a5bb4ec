import { readFileSync } from 'fs';
import * as path from 'path';
import { simulate, operate } from '../simulate';
import { emailing } from './fixtures';
import { controlOf } from '../../lambda-src/throttled-fan-out/control';
import { type ControlItem, type Delivery, itemKey } from '../../src/throttled-fan-out/contract';

const ROOT = path.join(__dirname, '../..');
const EXAMPLE = 'examples/throttled-fan-out/typescript/README.md';
const DEPLOYED = { ratePerSecond: 50, burst: 50 };

/** The commands as they are in a README: what the shell makes of them. */
function commandsIn(file: string): { Key: object; UpdateExpression: string; ExpressionAttributeValues?: object }[] {
  const text = readFileSync(path.join(ROOT, file), 'utf8').replace(/\\\n/g, ' ');
  const key = /^KEY='(.*)'$/m.exec(text)?.[1] ?? '';
  return text.split('\n').filter((line) => line.startsWith('aws dynamodb update-item')).map((line) => {
    const argument = (name: string) => new RegExp(`--${name} '([^']*)'`).exec(line.replace('"$KEY"', `'${key}'`))?.[1];
    const values = argument('expression-attribute-values');
    return {
      Key: JSON.parse(argument('key')!),
      UpdateExpression: argument('update-expression')!,
      ...(values !== undefined && { ExpressionAttributeValues: JSON.parse(values) }),
    };
  });
}

/** What the dispatchers read after each command of a README, one after another. */
async function controlsAfter(file: string): Promise<ControlItem[]> {
  const simulation = simulate((stack) => emailing(stack));
  const TableName = simulation.find('Notify/Table', ['AWS::DynamoDB::Table']).provisioned.ref;
  const controls: ControlItem[] = [];
  for (const command of commandsIn(file)) {
    await operate(simulation, 'dynamodb', 'UpdateItem', { TableName, ...command });
    const { Item } = await operate<{ Item: Record<string, any> }>(simulation, 'dynamodb', 'GetItem', {
      TableName, Key: { id: { S: itemKey.control('Email') } }, ConsistentRead: true,
    });
    const plain = Object.entries(Item).map(([name, { S, N, BOOL }]) => [name, N === undefined ? S ?? BOOL : Number(N)]);
    const { control, refused } = controlOf(Object.fromEntries(plain), DEPLOYED);
    expect(refused).toEqual([]);
    controls.push(control);
  }
  return controls;
}

it('each command of the runbook is in force, and the last one takes all back', async () => {
  const slowed: ControlItem = { ratePerSecond: 20, burst: 20 };
  expect(await controlsAfter('src/throttled-fan-out/README.md')).toEqual([
    slowed,
    { ...slowed, paused: true },
    { ...slowed, paused: true, killSwitch: 'OPEN' },
    { ...slowed, paused: true, killSwitch: 'OPEN', dryRun: true },
    {},
  ]);
});

it("the example's command is in force", async () => {
  expect(await controlsAfter(EXAMPLE)).toEqual([{ ratePerSecond: 20 }]);
});

it('a message that is moved from the dead-letter queue is delivered as the same one, as it was published', async () => {
  const deliveries: Delivery[] = [];
  const mended = () => deliveries.length > 1;
  const simulation = simulate((stack) => emailing(stack, { priorities: ['critical', 'normal'] }, { maxAttempts: 1 }), {
    functionOverrides: {
      SendEmail: (delivery) => {
        deliveries.push(delivery);
        if (!mended()) throw new Error('not yet');
      },
    },
  });
  const MessageAttributes = { channel: { DataType: 'String', StringValue: 'email' }, priority: { DataType: 'String', StringValue: 'critical' } };
  const TopicArn = simulation.find('Notify/Topic', ['AWS::SNS::Topic']).provisioned.ref;
  await operate(simulation, 'sns', 'Publish', { TopicArn, Message: 'one', MessageAttributes, MessageGroupId: 'acme' });
  await simulation.run();
  expect(deliveries).toHaveLength(1);

  const arnOf = (queue: string) => simulation.find(queue, ['AWS::SQS::Queue']).provisioned.attributes?.Arn;
  const [SourceArn, DestinationArn] = [arnOf('Notify/Email/DeadLetters'), arnOf('Notify/Email/criticalQueue')];
  await operate(simulation, 'sqs', 'StartMessageMoveTask', { SourceArn, DestinationArn });
  await simulation.run();
  const [before, { publishedAt: _, ...after }] = deliveries;
  expect(before).toMatchObject(after);
  expect(after).toMatchObject({ priority: 'critical', tenant: 'acme', attributes: { channel: 'email', priority: 'critical' } });
  expect(simulation.report().deadLetters).toEqual({});
});
