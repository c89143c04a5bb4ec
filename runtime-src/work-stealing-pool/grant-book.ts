import { type Grant, itemKey, type LeaderItem } from '../../src/work-stealing-pool/contract';
import type { Client } from '../shared/client';
import { documentSdk } from '../shared/document-sdk';

export interface GrantBookProps {
  readonly client: Client;
  readonly tableName: string;
  readonly group: string;
  readonly worker: string;
  /** Groups whose queues it knows: one that was added later is none of them. */
  readonly victims: readonly string[];
  readonly now: () => number;
}

/** What a worker may take from others' queues. */
export class GrantBook {
  private seen = { fence: 0, revision: 0 };
  private left: { readonly victim: string; tasks: number }[] = [];
  private busy = false;
  private until = 0;

  constructor(private readonly props: GrantBookProps) {}

  /** Reads the leader's plan. */
  async look(): Promise<void> {
    const { client, tableName, now } = this.props;
    const { Item } = await client.send(new (documentSdk().GetCommand)({ TableName: tableName, Key: itemKey.leader() }));
    const leader = Item as LeaderItem | undefined;
    this.busy = leader !== undefined && leader.until > now() && Object.values(leader.load).some(({ waiting }) => waiting > 0);
    if (!leader) return;
    const { fence, revision } = leader;
    // A read that is not consistent may show again what was there before.
    const newer = fence - this.seen.fence || revision - this.seen.revision;
    if (newer < 0) return;
    this.until = leader.grantsUntil;
    if (newer === 0) return;
    this.seen = { fence, revision };
    this.left = leader.grants.filter((grant) => this.isMine(grant)).map(({ victim, tasks }) => ({ victim, tasks }));
  }

  /** The victims from whom there is something left to take, and how much. */
  open(): readonly { readonly victim: string; readonly tasks: number }[] {
    return this.until > this.props.now() ? this.left.filter(({ tasks }) => tasks > 0) : [];
  }

  taken(victim: string, tasks: number): void {
    const grant = this.left.find((each) => each.victim === victim);
    if (grant) grant.tasks -= tasks;
  }

  /** The victim has nothing. */
  dry(victim: string): void {
    this.left = this.left.filter((each) => each.victim !== victim);
  }

  /** Somewhere in the pool tasks wait, when it was looked last. */
  get poolIsBusy(): boolean {
    return this.busy;
  }

  private isMine({ thief, worker, victim }: Grant): boolean {
    const { group, worker: self, victims } = this.props;
    return thief === group && (worker === undefined || worker === self) && victims.includes(victim);
  }
}
