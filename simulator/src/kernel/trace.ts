import { createHash, type Hash } from 'crypto';

/** One thing that happened, at virtual time `at` (milliseconds since 1970). */
export interface TraceEntry {
  readonly at: number;
  /** What it happened to or in: a function, queue, execution … by its readable name. */
  readonly subject: string;
  /** What happened, e.g. `lambda.invoke`, `sqs.receive`, `fault.throttle`. */
  readonly event: string;
  /** Details that print on one line; payloads stay out of it. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface TraceOptions {
  /** Keep entries for printing; a campaign keeps only the hash. */
  readonly keep?: boolean;
  /** Called for each entry as it happens. */
  readonly listener?: (entry: TraceEntry) => void;
}

const DIGEST_CHUNK = 16_384;

/** What happened, in order. Two runs with the same seed have the same hash. */
export class Trace {
  readonly entries: TraceEntry[] = [];
  count = 0;
  private readonly digest: Hash = createHash('sha256');
  /** Lines that the digest has not seen yet: many at once are cheaper than one by one. */
  private pending = '';

  constructor(private readonly options: TraceOptions = {}) {}

  record(entry: TraceEntry) {
    this.count++;
    this.pending += `${entry.at}|${entry.subject}|${entry.event}|${entry.detail ? JSON.stringify(entry.detail) : ''}\n`;
    if (this.pending.length > DIGEST_CHUNK) this.flush();
    if (this.options.keep) this.entries.push(entry);
    this.options.listener?.(entry);
  }

  /** SHA-256 of everything that has happened so far. */
  hash(): string {
    this.flush();
    return this.digest.copy().digest('hex');
  }

  private flush() {
    this.digest.update(this.pending);
    this.pending = '';
  }
}
