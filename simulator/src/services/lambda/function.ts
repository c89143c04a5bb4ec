import type { EventInvokeConfig, FunctionConfiguration } from './configuration';
import { FunctionLog } from './log';
import { FunctionMetrics } from './metrics';
import { mayLog, useTracing } from './observability';
import type { FunctionOverride } from './override';
import { clockSkew } from './runtime/clock';
import { Environment, type Invocation, type InvocationEnd } from './runtime/environment';
import { createRealm, type Realm } from './runtime/realm';
import { ENVIRONMENT_NAMES } from './runtime/script-cache';
import { ownRejections } from './runtime/unhandled-rejections';
import type { Random } from '../../kernel/random';
import type { World } from '../../service';

/** How long an idle environment stays; AWS publishes no figure, a few minutes are usual. */
const IDLE_MS = 10 * 60_000;

export interface ExecutionTime {
  /** Milliseconds of CPU that each invocation takes, drawn evenly between the two. */
  readonly minMs: number;
  readonly maxMs: number;
}

/** One function: its execution environments and what its invocations cost. */
export class LambdaFunction {
  readonly metrics: FunctionMetrics;
  /** By qualifier: `$LATEST` and aliases may have their own. */
  readonly eventInvokeConfigs = new Map<string, EventInvokeConfig>();
  readonly aliases = new Map<string, string>();
  publishedVersions = 0;
  /** Concurrent executions that it holds. */
  acquired = 0;
  private readonly log: FunctionLog;
  private readonly random: Random;
  private readonly idle: { readonly environment: Environment; readonly since: number }[] = [];
  private realm?: Realm;
  /** The environment whose code ran last. */
  private current?: Environment;
  private environments = 0;

  constructor(
    private readonly world: World,
    readonly configuration: FunctionConfiguration,
    private readonly executionTime: ExecutionTime,
    private readonly override: () => FunctionOverride | undefined,
  ) {
    this.random = world.kernel.random.fork(`lambda/${configuration.arn}`);
    this.log = new FunctionLog(world, configuration.logs, () => mayLog(world, configuration));
    this.metrics = new FunctionMetrics(world, configuration.name);
  }

  /** Runs one invocation in a warm environment, or in a new one. Never rejects. The caller has checked concurrency. */
  async run(invocation: Invocation): Promise<InvocationEnd> {
    const warm = this.takeIdle();
    const environment = warm ?? this.createEnvironment();
    const initMs = warm ? undefined : this.world.latency.sample('lambda.init');
    this.record('lambda.start', invocation, initMs === undefined ? {} : { cold: true });
    if (initMs !== undefined) await this.world.kernel.sleep(initMs);
    this.log.start(invocation.requestId, invocation.version);
    const started = this.world.kernel.now;
    const cpuMs = this.cpuTime();
    if (cpuMs > 0) await this.world.kernel.sleep(cpuMs);
    const end = await environment.invoke(invocation);
    if (!environment.dead) this.idle.push({ environment, since: this.world.kernel.now });
    this.account(invocation, end, this.world.kernel.now - started, initMs);
    return end;
  }

  /** The one that was used last; those that have been idle for too long, or died while idle, are gone. */
  private takeIdle(): Environment | undefined {
    for (;;) {
      const last = this.idle.pop();
      if (!last) return undefined;
      if (this.world.kernel.now - last.since > IDLE_MS) this.idle.length = 0;
      else if (!last.environment.dead) return last.environment;
    }
  }

  private createEnvironment(): Environment {
    useTracing(this.world, this.configuration);
    const override = this.override();
    if (!override) this.realm ??= this.createRealm();
    return new Environment({
      world: this.world,
      configuration: this.configuration,
      log: this.log,
      random: this.random.fork(`environment/${this.environments++}`),
      realm: this.realm,
      override,
      clockSkewMs: clockSkew(this.world, this.configuration.readableName),
      onEnter: (environment) => {
        this.current = environment;
      },
    });
  }

  private createRealm(): Realm {
    const realm = createRealm({
      kernel: this.world.kernel,
      random: this.random.fork('realm'),
      owner: `function ${this.configuration.readableName}`,
      current: () => this.current?.globals ?? {},
      currentNames: ENVIRONMENT_NAMES,
      clockSkewMs: () => this.current?.clockSkewMs ?? 0,
    });
    ownRejections(realm, () => this.current);
    return realm;
  }

  private cpuTime(): number {
    const { minMs, maxMs } = this.executionTime;
    return maxMs === 0 ? 0 : Math.round((minMs + this.random.next() * (maxMs - minMs)) * 1000) / 1000;
  }

  /** Duration is billed by the millisecond, and since August 2025 so is initialization. https://aws.amazon.com/lambda/pricing/ */
  private account(invocation: Invocation, end: InvocationEnd, elapsedMs: number, initMs: number | undefined) {
    const { memoryMb, timeoutMs } = this.configuration;
    const durationMs = Math.min(elapsedMs, timeoutMs);
    const billedMs = Math.ceil(durationMs + (initMs ?? 0));
    this.world.meter.add('lambda.requests');
    this.world.meter.add('lambda.gbSeconds', (memoryMb / 1024) * (billedMs / 1000));
    this.log.report({ requestId: invocation.requestId, durationMs, billedMs, memoryMb, initMs, status: end.status });
    this.metrics.record('Invocations', 1);
    this.metrics.record('Errors', end.status === 'success' ? 0 : 1);
    this.metrics.record('Duration', durationMs, 'Milliseconds');
    this.record('lambda.end', invocation, end.status === 'success' ? {} : { status: end.status });
  }

  private record(event: string, invocation: Invocation, detail: Record<string, unknown>) {
    this.world.trace.record({
      at: this.world.kernel.now,
      subject: this.configuration.readableName,
      event,
      detail: { requestId: invocation.requestId, ...detail },
    });
  }
}
