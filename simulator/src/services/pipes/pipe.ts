import type { Enrichment } from './enrichment';
import type { PipeEvent, PipeIdentity } from './input-template';
import { failureOf, type Outcome, refusal, SUCCESS } from './outcome';
import { attempted, type Target } from './targets';
import type { Caller, World } from '../../service';
import { metricRecorder, type MetricRecorder } from '../cloudwatch/metric';

export interface PipeDefinition extends PipeIdentity {
  readonly readableName: string;
  readonly roleArn: string;
  readonly enrichment?: Enrichment;
  readonly target: Target;
}

/** A request is 64 KB of payload. https://aws.amazon.com/eventbridge/pricing/ (Pipes) */
const REQUEST_BYTES = 64 * 1024;

/** What a pipe does with a batch of events that its filters have let through. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes.html */
export class Pipe {
  readonly caller: Caller;
  private readonly recordMetric: MetricRecorder;

  constructor(private readonly world: World, readonly definition: PipeDefinition) {
    this.caller = { principal: { kind: 'role', arn: definition.roleArn }, name: definition.readableName };
    this.recordMetric = metricRecorder(world);
  }

  /** Runs the whole pipe once, with all events. `idOf` names an event as the source does. */
  async execute(events: readonly PipeEvent[], idOf: (event: unknown) => string | undefined): Promise<Outcome> {
    const { kernel, meter } = this.world;
    const start = kernel.now;
    const bytes = events.reduce((sum, { raw }) => sum + Buffer.byteLength(JSON.stringify(raw)), 0);
    meter.add('pipes.requests', Math.max(1, Math.ceil(bytes / REQUEST_BYTES)));
    this.metric('Invocations', 1, 'None', true);
    this.metric('EventCount', events.length);
    this.metric('EventSize', bytes, 'Bytes');
    const outcome = await this.stages(events, idOf);
    this.metric('Duration', kernel.now - start, 'Milliseconds');
    this.metric('ExecutionFailed', !outcome.ok && !outcome.failed ? 1 : 0);
    this.metric('ExecutionPartiallyFailed', !outcome.ok && outcome.failed ? 1 : 0);
    this.metric('ExecutionThrottled', !outcome.ok && outcome.throttled ? 1 : 0, 'None', true);
    this.record(outcome.ok ? 'pipes.delivered' : 'pipes.failed', {
      events: events.length, ...(outcome.ok ? {} : { error: outcome.error.slice(0, 200), ...(outcome.failed && { failed: outcome.failed.length }) }),
    });
    return outcome;
  }

  record(event: string, detail: Record<string, unknown>) {
    this.world.trace.record({ at: this.world.kernel.now, subject: this.definition.readableName, event, detail });
  }

  private async stages(events: readonly PipeEvent[], idOf: (event: unknown) => string | undefined): Promise<Outcome> {
    const enriched = await this.enrich(events);
    if (!Array.isArray(enriched)) return enriched as Outcome;
    const forTarget = enriched as readonly PipeEvent[];
    if (forTarget.length === 0) {
      this.metric('TargetStageSkipped', 1);
      return SUCCESS;
    }
    const outcome = await this.deliver(forTarget, idOf);
    // Failed events are named by their places in the batch, which an enrichment may have changed.
    return outcome.ok || forTarget.length === events.length ? outcome : { ...outcome, failed: undefined };
  }

  private async enrich(events: readonly PipeEvent[]): Promise<readonly PipeEvent[] | Outcome> {
    const { enrichment } = this.definition;
    if (!enrichment) return events;
    const { kernel } = this.world;
    const start = kernel.now;
    const answer = await enrichment.run(this.world, this.caller, events, this.definition, this.now()).catch(failureOf);
    this.metric('EnrichmentStageDuration', kernel.now - start, 'Milliseconds');
    this.metric('EnrichmentStageFailed', Array.isArray(answer) ? 0 : 1);
    return answer;
  }

  private async deliver(events: readonly PipeEvent[], idOf: (event: unknown) => string | undefined): Promise<Outcome> {
    const { world, caller } = this;
    const { target } = this.definition;
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html: "the pipe will not invoke the target".
    if (events.length > target.maximumBatch) return refusal(`the target takes ${target.maximumBatch} events at most, the enrichment answered ${events.length}`);
    const start = world.kernel.now;
    const payloads = target.transform(events, this.definition, this.now());
    const outcome = await attempted(() => target.invoke({ world, caller, events, payloads, ids: events.map(({ raw }) => idOf(raw)) }));
    this.metric('TargetStageDuration', world.kernel.now - start, 'Milliseconds');
    this.metric('TargetStageFailed', !outcome.ok && !outcome.failed ? 1 : 0);
    this.metric('TargetStagePartiallyFailed', !outcome.ok && outcome.failed ? 1 : 0);
    return outcome;
  }

  private now(): string {
    return new Date(this.world.kernel.now).toISOString();
  }

  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-monitoring.html */
  private metric(name: string, value: number, unit: string = 'None', forAccount: boolean = false) {
    const record = { namespace: 'AWS/EventBridge/Pipes', name, value, unit };
    this.recordMetric({ ...record, dimensions: { PipeName: this.definition.name } });
    if (forAccount) this.recordMetric({ ...record, dimensions: { AwsAccountId: this.world.account } });
  }
}
