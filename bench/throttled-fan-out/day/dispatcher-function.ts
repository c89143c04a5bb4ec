import { MESSAGES_PER_CALL } from './event-source';
import type { Hops } from './hops';
import type { LimiterTable } from './limiter-table';
import type { MessageQueue } from './message-queue';
import type { VirtualTime } from './virtual-time';
import { OperatorControl } from '../../../lambda-src/throttled-fan-out/control';
import { type ComingBack, secondsAway } from '../../../lambda-src/throttled-fan-out/deferral';
import { Dispatcher } from '../../../lambda-src/throttled-fan-out/dispatcher';
import type { Message } from '../../../lambda-src/throttled-fan-out/message';
import type { DeliveryOutcome } from '../../../lambda-src/throttled-fan-out/outcome';
import { SharedLimiter } from '../../../lambda-src/throttled-fan-out/shared-limiter';
import type { Random } from '../../../simulator/src';
import type { Meter } from '../../../simulator/src/kernel/meter';
import type { DispatcherSettings } from '../../../src/throttled-fan-out/contract';

/** As the simulator has it. */
const IDLE_MS = 10 * 60_000;
const CPU_MS = [1, 5] as const;
/** What Amazon's time service leaves, and more. */
const CLOCK_SKEW_MS = 50;
const SINCE_1970 = Date.UTC(2026, 0, 1);

export interface FunctionSurroundings {
  readonly settings: DispatcherSettings;
  readonly memoryMb: number;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly hops: Hops;
  readonly meter: Meter;
  readonly table: LimiterTable;
  /** By priority. */
  readonly queues: readonly MessageQueue[];
  readonly deliver: (message: Message) => Promise<DeliveryOutcome>;
}

interface Environment {
  readonly dispatcher: Dispatcher;
  idleSince: number;
}

/** The shipped dispatcher with the shipped limiter, in environments that come and go, among clocks and services of this study. */
export class DispatcherFunction {
  private readonly idle: Environment[] = [];

  constructor(private readonly surroundings: FunctionSurroundings) {}

  /** One invocation with messages of one priority. */
  async invoke(rank: number, sent: readonly number[]): Promise<{ readonly kept: number }> {
    const { settings, memoryMb, time, hops, meter, queues } = this.surroundings;
    const warm = this.warm();
    const environment = warm ?? this.environment();
    const startedAt = time.now;
    if (!warm) await time.sleep(hops.init());
    await time.sleep(hops.between(...CPU_MS));
    const { comingBack } = await environment.dispatcher.dispatch({
      messages: sent.map(messageOf),
      invalid: [],
      rank,
      priority: settings.priorities[rank],
      deferral: { comeBack: (messages) => this.comeBack(messages, queues[rank]) },
      budgetMs: settings.invocationBudgetMs,
    });
    environment.idleSince = time.now;
    this.idle.push(environment);
    meter.add('lambda.requests');
    meter.add('lambda.gbSeconds', Math.ceil(time.now - startedAt) / 1000 * memoryMb / 1024);
    return { kept: comingBack.length };
  }

  private warm(): Environment | undefined {
    const last = this.idle.pop();
    if (last && this.surroundings.time.now - last.idleSince > IDLE_MS) {
      this.idle.length = 0;
      return undefined;
    }
    return last;
  }

  private environment(): Environment {
    const { settings, time, random, table, deliver } = this.surroundings;
    const skewMs = (random.next() * 2 - 1) * CLOCK_SKEW_MS;
    const began = random.next() * 1e6;
    const now = () => Math.floor(SINCE_1970 + time.now + skewMs);
    const { read: control } = new OperatorControl({ documents: table.documents, tableName: 'table', settings, now, warn: unexpected });
    const limiter = new SharedLimiter({ settings, control, documents: table.documents, tableName: 'table' }, {
      store: table,
      time: { monotonic: () => time.now + began, wall: now },
      random: () => random.next(),
      sleep: time.sleep,
    });
    const dispatcher = new Dispatcher({
      settings, limiter, deliver, sleep: time.sleep, now,
      attempts: { failed: unexpected },
      giveUp: { keep: unexpected },
      log: { warn: unexpected, error: unexpected },
    });
    return { dispatcher, idleSince: 0 };
  }

  private async comeBack(messages: readonly ComingBack[], queue: MessageQueue): Promise<void> {
    const { time, hops, meter, random } = this.surroundings;
    const calls = Math.ceil(messages.length / MESSAGES_PER_CALL);
    meter.add('sqs.requests', calls);
    meter.add('deferred', messages.length);
    await time.sleep(hops.sqs());
    for (const { record: { messageId }, inMs } of messages) {
      const sentAt = Number(messageId);
      queue.comeBack(sentAt, time.now + 1000 * secondsAway(inMs, time.now - sentAt, random.next()));
    }
  }
}

/** The dispatcher looks at when a message was sent, and at its ids only to say which come back. */
function messageOf(sentAt: number): Message {
  return { record: { messageId: sentAt }, sentAt: SINCE_1970 + sentAt } as unknown as Message;
}

function unexpected(...what: unknown[]): never {
  throw new Error(`nothing fails in this study, and yet: ${JSON.stringify(what)}`);
}
