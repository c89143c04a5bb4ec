import type { Denial, UnusedGrant } from '../iam/iam';
import type { TraceEntry } from '../kernel/trace';
import type { QueueReport, SqsService } from '../services/sqs';
import type { SimulatedWorld } from '../world';
import type { ResourceDirectory } from './directory';

/** What a run cost, and what went wrong in it. */
export interface Report {
  /** Billable units, e.g. `lambda.requests`. */
  readonly billable: Readonly<Record<string, number>>;
  /** Requests that IAM refused; `name` is the readable name of the role. */
  readonly denials: ReadonlyArray<Denial & { readonly name: string }>;
  /** Permissions that roles of the templates have and that nothing has used. */
  readonly unusedGrants: ReadonlyArray<UnusedGrant & { readonly name: string }>;
  /** Messages in dead-letter queues, by queue. */
  readonly deadLetters: Readonly<Record<string, number>>;
  /** Messages in other queues that nobody has consumed, by queue. */
  readonly undelivered: Readonly<Record<string, number>>;
  /** Events, messages and invocations that are gone for good. */
  readonly lost: readonly TraceEntry[];
  /** Virtual milliseconds since the start of the world. */
  readonly virtualMs: number;
  /** How many things have happened. */
  readonly events: number;
  /** The same for the same seed. */
  readonly traceHash: string;
}

/** What services record in the trace when something is lost. */
const LOSSES: ReadonlySet<string> = new Set([
  'events.lost', 'sns.lost', 'lambda.eventDropped', 'lambda.recursionStopped', 'lambda.destinationFailed', 'lambda.recordsLost', 'pipes.lost', 'scheduler.lost', 'sqs.expire',
]);

export function isLoss({ event }: TraceEntry): boolean {
  return LOSSES.has(event);
}

export function reportOn(world: SimulatedWorld, directory: ResourceDirectory, start: number, lost: readonly TraceEntry[]): Report {
  const queues = world.service<SqsService>('sqs').queues();
  const named = <T extends { readonly role: string }>(entry: T) => ({ ...entry, name: directory.nameOf(entry.role) });
  return {
    billable: world.meter.totals(),
    denials: world.iam.denials.map(named),
    unusedGrants: world.iam.unusedGrants().map(named),
    deadLetters: depths(queues.filter(({ deadLetterQueue }) => deadLetterQueue)),
    undelivered: depths(queues.filter(({ deadLetterQueue }) => !deadLetterQueue)),
    lost,
    // Rounded to a microsecond: milliseconds since 1970 leave no more digits than that.
    virtualMs: Math.round((world.kernel.now - start) * 1000) / 1000,
    events: world.trace.count,
    traceHash: world.trace.hash(),
  };
}

function depths(queues: readonly QueueReport[]): Record<string, number> {
  const all = queues.map(({ name, visible, inFlight, delayed }) => [name, visible + inFlight + delayed] as const);
  return Object.fromEntries(all.filter(([, depth]) => depth > 0));
}
