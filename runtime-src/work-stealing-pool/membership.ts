import { refusedItem } from './refused-item';
import { CLOCK_MARGIN_MS, type ControlItem, itemKey, type WorkerItem } from '../../src/work-stealing-pool/contract';
import type { Client } from '../shared/client';
import { documentSdk } from '../shared/document-sdk';

/** What a worker tells of itself. */
export type WorkerState = Pick<WorkerItem, 'accepting' | 'running' | 'idle' | 'dry' | 'meanSeconds' | 'meanSquareSeconds'>;

/** A worker's place in its group. */
export interface Membership {
  /** How many tasks it may have under way. */
  readonly capacity: number;
  /** What was measured by those before it. */
  readonly measured: Pick<WorkerItem, 'meanSeconds' | 'meanSquareSeconds'>;
  /** Answers whether this worker may take tasks: a group's function has one runner at a time that does. */
  join(): Promise<boolean>;
  /** Renews the lease. Answers whether this worker may still take tasks. */
  tell(state: WorkerState): Promise<boolean>;
  leave(): Promise<void>;
}

export interface MembershipProps {
  readonly client: Client;
  readonly tableName: string;
  readonly group: string;
  readonly worker: string;
  readonly capacity: number;
  readonly leaseSeconds: number;
  readonly now: () => number;
}

/** Items of workers that are long gone are deleted. */
const KEPT_SECONDS = 86_400;

/** Whether an operator has retired the group. */
export async function isRetired({ client, tableName, group }: Pick<MembershipProps, 'client' | 'tableName' | 'group'>): Promise<boolean> {
  const { Item } = await client.send(new (documentSdk().GetCommand)({ TableName: tableName, Key: itemKey.control(group), ConsistentRead: true }));
  return (Item as ControlItem | undefined)?.retired === true;
}

/** A worker outside the pool: one of many in its group. */
export class ExternalMembership implements Membership {
  readonly capacity: number;
  readonly measured = {};

  constructor(private readonly props: MembershipProps) {
    this.capacity = props.capacity;
  }

  async join(): Promise<boolean> {
    return this.tell({ accepting: true, running: 0, idle: false, dry: {} });
  }

  async tell(state: WorkerState): Promise<boolean> {
    await put(this.props, state, this.capacity);
    return true;
  }

  async leave(): Promise<void> {
    await remove(this.props);
  }
}

/**
 * The runner of a group's function. One at a time takes tasks; those before it that have still some under way are told apart from it, and what they have
 * under way are places that it has not.
 */
export class RunnerMembership implements Membership {
  private fence = 0;
  private hasRole = false;
  private apart = false;
  private elsewhere = 0;
  private before: Membership['measured'] = {};

  constructor(private readonly props: MembershipProps) {}

  get capacity(): number {
    return Math.max(0, this.props.capacity - this.elsewhere);
  }

  get measured(): Membership['measured'] {
    return this.before;
  }

  async join(): Promise<boolean> {
    const { worker, capacity, now } = this.props;
    const state = { worker, capacity, accepting: true, running: 0, idle: false, dry: {}, ...leaseOf(this.props) };
    const { sets, names, values } = assignments(state);
    const { written, item: { worker: holder, fence = 0, meanSeconds, meanSquareSeconds } } = await this.write({
      UpdateExpression: `SET ${sets}, #fence = if_not_exists(#fence, :zero) + :one`,
      ConditionExpression: 'attribute_not_exists(#id) OR #until < :over',
      ExpressionAttributeNames: { ...names, '#id': 'id', '#fence': 'fence' },
      ExpressionAttributeValues: { ...values, ':zero': 0, ':one': 1, ':over': now() - CLOCK_MARGIN_MS },
    });
    // When a write's answer is lost, the SDK writes again, and is refused by its own first attempt.
    if (!written && holder !== worker) return false;
    this.fence = fence;
    this.hasRole = true;
    this.before = { ...(meanSeconds !== undefined && { meanSeconds }), ...(meanSquareSeconds !== undefined && { meanSquareSeconds }) };
    try {
      await this.countOthers();
    } catch (error) {
      // Whoever cannot see how many places are free must not keep others from it.
      await this.release();
      throw error;
    }
    return true;
  }

  async tell(state: WorkerState): Promise<boolean> {
    if (state.accepting && this.hasRole) {
      const { sets, names, values } = assignments({ ...state, ...leaseOf(this.props) });
      this.hasRole = await this.ifStillMine(sets, names, values);
      if (this.hasRole) await this.countOthers();
      return this.hasRole;
    }
    // First what it has under way is to be seen, then the next one may come.
    await put(this.props, { ...state, accepting: false }, this.props.capacity);
    this.apart = true;
    await this.release();
    return false;
  }

  async leave(): Promise<void> {
    await this.release();
    if (this.apart) await remove(this.props);
    this.apart = false;
  }

  private async release(): Promise<void> {
    if (!this.hasRole) return;
    await this.ifStillMine('#until = :left', { '#until': 'until' }, { ':left': 0 });
    this.hasRole = false;
  }

  /** A renewal that arrives late must not bring back a role that was given up. */
  private async ifStillMine(sets: string, names: object, values: object): Promise<boolean> {
    const { written } = await this.write({
      UpdateExpression: `SET ${sets}`,
      ConditionExpression: '#fence = :fence AND #until > :zero',
      ExpressionAttributeNames: { '#fence': 'fence', '#until': 'until', ...names },
      ExpressionAttributeValues: { ':fence': this.fence, ':zero': 0, ...values },
    });
    return written;
  }

  /** Answers the item as it is afterwards. */
  private async write(input: object): Promise<{ readonly written: boolean; readonly item: Partial<WorkerItem> }> {
    const { client, tableName, group } = this.props;
    try {
      const { Attributes } = await client.send(new (documentSdk().UpdateCommand)({
        TableName: tableName, Key: itemKey.runner(group), ...input, ReturnValues: 'ALL_NEW', ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }));
      return { written: true, item: Attributes as WorkerItem };
    } catch (error) {
      return { written: false, item: refusedItem<WorkerItem>(error) };
    }
  }

  private async countOthers(): Promise<void> {
    const { client, tableName, group, worker, now } = this.props;
    const { Items = [] } = await client.send(new (documentSdk().QueryCommand)({
      TableName: tableName,
      KeyConditionExpression: '#id = :group AND begins_with(#entry, :worker)',
      ExpressionAttributeNames: { '#id': 'id', '#entry': 'entry' },
      ExpressionAttributeValues: { ':group': itemKey.group(group), ':worker': itemKey.worker(group, '').entry },
      ConsistentRead: true,
    })) as { Items?: WorkerItem[] };
    this.elsewhere = Items.filter((each) => each.worker !== worker && each.until > now()).reduce((sum, { running }) => sum + running, 0);
  }
}

function leaseOf({ now, leaseSeconds }: MembershipProps): Pick<WorkerItem, 'until' | 'expiresAt'> {
  return { until: now() + leaseSeconds * 1000, expiresAt: Math.ceil(now() / 1000) + KEPT_SECONDS };
}

async function put(props: MembershipProps, state: WorkerState, capacity: number): Promise<void> {
  const { client, tableName, group, worker } = props;
  const item: WorkerItem = { worker, fence: 1, capacity, ...state, ...leaseOf(props) };
  await client.send(new (documentSdk().PutCommand)({ TableName: tableName, Item: { ...itemKey.worker(group, worker), ...item } }));
}

async function remove({ client, tableName, group, worker }: MembershipProps): Promise<void> {
  await client.send(new (documentSdk().DeleteCommand)({ TableName: tableName, Key: itemKey.worker(group, worker) }));
}

interface Assignments {
  readonly sets: string;
  readonly names: Record<string, string>;
  readonly values: Record<string, unknown>;
}

/** Sets each of these; what is undefined stays as it is. */
function assignments(attributes: object): Assignments {
  const entries = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return {
    sets: entries.map(([name]) => `#${name} = :${name}`).join(', '),
    names: Object.fromEntries(entries.map(([name]) => [`#${name}`, name])),
    values: Object.fromEntries(entries.map(([name, value]) => [`:${name}`, value])),
  };
}
