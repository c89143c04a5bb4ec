import { workerGroup } from './books';
import { type Group, POOL } from './environment';
import type { PoolFaults } from './faults';
import { itemOf, observe, type Observed } from './observe';
import { SECOND } from './workload';
import type { DynamoDbService, Simulation } from '../../../simulator/src';
import type { LeaderItem, WorkerItem } from '../../../src/work-stealing-pool/contract';

/** Two of them may differ by so much. */
const CLOCKS_MS = 2 * SECOND;
/** What a takeover waits for beyond the lease; clocks may have eaten all but this. */
const LATE_MS = 2 * SECOND - CLOCKS_MS;
/** From the look at its clock until the service has the request: a way with throttling, several times slow, and a clock that is wrong. */
const ON_ITS_WAY_MS = { steady: 1.5 * SECOND, unsteady: 15 * SECOND };

/** A plan as a worker has read it, and what it may still take. */
interface Read {
  readonly fence: number;
  readonly revision: number;
  readonly until: number;
  readonly left: Map<Group, number>;
}

/** Who led and who ran when, what was planned, and who took what on which plan. */
export class Plans {
  readonly outrages: string[] = [];
  /** Takings of a role whose holder had not given it back, by group. */
  readonly takeovers: { readonly at: number; readonly group: Group }[] = [];
  readonly steals: { readonly at: number; readonly thief: Group; readonly victim: Group; readonly tasks: number }[] = [];
  leader: LeaderItem | undefined;
  /** Counts the holders of each group's role. */
  private readonly roles = new Map<Group, number>();
  private readonly read = new Map<string, Read[]>();

  constructor(
    private readonly simulation: Simulation, groupOf: (queueUrl: string) => Group | undefined, private readonly faults: PoolFaults,
    private readonly steady: boolean,
  ) {
    const table = simulation.find(`${POOL}/Table`, ['AWS::DynamoDB::Table']).provisioned.ref;
    simulation.world.service<DynamoDbService>('dynamodb').onChange(table, ({ oldImage, newImage }) => {
      const id = (newImage ?? oldImage)!.id!.S!;
      if (id === 'leader') this.led(oldImage && itemOf(oldImage), itemOf(newImage!));
      if (newImage?.entry!.S === 'runner') this.ran(id.slice('group#'.length) as Group, oldImage && itemOf(oldImage), itemOf(newImage));
    });
    observe(simulation, 'dynamodb', 'GetItem', {
      after: ({ input, answer, caller }) => {
        const group = workerGroup(caller);
        if (group !== undefined && input.Key.id.S === 'leader' && answer.Item) this.reads(group, caller, itemOf(answer.Item));
      },
    });
    observe(simulation, 'sqs', 'ReceiveMessage', {
      after: (call) => {
        const [thief, victim] = [workerGroup(call.caller), groupOf(call.input.QueueUrl)];
        if (thief !== undefined && victim !== undefined && thief !== victim) this.stole(thief, victim, call);
      },
    });
  }

  /** One leader after the other, each of which writes only as long as it is the newest. */
  private led(before: LeaderItem | undefined, item: LeaderItem) {
    this.leader = item;
    const { now } = this.simulation.world.kernel;
    if (!before) return this.expect(item.fence === 1 && item.revision === 1, () => `the first leader has fence ${item.fence} and revision ${item.revision}`);
    const step = `from fence ${before.fence} and revision ${before.revision} of ${before.leader} to ${item.fence} and ${item.revision} of ${item.leader}`;
    if (item.fence === before.fence) {
      this.expect(item.leader === before.leader, () => `two lead with one fence: ${step}`);
      // Who goes says so without a new plan, and who did not hear an answer writes the same once more.
      const isSame = item.revision === before.revision && (item.until === 0 || item.until === before.until);
      this.expect(isSame || item.revision > before.revision, () => `a plan was taken back: ${step}`);
      return;
    }
    this.expect(item.fence === before.fence + 1 && item.revision === before.revision + 1, () => `the lead did not pass to the next: ${step}`);
    this.expect(before.until === 0 || now >= before.until + LATE_MS - CLOCKS_MS / 2, () => `the lead was taken ${Math.round(before.until - now)} ms before its end: ${step}`);
  }

  private ran(group: Group, before: WorkerItem | undefined, item: WorkerItem) {
    this.roles.set(group, item.fence);
    const { now } = this.simulation.world.kernel;
    if (!before || item.fence === before.fence) return;
    this.expect(item.fence > before.fence, () => `the runner of ${group} had fence ${before.fence}, and has ${item.fence}`);
    if (before.until === 0) return;
    this.takeovers.push({ at: now, group });
    this.expect(now >= before.until + LATE_MS - CLOCKS_MS / 2, () => `the role of the runner of ${group} was taken ${Math.round(before.until - now)} ms before its end`);
  }

  /** Only what is newer counts: a read may show again what was there before. It counts too for who did not hear the answer to a newer one. */
  private reads(group: Group, caller: string, { fence, revision, grants, grantsUntil }: LeaderItem) {
    const reader = this.readerOf(group, caller);
    const reads = this.read.get(reader) ?? [];
    if (reads.some((read) => read.fence === fence && read.revision === revision)) return;
    const left = new Map<Group, number>();
    for (const { thief, worker, victim, tasks } of grants) {
      if (thief === group && (worker === undefined || caller === worker)) left.set(victim as Group, tasks);
    }
    const newestFirst = [{ fence, revision, until: grantsUntil, left }, ...reads]
      .sort((one, other) => other.fence - one.fence || other.revision - one.revision);
    this.read.set(reader, newestFirst.slice(0, 8));
  }

  /** A thief has been granted what it takes, in the newest plan that it has read; or in one before, if its answers got lost. */
  private stole(thief: Group, victim: Group, { caller, answer, from, at }: Observed) {
    const tasks: number = answer.Messages?.length ?? 0;
    if (tasks > 0) this.steals.push({ at, thief, victim, tasks });
    const reads = this.read.get(this.readerOf(thief, caller)) ?? [];
    const unheard = this.faults.troubles.some(({ who, kind }) => who === caller && (kind === 'error-after' || kind.startsWith('crash')));
    const valid = (unheard ? reads : reads.slice(0, 1))
      .filter(({ until, left }) => left.has(victim) && until > from - ON_ITS_WAY_MS[this.steady ? 'steady' : 'unsteady']);
    const open = valid.find(({ left }) => left.get(victim)! >= tasks);
    this.expect(open !== undefined || (unheard && valid.length > 0), () => {
      const last = reads[0];
      return `${caller} took ${tasks} tasks of ${victim} at ${at} and was granted ${last?.left.get(victim) ?? 'none'} until ${last?.until ?? 'never'}`;
    });
    open?.left.set(victim, open.left.get(victim)! - tasks);
  }

  /** Whoever gets a role counts anew. */
  private readerOf(group: Group, caller: string): string {
    return `${caller}#${this.roles.get(group) ?? 0}`;
  }

  private expect(holds: boolean, sentence: () => string) {
    if (!holds) this.outrages.push(sentence());
  }
}
