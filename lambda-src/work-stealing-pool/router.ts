import type { SQSRecord } from 'aws-lambda';
import { affinityKey } from './affinity-key';
import { isLed } from './leadership';
import type { Log } from './log';
import type { PoolView } from './pool-view';
import type { QueueSender } from './queue-sender';
import { takesTasks } from './registered-worker';
import type { Registry } from './registry';
import { route } from './routing/route';
import { type Submitted, submitted } from './submitted';
import { ROUTED, type Wakes } from './wakes';
import type { RouterSettings } from '../../src/work-stealing-pool/contract';

type GroupSettings = RouterSettings['groups'][number];
type HomedTask = Parameters<QueueSender['sendTasks']>[1][number];

export interface RouterSurroundings {
  readonly settings: RouterSettings;
  readonly view: PoolView;
  readonly registry: Pick<Registry, 'leaderAndRunners'>;
  readonly queues: QueueSender;
  readonly wakes: Wakes;
  readonly log: Log;
  readonly now: () => number;
  readonly random: () => number;
}

export interface Routed {
  /** They are submitted again by their queue. */
  readonly comingBack: readonly string[];
  /** Tasks that are in a group's queue now. */
  readonly tasks: number;
  /** What was no task, and is in the dead-letter queue now. */
  readonly invalid: number;
}

/** Gives each submitted task to a group. */
export class Router {
  constructor(private readonly surroundings: RouterSurroundings) {}

  /** @throws when the pool's state cannot be read; nothing is sent then */
  async route(records: readonly SQSRecord[]): Promise<Routed> {
    const { settings, view, queues, log } = this.surroundings;
    await view.read();
    const { tasks, refused } = submitted(records, settings.groups.map(({ name }) => name));
    for (const { record, reason } of refused) log.error('a submitted message is no task', { messageId: record.messageId, reason });
    const givenUp = queues.giveUp(settings.deadLetterQueueUrl, refused);
    const sent = await Promise.all([...this.byGroup(tasks)].map(async ([group, itsTasks]) => ({
      group,
      records: await queues.sendTasks(group.queueUrl, itsTasks),
    })));
    await this.wake(sent.filter((each) => each.records.length > 0).map(({ group }) => group));
    const routed = sent.flatMap((each) => each.records);
    const handled = new Set([...routed, ...await givenUp]);
    return {
      comingBack: records.filter((record) => !handled.has(record)).map(({ messageId }) => messageId),
      tasks: routed.length,
      invalid: handled.size - routed.length,
    };
  }

  private byGroup(tasks: readonly Submitted[]): Map<GroupSettings, HomedTask[]> {
    const { settings, view, log, random } = this.surroundings;
    const byGroup = new Map<GroupSettings, HomedTask[]>();
    let homeless = 0;
    for (const { record, task } of tasks) {
      const home = route({ key: affinityKey(task.payload, settings.routing), groups: task.groups }, view.groups(), settings.routing, random);
      const group = settings.groups.find(({ name }) => name === home);
      if (!group) {
        homeless++;
        continue;
      }
      view.sent(group, task);
      byGroup.set(group, [...byGroup.get(group) ?? [], { record, task: { ...task, home: group.name } }]);
    }
    if (homeless > 0) log.warn('all groups that may get these tasks are retired; they come again', { tasks: homeless });
    return byGroup;
  }

  /** After the tasks are sent: a runner that ends gives its role back and looks at its queue once more, so that one of the two sees the other. */
  private async wake(groups: readonly GroupSettings[]): Promise<void> {
    if (groups.length === 0) return;
    const { settings, wakes } = this.surroundings;
    const { leads, awake } = await this.awake(groups);
    await Promise.all([
      ...groups.map(async ({ name, runnerArn }) => { if (runnerArn !== undefined && !awake.has(name)) await wakes.wake(runnerArn); }),
      ...(leads ? [] : [wakes.wake(settings.coordinatorArn, ROUTED)]),
    ]);
  }

  private async awake(groups: readonly GroupSettings[]): Promise<{ readonly leads: boolean; readonly awake: ReadonlySet<string> }> {
    const { registry, log, now } = this.surroundings;
    const functions = groups.filter(({ runnerArn }) => runnerArn !== undefined);
    try {
      const { leader, runners } = await registry.leaderAndRunners(functions.map(({ name }) => name));
      const at = now();
      const awake = [...runners].filter(([, runner]) => takesTasks(runner, at)).map(([group]) => group);
      return { leads: isLed(leader, at), awake: new Set(awake) };
    } catch (error) {
      // The tasks are sent: who cannot be seen may be asleep.
      log.warn('it could not be seen who is awake', { error: (error as Error).name });
      return { leads: false, awake: new Set() };
    }
  }
}
