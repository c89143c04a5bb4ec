import type { SQSRecord } from 'aws-lambda';
import type { Log } from '../../../lambda-src/work-stealing-pool/log';
import { NO_HISTORY } from '../../../lambda-src/work-stealing-pool/planning/plan';
import type { GroupLoad, LeaderItem, Task } from '../../../src/work-stealing-pool/contract';

export const NOON = Date.parse('2026-11-20T12:00:00Z');
export const TABLE = 'pool';

export function record(messageId: string, body: string | Partial<Task>, { group }: { readonly group?: string } = {}): SQSRecord {
  return {
    messageId,
    receiptHandle: `receipt-of-${messageId}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(NOON),
      SenderId: 'app',
      ApproximateFirstReceiveTimestamp: String(NOON),
      ...(group !== undefined && { MessageGroupId: group }),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:111122223333:submit',
    awsRegion: 'eu-central-1',
  };
}

/** An error as an AWS client throws it. */
export function awsError(name: string): Error {
  return Object.assign(new Error('it quotes {"secret":1}'), { name });
}

/** An AWS client that keeps the inputs of its calls and answers as it is told, or throws. */
export class FakeClient {
  readonly inputs: Record<string, any>[] = [];

  constructor(private readonly answer: (input: Record<string, any>, call: number) => unknown = () => ({})) {}

  as<Client>(): Client {
    return this as unknown as Client;
  }

  async send({ input }: { input: Record<string, any> }) {
    const answer = this.answer(input, this.inputs.push(structuredClone(input)));
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

export class FakeLog implements Log {
  readonly lines: { readonly level: 'info' | 'warn' | 'error'; readonly message: string; readonly details: Record<string, unknown> }[] = [];

  readonly info = (message: string, details: Record<string, unknown>) => void this.lines.push({ level: 'info', message, details });
  readonly warn = (message: string, details: Record<string, unknown>) => void this.lines.push({ level: 'warn', message, details });
  readonly error = (message: string, details: Record<string, unknown>) => void this.lines.push({ level: 'error', message, details });

  of(level: 'warn' | 'error'): Record<string, unknown>[] {
    return this.lines.filter((line) => line.level === level).map(({ details }) => details);
  }
}

/** A client of queues that takes all, and may refuse some entries. */
export function queues(refuse: (queueUrl: string, body: string) => boolean = () => false): FakeClient {
  return new FakeClient(({ QueueUrl, Entries }) => {
    const failed = Entries.filter(({ MessageBody }: any) => refuse(QueueUrl, MessageBody));
    return {
      Successful: Entries.filter((entry: any) => !failed.includes(entry)).map(({ Id }: any) => ({ Id })),
      Failed: failed.map(({ Id }: any) => ({ Id, Code: 'InternalError' })),
    };
  });
}

export function load(more: Partial<GroupLoad> = {}): GroupLoad {
  return { waiting: 0, running: 0, capacity: 4, meanSeconds: 2, backlogSeconds: 0, ...more };
}

export function leaderItem(more: Partial<LeaderItem> = {}): LeaderItem {
  return {
    leader: 'one', fence: 3, until: NOON + 10_000, revision: 7, grants: [], grantsUntil: NOON + 15_000, load: {},
    history: NO_HISTORY, ...more,
  };
}
