import { groupView } from './group-view';
import type { LeaderReport } from './leader-report';
import { LEADER_LEASE_MS, Leadership } from './leadership';
import type { Log } from './log';
import { type GroupState, hasWork, type Look, runningOf } from './look';
import { NO_HISTORY, plan } from './planning/plan';
import type { Registry } from './registry';
import type { Runners } from './runners';
import type { CoordinatorSettings, Grant, LeaderItem } from '../../src/work-stealing-pool/contract';

/** So many looks in a plan's time: the first steals are not to wait for long. */
const LOOKS_A_PLAN = 5;
const LOOKS_MS = { SHORTEST: 1_000, LONGEST: 3_000 };
/** Depths may be late, and workers tell what they do with their heartbeats: looks that find nothing say little before they have for so long. */
const QUIET_MS = 20_000;
/** A leader that must go does so while it can still say it. */
export const RESERVE_MS = 10_000;
/** DynamoDB bills an item's size with each write. The next look has grants for those that get none now. */
const MOST_GRANTS = 200;

/** One invocation. */
export interface Turn {
  /** Unlike any other's. */
  readonly name: string;
  readonly remainingMs: () => number;
}

export interface LeaderSurroundings {
  readonly settings: Pick<CoordinatorSettings, 'stealing'>;
  readonly look: Look;
  readonly registry: Pick<Registry, 'succeed' | 'renew'>;
  readonly runners: Runners;
  readonly report: LeaderReport;
  readonly log: Log;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Looks at the pool and plans, again and again, until the pool is quiet, the invocation's time is over, or another one leads. */
export class Leader {
  private readonly betweenLooksMs: number;

  constructor(private readonly surroundings: LeaderSurroundings) {
    const { stealing } = surroundings.settings;
    const ms = (stealing?.intervalSeconds ?? Infinity) * 1000 / LOOKS_A_PLAN;
    this.betweenLooksMs = Math.min(LOOKS_MS.LONGEST, Math.max(LOOKS_MS.SHORTEST, ms));
  }

  /**
   * @param seen the item of the last leader, whose time is over
   * @throws when nothing has succeeded for as long as a lease lasts
   */
  async lead({ name, remainingMs }: Turn, seen: LeaderItem | undefined): Promise<void> {
    const { registry, report, log, now } = this.surroundings;
    const leadership = new Leadership(registry, name, seen, now);
    try {
      await this.lookAndPlan(leadership, remainingMs);
    } finally {
      report.tell(true);
      await leadership.release().catch((error: unknown) => log.warn('the lead could not be given back; it lapses', { error: (error as Error).name }));
    }
  }

  private async lookAndPlan(leadership: Leadership, remainingMs: () => number): Promise<void> {
    const { report, log, look, now, sleep } = this.surroundings;
    let quietSince: number | undefined;
    let succeededAt = now();
    while (remainingMs() >= RESERVE_MS) {
      try {
        const groups = await look();
        if (!await this.act(leadership, groups)) return;
        succeededAt = now();
        quietSince = hasWork(groups) ? undefined : quietSince ?? succeededAt;
        if (quietSince !== undefined && succeededAt - quietSince >= QUIET_MS) return;
        report.tell();
      } catch (error) {
        if (now() - succeededAt >= LEADER_LEASE_MS) throw error;
        log.warn('the pool could not be looked at or planned; the last plan holds on', { error: (error as Error).name });
      }
      await sleep(this.betweenLooksMs);
    }
  }

  /** Answers false when another one leads. */
  private async act(leadership: Leadership, groups: readonly GroupState[]): Promise<boolean> {
    const { settings: { stealing }, runners, log, now } = this.surroundings;
    const at = now();
    const { load: before = {}, history = NO_HISTORY, fence } = leadership.last ?? {};
    const names = groups.map(({ settings: { name } }) => name);
    const views = groups.map((group) => groupView(group, names, before[group.settings.name]));
    const { grants: all, ...planned } = plan({ now: at, groups: views, stealing, history });
    const grants = all.slice(0, MOST_GRANTS);
    if (!await leadership.publish({ ...planned, grants, grantsUntil: at + (stealing?.intervalSeconds ?? 0) * 1000 })) {
      log.info('another one leads', {});
      return false;
    }
    if (leadership.last?.fence !== fence) log.info('leads', { fence: leadership.last?.fence });
    await runners.wake(groups, grants);
    for (const group of groups) this.report(group, planned.load[group.settings.name]!.backlogSeconds, grants);
    return true;
  }

  private report(group: GroupState, backlogSeconds: number, grants: readonly Grant[]): void {
    const { report, runners } = this.surroundings;
    const { name } = group.settings;
    const stealGain = grants.filter(({ thief }) => thief === name).reduce((sum, { gainSeconds }) => sum + gainSeconds, 0);
    report.add(name, { backlogSeconds, running: runningOf(group.living), stealGain, dead: runners.isDead(group) });
  }
}
