import { cpSync, mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import type { Stack } from 'aws-cdk-lib';
import { ApiDestination, IConnection } from 'aws-cdk-lib/aws-events';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { connection } from './fixtures';
import { assemble, messages, MINUTE, RATE, Scene } from './scene';
import { FanOutTarget, Rate } from '../../src';
import { removeAction } from '../simulate';

const rate = Rate.perSecond(RATE);
const OTHERS: Readonly<Record<string, (stack: Stack, authorized: IConnection) => FanOutTarget>> = {
  Audit: (stack) => FanOutTarget.queue(new Queue(stack, 'AuditQueue')),
  Order: (stack) => FanOutTarget.stateMachine(new StateMachine(stack, 'Orders', { definitionBody: DefinitionBody.fromChainable(new Pass(stack, 'Pass')) })),
  Sms: (_, authorized) => FanOutTarget.http({ url: 'https://sms.example.com', connection: authorized }),
  Partner: (stack, authorized) => FanOutTarget.apiDestination(new ApiDestination(stack, 'Destination', {
    connection: authorized, endpoint: 'https://partner.example.com', rateLimitPerSecond: RATE,
  })),
};

let complete: string;
beforeAll(() => {
  complete = assemble({
    options: { maxAttempts: 2 },
    more: (fanOut, stack) => {
      const authorized = connection(stack);
      for (const [id, target] of Object.entries(OTHERS)) fanOut.addTarget(id, target(stack, authorized), { rate });
    },
  });
});

/** By the role that has the action: `Notify<Target><Part>`. */
const GRANTS: readonly (readonly [construct: string, action: string, whose: string])[] = [
  ['NotifyMailDispatch', 'lambda:InvokeFunction', 'Notify/Mail/DispatchRole'],
  ['NotifyMailDispatch', 'dynamodb:GetItem', 'Notify/Mail/DispatchRole'],
  ['NotifyMailDispatch', 'dynamodb:PutItem', 'Notify/Mail/DispatchRole'],
  ['NotifyMailDispatch', 'dynamodb:UpdateItem', 'Notify/Mail/DispatchRole'],
  ['NotifyMailDispatch', 'sqs:SendMessage', 'Notify/Mail/DispatchRole'],
  ['NotifyMailDispatch', 'sqs:ReceiveMessage', 'Notify/Mail/DispatchRole'],
  ['NotifyMailDispatch', 'sqs:DeleteMessage', 'Notify/Mail/DispatchRole'],
  ['NotifyMailDispatch', 'sqs:GetQueueAttributes', 'Notify/Mail/DispatchRole'],
  ['NotifyMailDispatch', 'sqs:ChangeMessageVisibility', 'Notify/Mail/DispatchRole'],
  ['NotifyAuditDispatch', 'sqs:SendMessage', 'Notify/Audit/DispatchRole'],
  ['NotifyOrderDispatch', 'states:StartExecution', 'Notify/Order/DispatchRole'],
  ['NotifySmsDispatch', 'states:StartSyncExecution', 'Notify/Sms/DispatchRole'],
  ['NotifySmsHttp', 'states:InvokeHTTPEndpoint', 'Notify/Sms/Http/Role'],
  ['NotifySmsHttp', 'events:RetrieveConnectionCredentials', 'Notify/Sms/Http/Role'],
  ['NotifySmsHttp', 'secretsmanager:GetSecretValue', 'Notify/Sms/Http/Role'],
  ['NotifySmsHttp', 'secretsmanager:DescribeSecret', 'Notify/Sms/Http/Role'],
  ['NotifyPartnerDispatch', 'events:PutEvents', 'Notify/Partner/DispatchRole'],
];

it.each(GRANTS)('without its grant %s is denied %s', async (construct, action, whose) => {
  const assembly = mkdtempSync(path.join(tmpdir(), 'denied-'));
  cpSync(complete, assembly, { recursive: true });
  removeAction(assembly, construct, action);
  const { denials } = await reportOf(assembly);
  expect(denials.map((denial) => `${denial.name} ${denial.action}`)).toContain(`${whose} ${action}`);
});

it('with all of them nobody is denied anything', async () => {
  expect((await reportOf(complete)).denials).toEqual([]);
});

/** Two messages, of which one fails, and its targets. */
async function reportOf(assembly: string) {
  const scene = new Scene(assembly, {
    behaviours: {
      SendMail: ({ message }) => {
        if (message === 'normal-1') throw new Error('cannot be read');
      },
    },
  });
  for (const host of ['sms', 'partner']) scene.simulation.http.endpoint(`https://${host}.example.com`, () => ({ status: 200 }));
  scene.publish(messages('normal', 2));
  await scene.pass(2 * MINUTE);
  return scene.simulation.report();
}
