import { App, Stack } from 'aws-cdk-lib';
import { compileTemplate } from '../../simulator/src/services/pipes/input-template';
import type { OutboxEnvelope } from '../../src/transactional-outbox/contract';
import { envelopeTemplate } from '../../src/transactional-outbox/pipe/envelope-template';

const ROW = {
  pk: 'order#17',
  sk: '000000000003',
  eventId: '01J',
  type: 'OrderPlaced',
  payload: '{"total": 1.10, "note": "\\"hi\\"\\n☃"}',
  payloadRef: '',
  occurredAt: '2026-03-01T10:00:00.000Z',
  traceParent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
};

it('makes the envelope of a row, with its payload byte for byte', () => {
  expect(envelopeOf(ROW)).toEqual({
    specversion: '1.0',
    id: '01J',
    source: 'shop.orders',
    type: 'OrderPlaced',
    subject: 'order#17',
    time: '2026-03-01T10:00:00.000Z',
    sequence: '000000000003',
    partitionkey: 'order#17',
    traceparent: ROW.traceParent,
    dataref: '',
    datacontenttype: 'text/plain',
    data: ROW.payload,
  });
});

it('has the fields in the order in which every path of an event writes them', () => {
  expect(Object.keys(envelopeOf(ROW))).toEqual([
    'specversion', 'id', 'source', 'type', 'subject', 'time', 'sequence', 'partitionkey', 'traceparent', 'dataref', 'datacontenttype', 'data',
  ]);
});

it('has empty texts for what a row of another language left out', () => {
  const { pk, sk, eventId, type, payload, occurredAt } = ROW;
  expect(envelopeOf({ pk, sk, eventId, type, payload, occurredAt })).toMatchObject({ traceparent: '', dataref: '' });
});

it('refers to the payload where it is too large', () => {
  expect(envelopeOf({ ...ROW, payload: '', payloadRef: 's3://bucket/payloads/1' })).toMatchObject({ data: '', dataref: 's3://bucket/payloads/1' });
});

it('is shorter than a pipe allows, also with the longest source', () => {
  // https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_PipeTargetParameters.html
  expect(envelopeTemplate('s'.repeat(256)).length).toBeLessThan(8_192);
});

it('leaves a source that is known at deployment only to CloudFormation', () => {
  const stack = new Stack(new App(), 'Test');
  expect(JSON.stringify(stack.resolve(envelopeTemplate(`shop.${stack.region}`)))).toContain('\\"source\\":\\"shop.",{"Ref":"AWS::Region"},"\\"');
});

function envelopeOf(row: Record<string, string>): OutboxEnvelope {
  const NewImage = Object.fromEntries(Object.entries(row).map(([name, S]) => [name, { S }]));
  const event: any = { eventName: 'INSERT', dynamodb: { NewImage } };
  const pipe = { arn: 'arn', name: 'pipe', sourceArn: 'arn', targetArn: 'arn' };
  return JSON.parse(compileTemplate(envelopeTemplate('shop.orders'), true)({ raw: event, view: event } as any, pipe as any, '2026-03-01T10:00:01Z'));
}
