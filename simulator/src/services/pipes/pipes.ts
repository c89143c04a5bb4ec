import type { Pipe } from './pipe';
import { type Operation, ServiceError, type World } from '../../service';

export type PipeState = 'RUNNING' | 'STOPPED';

/** What feeds a pipe. */
export interface PipeSource {
  start(): void;
  stop(): void;
}

interface Entry {
  readonly pipe: Pipe;
  readonly source: PipeSource;
  state: PipeState;
  reason?: string;
}

/** The account's pipes. A stopped one keeps its place in its source; what the source forgets meanwhile is lost. */
export class Pipes {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly world: World) {}

  add(pipe: Pipe, source: PipeSource, state: PipeState) {
    const { name } = pipe.definition;
    if (this.entries.has(name)) throw new ServiceError('ConflictException', `Pipe ${name} already exists.`);
    this.entries.set(name, { pipe, source, state });
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

  operations(): Record<string, Operation> {
    const on = (action: string) => (input: any) => [{ action: `pipes:${action}`, resource: this.arn(input?.Name) }];
    return {
      StartPipe: { access: on('StartPipe'), handle: (input) => ({ ...this.set(input?.Name, 'RUNNING'), CurrentState: 'STARTING' }) },
      StopPipe: { access: on('StopPipe'), handle: (input) => ({ ...this.set(input?.Name, 'STOPPED'), CurrentState: 'STOPPING' }) },
      DescribePipe: { access: on('DescribePipe'), readOnly: true, handle: (input) => this.describe(input?.Name) },
      ListPipes: {
        access: () => [{ action: 'pipes:ListPipes', resource: '*' }],
        readOnly: true,
        handle: () => ({ Pipes: this.names().map((name) => this.describe(name)) }),
      },
    };
  }

  private get(name: unknown): Entry {
    const entry = this.entries.get(String(name));
    if (!entry) throw new ServiceError('NotFoundException', `Pipe ${String(name)} does not exist.`);
    return entry;
  }
}
