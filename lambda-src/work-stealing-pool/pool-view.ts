import { isLed } from './leadership';
import type { Registry } from './registry';
import type { RoutableGroup } from './routing/routable-group';
import { SentSince } from './routing/sent-since';
import type { LeaderItem, QueuedTask, RouterSettings } from '../../src/work-stealing-pool/contract';

/** What an operator writes holds a second later at the latest; the leader looks no more often than that. */
const FRESH_MS = 1_000;

type GroupSettings = RouterSettings['groups'][number];

interface PoolState {
  readonly leader: LeaderItem | undefined;
  readonly retired: ReadonlySet<string>;
}

export interface PoolViewProps {
  readonly groups: readonly GroupSettings[];
  readonly registry: Pick<Registry, 'leaderAndRetired'>;
  readonly now: () => number;
}

/** The groups as the leader has published them, and what this environment has sent to them since. */
export class PoolView {
  private readonly sentSince = new SentSince();
  private last: (PoolState & { readonly at: number }) | undefined;

  constructor(private readonly props: PoolViewProps) {}

  /** @throws when it cannot be read: perhaps a group is retired */
  async read(): Promise<void> {
    const { groups, registry, now } = this.props;
    const at = now();
    if (this.last && at - this.last.at < FRESH_MS && at >= this.last.at) return;
    const state = await registry.leaderAndRetired(groups.map(({ name }) => name));
    this.last = { ...state, at };
    // What was sent stays in mind until there is a leader that has looked since: it is woken by what is sent.
    if (state.leader) this.sentSince.read(state.leader.revision);
  }

  groups(): RoutableGroup[] {
    const { groups, now } = this.props;
    const led = isLed(this.last?.leader, now());
    return groups.map(({ name, weight, capacity: places }) => {
      const load = this.last?.leader?.load[name];
      // A leader that has gone tells nothing of who lives now: how many there were is better than nobody.
      const capacity = places ?? (led ? load?.capacity : load?.capacity || undefined) ?? weight;
      const published = led ? load?.backlogSeconds ?? 0 : 0;
      return {
        name,
        weight,
        capacity,
        backlogSeconds: published + this.sentSince.backlogSeconds(name, capacity),
        retired: this.last?.retired.has(name) ?? false,
      };
    });
  }

  sent(group: GroupSettings, { estimatedSeconds }: Pick<QueuedTask, 'estimatedSeconds'>): void {
    this.sentSince.sent(group.name, estimatedSeconds ?? this.last?.leader?.load[group.name]?.meanSeconds ?? group.typicalSeconds);
  }
}
