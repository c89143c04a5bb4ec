import type { SQSMessageAttributes, SQSRecord } from 'aws-lambda';
import type { Acquisition, AcquisitionRequest, LimiterReading, Outcomes } from '../../../lambda-src/throttled-fan-out/limiter/acquisition';
import { type Message, messageOf } from '../../../lambda-src/throttled-fan-out/message';
import { DELIVERED, type DeliveryOutcome } from '../../../lambda-src/throttled-fan-out/outcome';
import type { RateLimiter } from '../../../lambda-src/throttled-fan-out/rate-limiter';
import type { ControlItem } from '../../../src/throttled-fan-out/contract';
import { sleep } from '../shared/timers';

export const NOON = Date.parse('2026-11-20T12:00:00Z');
export const QUEUE_URL = 'https://sqs.eu-central-1.amazonaws.com/111122223333/email-normal';

export function text(stringValue: string): SQSMessageAttributes[string] {
  return { dataType: 'String', stringValue };
}

export function record(id: string, { body = `{"order":"${id}"}`, attributes = {}, sentAt = NOON, group }: {
  body?: string; attributes?: SQSMessageAttributes; sentAt?: number | string; group?: string;
} = {}): SQSRecord {
  return {
    messageId: id,
    receiptHandle: `receipt-of-${id}`,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(sentAt),
      SenderId: 'sns',
      ApproximateFirstReceiveTimestamp: String(sentAt),
      ...(group !== undefined && { MessageGroupId: group }),
    },
    messageAttributes: attributes,
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:111122223333:email-normal',
    awsRegion: 'eu-central-1',
  };
}

export function message(id: string, options: Parameters<typeof record>[1] = {}): Message {
  return messageOf(record(id, options), { fanOut: 'Notify', target: 'Email', priority: 'normal' });
}

/** An error as an AWS client throws it. */
export function awsError(name: string, more: Record<string, unknown> = {}): Error {
  return Object.assign(new Error('it quotes {"secret":1}'), { name, ...more });
}

/** An AWS client that keeps the inputs of its calls and answers as it is told, or throws. */
export class FakeClient {
  readonly inputs: Record<string, any>[] = [];
  readonly options: any[] = [];

  constructor(private readonly answer: (input: Record<string, any>, call: number) => unknown = () => ({})) {}

  as<Client>(): Client {
    return this as unknown as Client;
  }

  async send({ input }: { input: Record<string, any> }, options?: unknown) {
    this.options.push(options);
    const answer = this.answer(input, this.inputs.push(input));
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

/** A limiter that grants all that is wanted at once, unless a test says something else of a call. */
export class FakeLimiter implements RateLimiter {
  readonly requests: AcquisitionRequest[] = [];
  readonly reports: Outcomes[] = [];
  resumed = 0;
  operator: ControlItem = {};
  mostCalls = 0;
  rate = 10;
  private calls = 0;

  constructor(private readonly answer: (request: AcquisitionRequest, call: number) => Acquisition | Error | undefined = () => undefined) {}

  readonly now = () => Date.now();

  resume() {
    this.resumed++;
  }

  async acquire(request: AcquisitionRequest): Promise<Acquisition> {
    const answer = this.answer(request, this.requests.push(request));
    await this.call();
    if (answer instanceof Error) throw answer;
    return answer ?? granted(request.wanted);
  }

  async report(outcomes: Outcomes): Promise<void> {
    this.reports.push(outcomes);
    await this.call();
  }

  private async call() {
    this.mostCalls = Math.max(this.mostCalls, ++this.calls);
    await sleep(5);
    this.calls--;
  }

  reading(): LimiterReading {
    return { ratePerSecond: this.rate, switchOpen: false };
  }

  control(): ControlItem {
    return this.operator;
  }

  /** All outcomes that it has been told. */
  told(): Outcomes[] {
    return [...this.requests.map(({ outcomes }) => outcomes), ...this.reports];
  }
}

/** Slots from now on, one each so many milliseconds. */
export function granted(count: number, { everyMs = 0, inMs = 0, usableForMs = 1_000, probe = false } = {}): Acquisition {
  return { kind: 'GRANTED', slots: Array.from({ length: count }, (_, index) => Date.now() + inMs + index * everyMs), usableForMs, probe };
}

export function wait(ms: number, reason: 'RATE' | 'PAUSED' | 'RETRY_AFTER' = 'RATE'): Acquisition {
  return { kind: 'WAIT', ms, reason };
}

/** A target in memory: what it answers, and how long it takes. */
export class FakeTarget {
  readonly delivered: { readonly id: string; readonly at: number }[] = [];
  underWay = 0;
  mostUnderWay = 0;

  constructor(private readonly answer: (id: string, delivery: number) => DeliveryOutcome = () => DELIVERED, public takesMs = 20) {}

  readonly deliver = async ({ delivery }: Message): Promise<DeliveryOutcome> => {
    const order = this.delivered.push({ id: delivery.id, at: Date.now() - NOON });
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    await sleep(this.takesMs);
    this.underWay--;
    return this.answer(delivery.id, order);
  };

  get ids(): string[] {
    return this.delivered.map(({ id }) => id);
  }
}
