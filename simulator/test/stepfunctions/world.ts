import type { Iam } from '../../src/iam/iam';
import type { AccessRequest, Principal } from '../../src/iam/principal';
import type { RunEnd } from '../../src/kernel/kernel';
import { type OperationContext, type Service, ServiceError, type ServiceFactory, type World } from '../../src/service';
import { type StatesOptions, type StatesService, statesService } from '../../src/services/stepfunctions';
import { SimulatedWorld, type WorldOptions } from '../../src/world';

export const ROLE = 'arn:aws:iam::123456789012:role/Workflow';

/** IAM that allows everything but the actions it is told to deny, and remembers what was asked. */
export class FakeIam implements Iam {
  readonly asked: { principal: Principal; request: AccessRequest }[] = [];
  readonly denied = new Set<string>();
  readonly denials = [];
  /** Roles that Step Functions may not assume. */
  readonly untrusting = new Set<string>();

  addRole() {}
  addRolePolicy() {}
  addResourcePolicy() {}

  authorize(principal: Principal, request: AccessRequest) {
    this.asked.push({ principal, request });
    if (principal.kind !== 'operator' && this.denied.has(request.action)) {
      const who = principal.kind === 'role' ? principal.arn : principal.service;
      throw new ServiceError('AccessDeniedException', `User: ${who} is not authorized to perform: ${request.action} on resource: ${request.resource}`);
    }
  }

  attempt(principal: Principal, request: AccessRequest): boolean {
    this.asked.push({ principal, request });
    return this.isAllowed(principal, request);
  }

  isAllowed(principal: Principal, request: AccessRequest): boolean {
    return principal.kind === 'operator' || !this.denied.has(request.action);
  }

  canAssume(_service: string, roleArn: string): boolean {
    return !this.untrusting.has(roleArn);
  }

  unusedGrants() {
    return [];
  }
}

export type Handler = (input: any, context: OperationContext, world: World) => unknown;

export interface Call {
  readonly operation: string;
  readonly input: any;
}

/** What Step Functions tells EventBridge and CloudWatch about executions. */
export interface Told {
  readonly events: any[];
  readonly metrics: any[];
}

/** A service with only the given operations; each call is remembered. */
function fakeService(name: string, handlers: Record<string, Handler>, calls: Call[], told: Told): ServiceFactory {
  return (world): Service => Object.assign<Service, object>({
    name,
    resources: [],
    operations: Object.fromEntries(Object.entries(handlers).map(([operation, handle]) => [operation, {
      access: () => [{ action: `${name}:${operation}`, resource: '*' }],
      handle: (input: any, context: OperationContext) => {
        calls.push({ operation, input });
        return handle(input, context, world);
      },
    }])),
  }, {
    publishServiceEvent: (event: unknown) => { told.events.push(event); },
    recordMetric: (metric: unknown) => { told.metrics.push(metric); },
  });
}

/** A world with Step Functions and fakes of the services that its tasks call. */
export class StatesWorld {
  readonly iam = new FakeIam();
  readonly calls: Record<string, Call[]> = {};
  readonly told: Told = { events: [], metrics: [] };
  readonly world: SimulatedWorld;

  constructor(services: Record<string, Record<string, Handler>> = {}, options: WorldOptions & StatesOptions & { factories?: ServiceFactory[] } = {}) {
    const fakes = Object.entries(services).map(([name, handlers]) => fakeService(name, handlers, this.calls[name] = [], this.told));
    this.world = new SimulatedWorld(this.iam, [(world) => statesService(world, options), ...fakes, ...options.factories ?? []], options);
  }

  get states(): StatesService {
    return this.world.service<StatesService>('states');
  }

  get now(): number {
    return this.world.kernel.now;
  }

  create(definition: object, options: { name?: string; type?: 'STANDARD' | 'EXPRESS'; roleArn?: string } = {}): string {
    const { name = 'Quotes', type, roleArn = ROLE } = options;
    return this.states.createStateMachine({ name, type, roleArn, definition: JSON.stringify(definition) }).arn;
  }

  /** Calls an operation of Step Functions as the operator. */
  async call(operation: string, input: object): Promise<any> {
    const answer = this.world.call({ service: 'states', operation, input, caller: { principal: { kind: 'operator' }, name: 'test' } });
    return this.settle(answer);
  }

  async start(stateMachineArn: string, input: unknown = {}, name?: string): Promise<string> {
    return (await this.call('StartExecution', { stateMachineArn, input: JSON.stringify(input), name })).executionArn;
  }

  /** Starts an execution, lets everything happen, and describes the execution. */
  async execute(stateMachineArn: string, input: unknown = {}, name?: string): Promise<any> {
    const executionArn = await this.start(stateMachineArn, input, name);
    await this.run();
    return this.call('DescribeExecution', { executionArn });
  }

  run(seconds?: number): Promise<RunEnd> {
    return this.world.kernel.run(seconds === undefined ? {} : { deadline: this.now + seconds * 1000 });
  }

  async history(executionArn: string): Promise<any[]> {
    return (await this.call('GetExecutionHistory', { executionArn, maxResults: 1000 })).events;
  }

  /** Runs the world until a promise has settled. */
  private async settle<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    promise.then(() => { settled = true; }, () => { settled = true; });
    await this.world.kernel.run({ until: () => settled });
    if (!settled) throw new Error('the call did not end');
    return promise;
  }
}

/** A definition with one task. */
export function task(resource: string, fields: object = {}): object {
  return { QueryLanguage: 'JSONata', StartAt: 'Ask', States: { Ask: { Type: 'Task', Resource: resource, End: true, ...fields } } };
}
