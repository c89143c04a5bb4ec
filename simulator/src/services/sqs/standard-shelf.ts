import { Heap } from './heap';
import type { Place } from './line';
import type { Message } from './message';
import type { Shelf } from './shelf';
import { type Counts, ProcessingTime, Tenant } from './tenant';

/** AWS does not say how often it looks for noisy tenants, only that it is approximate. */
const REVIEW_MS = 1_000;

interface Held {
  readonly tenant: Tenant;
  state: Message['state'];
  place?: Place;
}

/** A tenant's first message in line, when this was noted. */
interface Front {
  readonly order: number;
  readonly tenant: Tenant;
}

/** What is in the queue of tenants that are not noisy. */
export interface Quiet {
  readonly noisyGroups: number;
  readonly counts: Counts;
}

/**
 * Standard queues: best-effort order, here the order in which messages became visible. Messages with a MessageGroupId are fair to other
 * groups: as long as a quiet group has any, none of a noisy one is received; of several noisy ones the one with the fewest in flight comes first.
 * A message without a group is a tenant of its own, and here never a noisy one.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
 */
export class StandardShelf implements Shelf {
  private readonly held = new Map<number, Held>();
  private readonly withoutGroup = new Tenant(undefined);
  private readonly tenants = new Map<string, Tenant>();
  /** Those with a share of the consumers: only they can be noisy. */
  private readonly active = new Set<Tenant>();
  private readonly noisy = new Set<Tenant>();
  /** Each quiet tenant's first message; those that are outdated are dropped when they come to the top. */
  private readonly fronts = new Heap<Front>();
  private readonly counts: Counts = { arriving: 0, delayed: 0, visible: 0, inFlight: 0 };
  private readonly processing = new ProcessingTime();
  private order = 0;
  private reviewedAt = -Infinity;
  private fair = false;

  /** `onFair` is called once: when the first message with a group comes. */
  constructor(private readonly now: () => number, private readonly onFair: (shelf: StandardShelf) => void) {}

  add(message: Message) {
    const tenant = this.tenantOf(message);
    tenant.lastSentAt = message.arrivedAt;
    const held: Held = { tenant, state: message.state };
    this.held.set(message.copy, held);
    this.enter(held, message);
  }

  changed(message: Message) {
    const held = this.held.get(message.copy)!;
    if (held.state === message.state) return;
    this.leave(held);
    held.state = message.state;
    this.enter(held, message);
  }

  remove(message: Message) {
    const held = this.held.get(message.copy)!;
    this.held.delete(message.copy);
    this.leave(held);
    const { tenant } = held;
    if (tenant.id !== undefined && tenant.isGone() && !this.active.has(tenant)) this.tenants.delete(tenant.id);
  }

  receivable(): Message[] {
    this.review();
    const message = (this.firstQuiet() ?? this.leastBusy())?.line.head?.message;
    return message ? [message] : [];
  }

  isQuiet(message: Message): boolean {
    return !this.held.get(message.copy)!.tenant.noisy;
  }

  quiet(): Quiet {
    this.review();
    const counts = { ...this.counts };
    for (const tenant of this.noisy) for (const state of STATES) counts[state] -= tenant.counts[state];
    return { noisyGroups: this.noisy.size, counts };
  }

  private tenantOf({ content: { groupId } }: Message): Tenant {
    if (groupId === undefined) return this.withoutGroup;
    let tenant = this.tenants.get(groupId);
    if (!tenant) {
      this.tenants.set(groupId, tenant = new Tenant(groupId));
      if (!this.fair) this.onFair(this);
      this.fair = true;
    }
    return tenant;
  }

  private enter(held: Held, message: Message) {
    const { tenant, state } = held;
    if (state === 'gone') return;
    this.count(tenant, state, 1);
    if (state === 'visible') {
      const place = held.place = { order: ++this.order, message };
      tenant.line.enter(place);
      if (tenant.line.head === place) this.note(tenant);
    } else if (state === 'inFlight') {
      this.occupy(tenant, 1);
    }
  }

  private leave({ tenant, state, place }: Held) {
    if (state === 'gone') return;
    this.count(tenant, state, -1);
    if (state === 'visible') {
      const wasFirst = tenant.line.head === place;
      place!.message = undefined;
      if (wasFirst) this.note(tenant);
    } else if (state === 'inFlight') {
      this.occupy(tenant, -1);
    }
  }

  private count(tenant: Tenant, state: keyof Counts, by: number) {
    this.counts[state] += by;
    tenant.counts[state] += by;
  }

  private occupy(tenant: Tenant, by: number) {
    const now = this.now();
    this.processing.change(by, now);
    if (tenant.id === undefined) return;
    tenant.processing.change(by, now);
    this.active.add(tenant);
  }

  private note(tenant: Tenant) {
    const { head } = tenant.line;
    if (head && !tenant.noisy) this.fronts.push({ order: head.order, tenant });
  }

  private firstQuiet(): Tenant | undefined {
    for (;;) {
      const front = this.fronts.top;
      if (!front) return undefined;
      if (!front.tenant.noisy && front.tenant.line.head?.order === front.order) return front.tenant;
      this.fronts.pop();
    }
  }

  private leastBusy(): Tenant | undefined {
    let best: Tenant | undefined;
    for (const tenant of this.noisy) {
      if (tenant.counts.visible === 0) continue;
      const fewer = tenant.counts.inFlight - (best?.counts.inFlight ?? Infinity);
      if (fewer < 0 || (fewer === 0 && tenant.line.head!.order < best!.line.head!.order)) best = tenant;
    }
    return best;
  }

  private review() {
    const now = this.now();
    if (this.active.size === 0 || now < this.reviewedAt + REVIEW_MS) return;
    this.reviewedAt = now;
    const processing = this.processing.until(now);
    for (const tenant of this.active) {
      const idle = tenant.isIdle(now);
      const noisy = !idle && tenant.disturbs(this.counts.inFlight, processing, now);
      if (noisy !== tenant.noisy) this.mark(tenant, noisy);
      if (!idle) continue;
      this.active.delete(tenant);
      if (tenant.isGone()) this.tenants.delete(tenant.id!);
    }
  }

  private mark(tenant: Tenant, noisy: boolean) {
    tenant.noisy = noisy;
    if (noisy) {
      this.noisy.add(tenant);
    } else {
      this.noisy.delete(tenant);
      this.note(tenant);
    }
  }
}

const STATES = ['arriving', 'delayed', 'visible', 'inFlight'] as const;
