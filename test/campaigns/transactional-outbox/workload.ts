import type { Brownout } from './brownouts';
import type { WriteCommand } from './environment';
import { payloadText } from './payloads';
import { isOrdered, isRows, type OutboxId, OUTBOXES, ROW_OUTBOXES, type RowOutboxId } from './stack';
import type { Random } from '../../../simulator/src';
import type { ReplayRequest } from '../../../src/transactional-outbox/contract';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** What becomes of an event: it arrives; or it is poison, and is given up, or waits until an operator has mended its row. */
export type Fate = 'ARRIVES' | 'GIVEN_UP' | 'MENDED';

export interface Write {
  readonly outbox: RowOutboxId;
  readonly atMs: number;
  readonly command: WriteCommand;
  readonly fate: Fate;
}

/** A row as another language's writer puts it, with the attributes that it thinks necessary. */
export interface ForeignRow {
  readonly outbox: RowOutboxId;
  readonly atMs: number;
  readonly pk: string;
  readonly sk: string;
  readonly eventId: string;
  readonly type: string | undefined;
  readonly payload: string;
  readonly fate: Fate;
}

/** A change of the table whose changes are published. */
export interface Change {
  readonly atMs: number;
  readonly item: string;
  readonly remove: boolean;
  readonly large: boolean;
}

/** A pipe that stands still for hours, and what the operator does then. */
export interface Outage {
  readonly outbox: OutboxId;
  readonly fromMs: number;
  readonly toMs: number;
  /** Once more, after the pipe runs again. */
  readonly replayAgain: boolean;
}

export interface Replay {
  readonly outbox: OutboxId;
  readonly atMs: number;
  readonly request: ReplayRequest;
}

export interface Workload {
  readonly writes: readonly Write[];
  readonly foreignRows: readonly ForeignRow[];
  readonly changes: readonly Change[];
  readonly brownouts: readonly Brownout[];
  readonly outages: readonly Outage[];
  readonly replays: readonly Replay[];
  /** Chance that somebody deletes a row soon after it was written, when the stream is all that is left of the event. */
  readonly earlyDeletes: number;
  /** When an operator looks after parked aggregates for the first time. */
  readonly unparkAtMs: number;
  /** The rows' retention, where they are to expire within the run. */
  readonly retentionSeconds: number | undefined;
  /** How long the run lasts at least. */
  readonly lastsMs: number;
}

/** How long it takes at most until DynamoDB has removed what has expired. */
const EXPIRY_MS = 49 * HOUR;
const SHORT_RETENTION_SECONDS = 1_800;

export function workload(random: Random, startedAt: number): Workload {
  const expires = random.chance(0.15);
  const outages = expires || random.chance(0.8) ? [] : outagesOf(random);
  const replays = replaysOf(random.fork('replays'), startedAt);
  const retentionSeconds = expires ? SHORT_RETENTION_SECONDS : undefined;
  return {
    writes: ROW_OUTBOXES.flatMap((outbox) => writes(random.fork(`writes/${outbox}`), outbox, retentionSeconds, outages)),
    foreignRows: ROW_OUTBOXES.flatMap((outbox) => foreignRows(random.fork(`foreign/${outbox}`), outbox)),
    changes: changes(random.fork('changes'), outages),
    brownouts: brownouts(random.fork('brownouts')),
    outages,
    replays,
    earlyDeletes: outages.length + replays.length === 0 ? 0.1 : 0,
    unparkAtMs: random.integer(10 * SECOND, 4 * MINUTE),
    retentionSeconds,
    lastsMs: expires ? EXPIRY_MS + SHORT_RETENTION_SECONDS * SECOND : 0,
  };
}

/** Most things happen at once, right after the deployment; the rest during what is going wrong. */
function moment(random: Random, outages: readonly Outage[]): number {
  const during = outages.filter(() => random.chance(0.4));
  if (during.length > 0) return random.integer(during[0].fromMs, during[0].toMs + MINUTE);
  return random.chance(0.5) ? random.integer(0, 3 * SECOND) : random.integer(0, 3 * MINUTE);
}

function writes(random: Random, outbox: RowOutboxId, retentionSeconds: number | undefined, outages: readonly Outage[]): Write[] {
  const own = outages.filter((outage) => outage.outbox === outbox);
  return Array.from({ length: random.integer(3, 9) }, (_, index): Write => {
    const poison = isOrdered(outbox) && random.chance(0.06);
    const kind = poison ? 'refused' : random.chance(0.02) ? 'large' : random.chance(0.2) ? 'odd' : 'plain';
    const command = `${outbox}-${index}`;
    return {
      outbox,
      atMs: moment(random, own),
      fate: !poison ? 'ARRIVES' : outbox === 'RowsParked' ? 'MENDED' : 'GIVEN_UP',
      command: {
        command,
        aggregateType: 'Order',
        aggregateId: String(random.integer(1, 2)),
        type: random.pick(['OrderPlaced', 'OrderPaid']),
        payload: payloadText(random, kind, command),
        thinkMs: random.chance(0.3) ? random.integer(1, 50) : 0,
        rollBack: random.chance(0.1),
        retentionSeconds,
      },
    };
  });
}

function foreignRows(random: Random, outbox: RowOutboxId): ForeignRow[] {
  return Array.from({ length: random.integer(0, 2) }, (_, index): ForeignRow => {
    const poison = random.chance(0.4);
    return {
      outbox,
      atMs: moment(random, []),
      pk: poison && isOrdered(outbox) ? 'Imported order#1' : `Imported#${index}`,
      sk: String(index).padStart(4, '0'),
      eventId: `${outbox}-foreign-${index}`,
      type: poison && !isOrdered(outbox) ? undefined : 'OrderImported',
      payload: payloadText(random, 'odd', ''),
      fate: poison ? 'GIVEN_UP' : 'ARRIVES',
    };
  });
}

function changes(random: Random, outages: readonly Outage[]): Change[] {
  const own = outages.filter(({ outbox }) => !isRows(outbox));
  return Array.from({ length: random.integer(2, 8) }, () => ({
    atMs: moment(random, own),
    item: `item-${random.integer(1, 2)}`,
    remove: random.chance(0.2),
    large: random.chance(0.02),
  }));
}

/** Minutes, so that nothing is given up: pipes and rules try for hours. */
function brownouts(random: Random): Brownout[] {
  return Array.from({ length: random.chance(0.5) ? random.integer(1, 2) : 0 }, () => {
    const fromMs = random.integer(0, 2 * MINUTE);
    return {
      service: random.pick(['events', 'sqs'] as const),
      fromMs,
      toMs: fromMs + random.integer(5 * SECOND, 5 * MINUTE),
      share: random.pick([0.3, 0.7, 1]),
      kind: random.pick(['throttle', 'error-before', 'error-after', 'partial'] as const),
    };
  });
}

/** Rows outlive the stream, so their pipe may stand for more than a day; changes are in the stream only. */
function outagesOf(random: Random): Outage[] {
  return OUTBOXES.filter(() => random.chance(0.4)).map((outbox) => {
    const fromMs = random.integer(0, 30 * SECOND);
    return { outbox, fromMs, toMs: fromMs + (isRows(outbox) ? 30 : 9) * HOUR, replayAgain: random.chance(0.3) };
  });
}

/**
 * Replays of everything while events are written, which consumers must not notice. A replay of a part could come before older events
 * that are still on their way, so where order counts it is the whole, and of a table without gaps.
 */
function replaysOf(random: Random, startedAt: number): Replay[] {
  const from = new Date(startedAt).toISOString();
  return Array.from({ length: random.chance(0.35) ? random.integer(1, 2) : 0 }, (): Replay => {
    const outbox = random.pick(OUTBOXES);
    const eventsPerSecond = random.pick([1, 5, 1_000]);
    // Items of a table have no times: all of them are published as they are.
    return { outbox, atMs: random.integer(5 * SECOND, 6 * MINUTE), request: isRows(outbox) ? { from, eventsPerSecond } : { eventsPerSecond } };
  });
}
