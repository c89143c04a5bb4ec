import { mkdtempSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import type { ResourceInstance } from '../../src/cloudformation/resource-provider';
import type { Iam, PolicyDocument } from '../../src/iam/iam';
import type { AccessRequest, Principal } from '../../src/iam/principal';
import { type Caller, ServiceError, type Operation, type Service, type ServiceFactory } from '../../src/service';
import { lambdaService, type LambdaOptions, type LambdaService } from '../../src/services/lambda';
import { SimulatedWorld, type WorldOptions } from '../../src/world';

export const OPERATOR: Caller = { principal: { kind: 'operator' }, name: 'operator' };
export const ROLE = 'arn:aws:iam::123456789012:role/FunctionRole';

/** Allows everything but what a test denies, and remembers what was asked. */
export class TestIam {
  readonly requests: { principal: Principal; request: AccessRequest }[] = [];
  readonly resourcePolicies: { arn: string; document: PolicyDocument }[] = [];
  readonly denied = new Set<string>();
  readonly denials = [];
  assumable = true;
  addRole() {}
  addRolePolicy() {}
  addResourcePolicy(arn: string, document: PolicyDocument) {
    this.resourcePolicies.push({ arn, document });
  }
  authorize(principal: Principal, request: AccessRequest) {
    this.requests.push({ principal, request });
    if (!this.isAllowed(principal, request)) throw new ServiceError('AccessDenied', `${request.action} on ${request.resource} is not allowed`);
  }
  attempt(principal: Principal, request: AccessRequest) {
    return this.isAllowed(principal, request);
  }
  isAllowed(_principal: Principal, request: AccessRequest) {
    return !this.denied.has(request.action);
  }
  canAssume() {
    return this.assumable;
  }
  unusedGrants() {
    return [];
  }
}

export interface FakeCall {
  readonly operation: string;
  readonly input: any;
  readonly caller: Caller;
  readonly at: number;
}

/** A service whose operations are plain functions. */
export function fakeService(name: string, operations: Record<string, (input: any, caller: Caller) => any>, calls: FakeCall[] = []): ServiceFactory {
  return (world) => ({
    name,
    resources: [],
    operations: Object.fromEntries(Object.entries(operations).map(([operation, answer]): [string, Operation] => [operation, {
      access: () => [{ action: `${name}:${operation}`, resource: '*' }],
      handle: (input, { caller }) => {
        calls.push({ operation, input: JSON.parse(JSON.stringify(input ?? null)), caller, at: world.kernel.now });
        return answer(input, caller);
      },
    }])),
  });
}

export interface LambdaWorldOptions extends WorldOptions {
  readonly lambda?: LambdaOptions;
  readonly services?: readonly ServiceFactory[];
}

/** A world with Lambda, and whatever else a test needs. */
export class LambdaWorld {
  readonly iam = new TestIam();
  readonly world: SimulatedWorld;

  constructor(options: LambdaWorldOptions = {}) {
    const lambda: ServiceFactory = (world) => lambdaService(world, { executionTime: { minMs: 0, maxMs: 0 }, ...options.lambda });
    this.world = new SimulatedWorld(this.iam as unknown as Iam, [lambda, ...options.services ?? []], { ...options, trace: { keep: true } });
  }

  get lambda(): LambdaService {
    return this.world.service<LambdaService>('lambda');
  }

  /** Creates a resource as a template would; returns its `Ref`. */
  create(type: string, properties: any, logicalPath: string = 'Stack/Thing', assets: Record<string, string> = {}): string {
    const providers = this.world.allServices().flatMap((service: Service) => service.resources);
    const provider = providers.find((candidate) => candidate.type === type);
    if (!provider) throw new Error(`no provider for ${type}`);
    const resource: ResourceInstance = {
      logicalId: logicalPath.replace(/\W/g, ''),
      type,
      properties,
      stackName: 'Stack',
      path: `${logicalPath}/Resource`,
      generatedName: () => logicalPath.replace(/\W/g, '-'),
      assetPath: (_bucket, key) => assets[key],
    };
    return provider.create(resource).ref;
  }

  /** Deploys handler source as a function named `name`. */
  deploy(name: string, source: string | Record<string, string>, properties: Record<string, unknown> = {}): string {
    const directory = bundle(typeof source === 'string' ? { 'index.js': source } : source);
    return this.create('AWS::Lambda::Function', {
      FunctionName: name,
      Role: ROLE,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { S3Bucket: 'assets', S3Key: 'code.zip' },
      ...properties,
    }, `Stack/${name}`, { 'code.zip': directory });
  }

  call(service: string, operation: string, input: any): Promise<any> {
    return this.world.call({ service, operation, input, caller: OPERATOR });
  }

  /** Invokes and runs the world until it is quiet; the answer's payload is parsed. */
  async invoke(name: string, event: unknown = {}, input: Record<string, unknown> = {}): Promise<any> {
    const answer = this.call('lambda', 'Invoke', { FunctionName: name, Payload: JSON.stringify(event), ...input }).then(
      (value) => ({ value }),
      (error) => ({ error }),
    );
    await this.world.kernel.run();
    const outcome: any = await answer;
    if (outcome.error) throw outcome.error;
    return { ...outcome.value, result: outcome.value.Payload === undefined ? undefined : JSON.parse(outcome.value.Payload) };
  }
}

/** Writes files to a new directory. */
export function bundle(files: Record<string, string>): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'handler-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(directory, name), content);
  return directory;
}
