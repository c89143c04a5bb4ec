import type { Enrichment } from './enrichment';
import { Exchange } from './exchange';
import type { PipeEvent, PipeIdentity } from './input-template';
import { PipeLog, type StepLog } from './log';
import { failureOf, type Outcome, refusal, SUCCESS } from './outcome';
import { arrayOf, attempted, type Target } from './targets';
import type { Caller, World } from '../../service';
import { metricRecorder, type MetricRecorder } from '../cloudwatch/metric';

export interface PipeDefinition extends PipeIdentity {
  readonly readableName: string;
  readonly roleArn: string;
  readonly enrichment?: Enrichment;
  readonly target: Target;
  /** As the template has it. */
  readonly logConfiguration?: unknown;
}

/** A request is 64 KB of payload. https://aws.amazon.com/eventbridge/pricing/ (Pipes) */
const REQUEST_BYTES = 64 * 1024;
/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html#eb-pipes-limits (pipe execution duration) */
const LONGEST_EXECUTION_MS = 300_000;

/** What a pipe does with a batch of events that its filters have let through. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes.html */
export class Pipe {
  readonly caller: Caller;
  private readonly recordMetric: MetricRecorder;

  private readonly log: PipeLog;

  constructor(private readonly world: World, readonly definition: PipeDefinition) {
    this.caller = { principal: { kind: 'role', arn: definition.roleArn }, name: definition.readableName };
    this.log = new PipeLog(world, definition.arn, this.caller, definition.logConfiguration);
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
    const log = this.log.execution();
    log('EXECUTION_STARTED', { payload: payloadOf(events) });
    const outcome = await this.inTime(this.stages(events, idOf, log));
    const how = outcome.ok ? 'SUCCEEDED' : outcome.failed ? 'PARTIALLY_FAILED' : outcome.reason ?? 'FAILED';
    log(`EXECUTION_${how}`, outcome.ok ? {} : { error: outcome.error });
    this.metric('Duration', kernel.now - start, 'Milliseconds');
    // An execution is counted once: one that was throttled or timed out is in no other of these (assumed).
    this.metric('ExecutionFailed', how === 'FAILED' ? 1 : 0);
    this.metric('ExecutionPartiallyFailed', how === 'PARTIALLY_FAILED' ? 1 : 0);
    this.metric('ExecutionTimeout', how === 'TIMEOUT' ? 1 : 0);
    this.metric('ExecutionThrottled', how === 'THROTTLED' ? 1 : 0, 'None', true);
    this.record(outcome.ok ? 'pipes.delivered' : 'pipes.failed', {
      events: events.length, ...(outcome.ok ? {} : { error: outcome.error.slice(0, 200), ...(outcome.failed && { failed: outcome.failed.length }) }),
    });
    return outcome;
  }

  record(event: string, detail: Record<string, unknown>) {
    this.world.trace.record({ at: this.world.kernel.now, subject: this.definition.readableName, event, detail });
  }

  /** What has been asked of enrichment and target goes on behind the back of an execution that has timed out. */
  private inTime(work: Promise<Outcome>): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const timer = this.world.kernel.schedule(LONGEST_EXECUTION_MS, () => {
        resolve({ ...refusal(`the execution took longer than ${LONGEST_EXECUTION_MS / 1000} seconds`), reason: 'TIMEOUT' });
      });
      work.then(resolve, reject).finally(() => timer.cancel());
    });
  }

  private async stages(events: readonly PipeEvent[], idOf: (event: unknown) => string | undefined, log: StepLog): Promise<Outcome> {
    const enriched = await this.enrich(events, log);
    if (!Array.isArray(enriched)) return enriched as Outcome;
    const forTarget = enriched as readonly PipeEvent[];
    if (forTarget.length === 0) {
      this.metric('TargetStageSkipped', 1);
      log('TARGET_STAGE_SKIPPED');
      return SUCCESS;
    }
    const outcome = await this.deliver(forTarget, idOf, log);
    // Failed events are named by their places in the batch, which an enrichment may have changed.
    return outcome.ok || forTarget.length === events.length ? outcome : { ...outcome, failed: undefined };
  }

  private async enrich(events: readonly PipeEvent[], log: StepLog): Promise<readonly PipeEvent[] | Outcome> {
    const { enrichment } = this.definition;
    if (!enrichment) return events;
    const { kernel } = this.world;
    const start = kernel.now;
    log('ENRICHMENT_STAGE_ENTERED');
    log('ENRICHMENT_INVOCATION_STARTED');
    const exchange = new Exchange(this.world);
    const answer = await enrichment.run(exchange.world, this.caller, events, this.definition, this.now()).catch(failureOf);
    this.metric('EnrichmentStageDuration', kernel.now - start, 'Milliseconds');
    this.metric('EnrichmentStageFailed', Array.isArray(answer) ? 0 : 1);
    if (Array.isArray(answer)) {
      log('ENRICHMENT_INVOCATION_SUCCEEDED', exchange.made);
      log('ENRICHMENT_STAGE_SUCCEEDED', { payload: payloadOf(answer) });
    } else {
      log('ENRICHMENT_INVOCATION_FAILED', { ...exchange.made, error: answer.error });
      log('ENRICHMENT_STAGE_FAILED', { error: answer.error });
    }
    return answer;
  }

  private async deliver(events: readonly PipeEvent[], idOf: (event: unknown) => string | undefined, log: StepLog): Promise<Outcome> {
    const { caller } = this;
    const { target } = this.definition;
    log('TARGET_STAGE_ENTERED');
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html: "the pipe will not invoke the target".
    if (events.length > target.maximumBatch) {
      const refused = refusal(`the target takes ${target.maximumBatch} events at most, the enrichment answered ${events.length}`);
      log('TARGET_STAGE_FAILED', { error: refused.error });
      return refused;
    }
    const start = this.world.kernel.now;
    log('TARGET_TRANSFORMATION_STARTED');
    const payloads = target.transform(events, this.definition, this.now());
    log('TARGET_TRANSFORMATION_SUCCEEDED', { payload: arrayOf(payloads) });
    log('TARGET_INVOCATION_STARTED');
    const { world, made } = new Exchange(this.world);
    const outcome = await attempted(() => target.invoke({ world, caller, events, payloads, ids: events.map(({ raw }) => idOf(raw)) }));
    this.metric('TargetStageDuration', this.world.kernel.now - start, 'Milliseconds');
    this.metric('TargetStageFailed', !outcome.ok && !outcome.failed ? 1 : 0);
    this.metric('TargetStagePartiallyFailed', !outcome.ok && outcome.failed ? 1 : 0);
    const how = outcome.ok ? 'SUCCEEDED' : outcome.failed ? 'PARTIALLY_FAILED' : 'FAILED';
    const problem = outcome.ok ? {} : { error: outcome.error };
    log(`TARGET_INVOCATION_${how}`, { ...made, ...problem });
    log(`TARGET_STAGE_${how}`, { ...problem, ...(outcome.ok && { payload: arrayOf(payloads) }) });
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

function payloadOf(events: readonly PipeEvent[]): unknown[] {
  return events.map(({ raw }) => raw);
}
