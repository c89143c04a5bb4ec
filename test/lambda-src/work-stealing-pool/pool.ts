import { FakeClient, FakeLog, NOON } from './fakes';
import { Coordinator } from '../../../lambda-src/work-stealing-pool/coordinator';
import { Leader } from '../../../lambda-src/work-stealing-pool/leader';
import { LeaderReport } from '../../../lambda-src/work-stealing-pool/leader-report';
import { type GroupSettings, lookAt } from '../../../lambda-src/work-stealing-pool/look';
import type { RegisteredWorker } from '../../../lambda-src/work-stealing-pool/registered-worker';
import { Runners } from '../../../lambda-src/work-stealing-pool/runners';
import { Wakes } from '../../../lambda-src/work-stealing-pool/wakes';
import type { LeaderItem, StealingSettings } from '../../../src/work-stealing-pool/contract';
import { sleep } from '../shared/timers';

const GROUPS: readonly GroupSettings[] = [
  { name: 'Cpu', queueUrl: 'Cpu', capacity: 4, runnerArn: 'Cpu-runner', typicalSeconds: 2 },
  { name: 'Fleet', queueUrl: 'Fleet', typicalSeconds: 2 },
  { name: 'Gpu', queueUrl: 'Gpu', capacity: 4, runnerArn: 'Gpu-runner', typicalSeconds: 2 },
];

/** A pool in memory, and coordinators in it: its table's leader item, depths and workers are as the test says. Under jest's fake timers. */
export class Pool {
  item: LeaderItem | undefined;
  readonly writes: LeaderItem[] = [];
  readonly waiting: Record<string, number> = {};
  readonly inFlight: Record<string, number> = {};
  readonly workers: Record<string, RegisteredWorker[]> = {};
  readonly retired = new Set<string>();
  readonly log = new FakeLog();
  looks = 0;
  leaderReads = 0;
  /** Called before each write of the leader item. */
  beforeWrite?: (item: LeaderItem) => void;
  /** What is written to CloudWatch, by group. */
  readonly metrics: { readonly group: string; readonly at: number; readonly values: Record<string, number> }[] = [];
  readonly wokenAt: string[] = [];
  lookFails: () => boolean = () => false;
  readFails: () => boolean = () => false;

  /** Another execution environment. */
  coordinator(stealing: StealingSettings | null = { intervalSeconds: 15, minimumGainSeconds: 2 }) {
    const settings = stealing ? { stealing } : {};
    const { log } = this;
    const now = Date.now;
    const registry = {
      leader: async () => {
        this.leaderReads++;
        if (this.readFails()) throw throttled();
        return this.item;
      },
      workers: async (group: string) => this.workers[group] ?? [],
      retired: async () => this.retired,
      succeed: async (seen: LeaderItem | undefined, item: LeaderItem) =>
        this.write(item, () => this.item?.fence === seen?.fence && this.item?.revision === seen?.revision),
      renew: async (item: LeaderItem) => this.write(item, () => this.item?.fence === item.fence && this.item.revision <= item.revision),
    };
    const sqs = new FakeClient(({ QueueUrl }) => ({
      Attributes: {
        ApproximateNumberOfMessages: String(this.waiting[QueueUrl] ?? 0), ApproximateNumberOfMessagesNotVisible: String(this.inFlight[QueueUrl] ?? 0),
      },
    }));
    const lookOnce = lookAt({ groups: GROUPS, registry, sqs: sqs.as(), now });
    const look = async () => {
      this.looks++;
      if (this.lookFails()) throw throttled();
      return lookOnce();
    };
    const lambda = new FakeClient(({ FunctionName }) => {
      this.wokenAt.push(`${FunctionName} ${this.seconds()}`);
      return {};
    });
    const runners = new Runners(new Wakes({ lambda: lambda.as(), now, notAgainMs: 5_000, log }), now);
    const leader = new Leader({ settings, look, registry, runners, report: new LeaderReport(this.cloudWatch() as never, now), log, now, sleep });
    const coordinator = new Coordinator({ look, registry, leader, log, now, sleep });
    return {
      run: (name: string, { routed = false, forMs = 120_000 } = {}) => {
        const over = Date.now() + forMs;
        return coordinator.run({ name, routed, remainingMs: () => over - Date.now() });
      },
    };
  }

  run(name: string, options?: { routed?: boolean; forMs?: number }) {
    return this.coordinator().run(name, options);
  }

  /** Seconds since noon. */
  seconds(): number {
    return (Date.now() - NOON) / 1000;
  }

  private async write(item: LeaderItem, condition: () => boolean): Promise<boolean> {
    this.beforeWrite?.(item);
    if (!condition()) return false;
    this.item = structuredClone(item);
    this.writes.push(this.item);
    return true;
  }

  private cloudWatch() {
    let group = '';
    let values: Record<string, number> = {};
    return {
      addDimension: (_: string, value: string) => void (group = value),
      addMetric: (name: string, _: string, value: number) => void (values[name] = value),
      publishStoredMetrics: () => {
        this.metrics.push({ group, at: this.seconds(), values });
        values = {};
      },
    };
  }
}

function throttled(): Error {
  return Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
}

export function worker(name: string, more: Partial<RegisteredWorker> = {}): RegisteredWorker {
  return {
    worker: name, isRunner: name === 'runner', fence: 1, until: NOON + 3_600_000, accepting: true, capacity: 4, running: 0, idle: false, dry: {}, expiresAt: 0, ...more,
  };
}
