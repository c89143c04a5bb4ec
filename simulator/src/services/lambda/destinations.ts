import type { AsyncEvent } from './async-invocations';
import type { LambdaFunction } from './function';
import type { Caller, World } from '../../service';
import type { InvocationEnd } from './runtime/environment';

export type DestinationCondition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';

/** SQS, EventBridge and asynchronous Lambda take 1 MB since January 2026. */
const LARGEST_RECORD = 1_048_576;
/** AWS tells that it retries deliveries, not how: as with throttled events, from 1 s up to 5 minutes apart. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 300_000;
const DELIVERY_ATTEMPTS = 10;

/** What happens to the outcome of an asynchronous invocation. */
export class Destinations {
  constructor(private readonly world: World) {}

  /** Sends an invocation record. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
  async deliver(queued: AsyncEvent, destination: string, condition: DestinationCondition, end: InvocationEnd | undefined) {
    let record = JSON.stringify(this.invocationRecord(queued, condition, end, true));
    if (Buffer.byteLength(record) > LARGEST_RECORD && condition !== 'Success') {
      // A failure is still reported when its payloads are too large: without them.
      record = JSON.stringify(this.invocationRecord(queued, condition, end, false));
    }
    const service = destination.split(':')[2];
    const owner = queued.target.function;
    await this.send(owner, 'DestinationDeliveryFailures', destination, record, async (caller) => {
      switch (service) {
        case 'events': {
          const outcome = condition === 'Success' ? 'Success' : 'Failure';
          const result = await this.world.call({
            service,
            operation: 'PutEvents',
            caller,
            input: {
              Entries: [{
                Source: 'lambda',
                DetailType: `Lambda Function Invocation Result - ${outcome}`,
                Detail: record,
                EventBusName: destination,
                Resources: [destination, `${owner.configuration.arn}:${queued.target.version}`],
              }],
            },
          });
          return result.FailedEntryCount === 0;
        }
        case 'sqs':
          await this.world.call({ service, operation: 'SendMessage', caller, input: { QueueUrl: queueUrl(destination), MessageBody: record } });
          return true;
        case 'sns':
          await this.world.call({ service, operation: 'Publish', caller, input: { TopicArn: destination, Message: record } });
          return true;
        default:
          await this.world.call({ service, operation: 'Invoke', caller, input: { FunctionName: destination, InvocationType: 'Event', Payload: record } });
          return true;
      }
    });
  }

  /** Sends the event itself, with the error in attributes. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq */
  async deadLetter(queued: AsyncEvent, target: string, end: InvocationEnd | undefined) {
    const owner = queued.target.function;
    const attribute = (value: string) => ({ DataType: 'String', StringValue: value });
    const message = end ? JSON.parse(end.payload).errorMessage : undefined;
    const MessageAttributes = {
      RequestID: attribute(queued.requestId),
      ErrorCode: { DataType: 'Number', StringValue: end ? '200' : '429' },
      // The first 1 KB of the message.
      ...(message ? { ErrorMessage: attribute(String(message).slice(0, 1024)) } : {}),
    };
    await this.send(owner, 'DeadLetterErrors', target, queued.event, async (caller) => {
      await this.world.call(target.split(':')[2] === 'sns'
        ? { service: 'sns', operation: 'Publish', caller, input: { TopicArn: target, Message: queued.event, MessageAttributes } }
        : { service: 'sqs', operation: 'SendMessage', caller, input: { QueueUrl: queueUrl(target), MessageBody: queued.event, MessageAttributes } });
      return true;
    });
  }

  private async send(owner: LambdaFunction, failureMetric: string, destination: string, body: string, call: (caller: Caller) => Promise<boolean>) {
    const { readableName, role } = owner.configuration;
    const caller: Caller = { principal: { kind: 'role', arn: role }, name: readableName };
    let problem = Buffer.byteLength(body) > LARGEST_RECORD ? `the record is larger than ${LARGEST_RECORD} bytes` : undefined;
    for (let attempt = 0; problem === undefined; attempt++) {
      try {
        if (await call(caller)) return;
      } catch (error: any) {
        if (error?.$fault === undefined) throw error;
        if (!error.retryable) problem = `${error.name}: ${error.message}`;
      }
      if (attempt + 1 >= DELIVERY_ATTEMPTS) problem ??= `refused ${DELIVERY_ATTEMPTS} times`;
      if (problem === undefined) await this.world.kernel.sleep(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt));
    }
    owner.metrics.record(failureMetric, 1);
    this.world.trace.record({ at: this.world.kernel.now, subject: readableName, event: 'lambda.destinationFailed', detail: { destination, problem } });
  }

  private invocationRecord(queued: AsyncEvent, condition: DestinationCondition, end: InvocationEnd | undefined, payloads: boolean) {
    const { target } = queued;
    return {
      version: '1.0',
      timestamp: new Date(this.world.kernel.now).toISOString(),
      requestContext: {
        requestId: queued.requestId,
        functionArn: `${target.function.configuration.arn}:${target.qualifier ?? '$LATEST'}`,
        condition,
        approximateInvokeCount: queued.invocations,
      },
      ...(payloads ? { requestPayload: JSON.parse(queued.event) } : {}),
      ...(end ? {
        responseContext: {
          statusCode: 200,
          executedVersion: target.version,
          ...(end.status === 'success' ? {} : { functionError: 'Unhandled' }),
        },
        ...(payloads ? { responsePayload: JSON.parse(end.payload) } : {}),
      } : {}),
    };
  }
}

/** `arn:aws:sqs:region:account:name` → the queue's URL. */
export function queueUrl(queueArn: string): string {
  const [, , , region, account, name] = queueArn.split(':');
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}
