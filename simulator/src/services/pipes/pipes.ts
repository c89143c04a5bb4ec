import type { Pipe } from './pipe';
import { ServiceError, type World } from '../../service';

export type PipeState = 'RUNNING' | 'STOPPED';

/** What feeds a pipe. */
export interface PipeSource {
  start(): void;
  stop(): void;
  /** Never starts again. */
  remove(): void;
}

/** How a pipe was asked for: by a template, or by CreatePipe, which name everything alike. */
export interface PipeRequest {
  /** The readable name in errors and traces. */
  readonly path: string;
  readonly properties: any;
}

interface Entry {
  readonly request: PipeRequest;
  readonly pipe: Pipe;
  readonly source: PipeSource;
  state: PipeState;
  reason?: string;
}

/** The account's pipes. A stopped one keeps its place in its source; what the source forgets meanwhile is lost. */
export class Pipes {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly world: World) {}

  add(request: PipeRequest, pipe: Pipe, source: PipeSource, state: PipeState) {
    this.entries.set(pipe.definition.name, { request, pipe, source, state });
  }

  /** Refuses a name that is taken. */
  checkFree(name: string) {
    if (this.entries.has(name)) throw new ServiceError('ConflictException', `Pipe ${name} already exists.`);
  }

  /** The pipe and its place in the source are gone; answers how it was asked for. */
  remove(name: unknown): PipeRequest {
    const { request, pipe, source } = this.get(name);
    source.stop();
    source.remove();
    this.entries.delete(String(name));
    pipe.record('pipes.deleted', {});
    return request;
  }

  names(): string[] {
    return [...this.entries.keys()].sort();
  }

  arn(name: unknown): string {
    return `arn:aws:pipes:${this.world.region}:${this.world.account}:pipe/${String(name)}`;
  }

  /** https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_DescribePipe.html */
  describe(name: unknown) {
    const { pipe: { definition }, state, reason } = this.get(name);
    return {
      Arn: definition.arn,
      Name: definition.name,
      Source: definition.sourceArn,
      ...(definition.enrichmentArn && { Enrichment: definition.enrichmentArn }),
      Target: definition.targetArn,
      RoleArn: definition.roleArn,
      DesiredState: state,
      CurrentState: state,
      ...(reason && { StateReason: reason }),
    };
  }

  /** A pipe stops and starts in no time here. `reason`: why AWS has stopped it. */
  set(name: unknown, state: PipeState, reason?: string) {
    const entry = this.get(name);
    const before = entry.state;
    entry.state = state;
    entry.reason = reason;
    if (before !== state) {
      entry.pipe.record(state === 'RUNNING' ? 'pipes.started' : 'pipes.stopped', reason ? { reason } : {});
      if (state === 'RUNNING') entry.source.start();
      else entry.source.stop();
    }
    return { Arn: entry.pipe.definition.arn, Name: entry.pipe.definition.name, DesiredState: state, CurrentState: state };
  }

  private get(name: unknown): Entry {
    const entry = this.entries.get(String(name));
    if (!entry) throw new ServiceError('NotFoundException', `Pipe ${String(name)} does not exist.`);
    return entry;
  }
}
