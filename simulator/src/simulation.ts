import { deploy, type DeploymentOptions, environmentOf, selectStacks } from './cloudformation/deployment';
import type { DeployedResource } from './cloudformation/stack-deployment';
import { PolicyEngine } from './iam/policies';
import type { RunEnd, RunOptions } from './kernel/kernel';
import type { TraceEntry } from './kernel/trace';
import { type ProcessOptions, ProcessRun } from './processes/process-run';
import type { ServiceFactory } from './service';
import { allServices, type ServiceOptions } from './services';
import type { HttpService } from './services/http';
import type { LambdaOptions } from './services/lambda';
import { ResourceDirectory } from './simulation/directory';
import { isLoss, type Report, reportOn } from './simulation/report';
import { type Outcome, type Run, start, STARTABLE_TYPES, STATE_MACHINE } from './simulation/start';
import { ACCOUNT, REGION, SimulatedWorld, type WorldOptions } from './world';

export interface SimulationOptions extends WorldOptions, DeploymentOptions, ServiceOptions {
  /** JavaScript in place of functions' code, by construct path (with or without the stack). */
  readonly functionOverrides?: LambdaOptions['functionOverrides'];
  /** Further services, or others in place of those with the same name. */
  readonly services?: readonly ServiceFactory[];
}

/** A cloud assembly that is deployed into a simulated account, ready to run. */
export class Simulation {
  /** Deploys a `cdk.out` directory, or a template file. Throws one sentence when it has something that is not simulated. */
  static load(location: string, options: SimulationOptions = {}): Simulation {
    return new Simulation(location, options);
  }

  readonly world: SimulatedWorld;
  /** In the order of creation. */
  readonly resources: readonly DeployedResource[];
  /** Outputs by stack name. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  private readonly directory: ResourceDirectory;
  private readonly startables = new Map<string, DeployedResource>();
  private readonly startedAt: number;
  private readonly lost: TraceEntry[] = [];
  private processes = 0;

  private constructor(location: string, options: SimulationOptions) {
    const stacks = selectStacks(location, options);
    const { account = ACCOUNT, region = REGION } = { ...environmentOf(stacks), ...defined(options.account, options.region) };
    const lambda = { ...options.lambda, functionOverrides: { ...options.lambda?.functionOverrides, ...options.functionOverrides } };
    const factories = [...allServices({ ...options, lambda }), ...(options.services ?? [])];
    this.world = new SimulatedWorld(new PolicyEngine({ account, region }), factories, {
      ...options,
      account,
      region,
      trace: { ...options.trace, listener: (entry) => this.observe(entry, options) },
    });
    this.startedAt = this.world.kernel.now;
    const { resources, outputs } = deploy(this.world, this.world.allServices(), stacks, options);
    this.resources = resources;
    this.outputs = outputs;
    this.directory = new ResourceDirectory(resources);
  }

  /** Endpoints outside AWS, which the scenario plays. */
  get http(): HttpService {
    return this.world.service<HttpService>('http');
  }

  /** By logical id, construct path (whole, or an end of it that is unique), physical name or ARN. */
  find(target: string, types?: readonly string[]): DeployedResource {
    return this.directory.find(target, types);
  }

  /**
   * Starts the state machine, invokes the function, sends to the queue or publishes on the bus that `target` names. A construct
   * with one state machine inside stands for it. Nothing happens before the simulation runs.
   */
  start(target: string, input?: unknown): Run {
    return start(this.world, this.startable(target), input);
  }

  /**
   * Starts a process outside Lambda, which calls AWS with a role of the template. Nothing happens before the simulation runs; one that never ends keeps
   * it running until it is stopped, or until the run's own end.
   */
  process(options: ProcessOptions): ProcessRun {
    return new ProcessRun(this.world, this.directory, options, this.processes++);
  }

  /** Lets virtual time pass until nothing is left to happen, or the options say to stop. */
  run(options: RunOptions = {}): Promise<RunEnd> {
    return this.world.kernel.run(options);
  }

  /** Starts something and runs until it has ended. Throws when the world goes quiet before that. */
  async complete(target: string, input?: unknown): Promise<Outcome> {
    const run = this.start(target, input);
    await this.run({ until: () => run.outcome !== undefined });
    if (!run.outcome) throw new Error(`'${target}' was started and has not ended, and nothing is left to happen`);
    return run.outcome;
  }

  report(): Report {
    return reportOn(this.world, this.directory, this.startedAt, this.lost);
  }

  private startable(target: string): DeployedResource {
    const known = this.startables.get(target);
    if (known) return known;
    const resource = this.findStartable(target);
    this.startables.set(target, resource);
    return resource;
  }

  private findStartable(target: string): DeployedResource {
    const inside = this.directory.within(target, [STATE_MACHINE]);
    try {
      return this.directory.find(target, STARTABLE_TYPES);
    } catch (error) {
      if (inside.length === 1) return inside[0];
      throw error;
    }
  }

  private observe(entry: TraceEntry, options: SimulationOptions) {
    if (isLoss(entry)) this.lost.push(entry);
    options.trace?.listener?.(entry);
  }
}

function defined(account?: string, region?: string) {
  return { ...(account === undefined ? {} : { account }), ...(region === undefined ? {} : { region }) };
}
