import type { ResourceInstance } from '../../src/cloudformation/resource-provider';
import type { Iam } from '../../src/iam/iam';
import type { AccessRequest, Principal } from '../../src/iam/principal';
import type { FaultPlan, FaultRates } from '../../src/kernel/faults';
import { type Operation, type Service, ServiceError, type ServiceFactory } from '../../src/service';
import { cloudWatchService, type CloudWatchService, logsService, type LogsService } from '../../src/services/cloudwatch';
import { type EventsService, eventsService } from '../../src/services/events';
import { SimulatedWorld } from '../../src/world';

/** A call that a target received. */
export interface Received {
  readonly at: number;
  readonly input: any;
  readonly principal: Principal;
}

/** Answers a target's call: nothing, or the error that it throws. */
export type Answer = (call: Received, earlier: number) => Error | undefined;

export interface Bench {
  readonly world: SimulatedWorld;
  readonly events: EventsService;
  readonly cloudwatch: CloudWatchService;
  readonly logs: LogsService;
  readonly sent: Received[];
  readonly invoked: Received[];
  readonly started: Received[];
  putEvents(...entries: any[]): Promise<any>;
  traced(event: string): any[];
  create(service: Service, type: string, properties: any, logicalId?: string): { ref: string; attributes?: Readonly<Record<string, string>> };
}

export interface BenchOptions {
  readonly seed?: number;
  readonly faults?: FaultPlan | FaultRates;
  readonly sqs?: Answer;
  readonly lambda?: Answer;
  /** Whether IAM allows a request; default all. */
  readonly allows?: (principal: Principal, request: AccessRequest) => boolean;
  readonly canAssume?: () => boolean;
}

/** A world with EventBridge and CloudWatch, and recorders in place of the services that rules send to. */
export function bench(options: BenchOptions = {}): Bench {
  const [sent, invoked, started]: Received[][] = [[], [], []];
  const allows = options.allows ?? (() => true);
  const iam: Iam = {
    denials: [],
    addRole: () => undefined,
    addRolePolicy: () => undefined,
    canAssume: options.canAssume ?? (() => true),
    addResourcePolicy: () => undefined,
    attempt: allows,
    isAllowed: allows,
    authorize: (principal, request) => {
      if (allows(principal, request)) return;
      throw new ServiceError('AccessDeniedException', `not authorized to perform ${request.action} on ${request.resource}`);
    },
    unusedGrants: () => [],
  };
  const accept: Answer = () => undefined;
  const recorder = (name: string, operation: string, action: string, into: Received[], answer: Answer = accept): ServiceFactory => (world) => {
    const handle: Operation['handle'] = (input, { caller }) => {
      const call = { at: world.kernel.now, input, principal: caller.principal };
      const error = answer(call, into.length);
      into.push(call);
      if (error) throw error;
      return {};
    };
    return { name, resources: [], operations: { [operation]: { access: (input) => [{ action, resource: arnOf(input) }], handle } } };
  };
  const world = new SimulatedWorld(iam, [
    cloudWatchService, logsService, eventsService,
    recorder('sqs', 'SendMessage', 'sqs:SendMessage', sent, options.sqs),
    recorder('lambda', 'Invoke', 'lambda:InvokeFunction', invoked, options.lambda),
    recorder('states', 'StartExecution', 'states:StartExecution', started),
  ], { seed: options.seed, faults: options.faults, trace: { keep: true } });
  const operator = { name: 'operator', principal: { kind: 'operator' } } as const;
  return {
    world,
    sent,
    invoked,
    started,
    events: world.service('events'),
    cloudwatch: world.service('cloudwatch'),
    logs: world.service('logs'),
    putEvents: async (...entries) => {
      const answer = world.call({ service: 'events', operation: 'PutEvents', input: { Entries: entries }, caller: operator });
      const settled = answer.then((value) => ({ value }), (error) => ({ error }));
      await world.kernel.run();
      const result: any = await settled;
      if (result.error) throw result.error;
      return result.value;
    },
    traced: (event) => world.trace.entries.filter((traced) => traced.event === event).map(({ detail }) => detail),
    create: (service, type, properties, logicalId = 'Resource') => {
      const provider = service.resources.find((candidate) => candidate.type === type)!;
      return provider.create(instance(type, properties, logicalId));
    },
  };
}

function arnOf(input: any): string {
  return String(input.FunctionName ?? input.stateMachineArn ?? input.QueueUrl);
}

export function instance(type: string, properties: any, logicalId: string): ResourceInstance {
  return {
    logicalId,
    type,
    properties,
    stackName: 'Stack',
    path: `Stack/${logicalId}`,
    generatedName: () => `Stack-${logicalId}`,
    assetPath: () => { throw new Error('no assets here'); },
  };
}

export const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:queue';
export const DLQ = 'arn:aws:sqs:us-east-1:123456789012:dlq';
export const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:fn';

export function entry(detail: unknown = { n: 1 }, more: Record<string, unknown> = {}) {
  return { Source: 'test', DetailType: 'happened', Detail: JSON.stringify(detail), ...more };
}
