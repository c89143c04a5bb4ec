import { functionNotFound, parseFunctionReference } from './arn';
import type { Concurrency } from './concurrency';
import type { FunctionConfiguration } from './configuration';
import { type ExecutionTime, LambdaFunction } from './function';
import type { InvocationTarget } from './invoke';
import type { FunctionOverride } from './override';
import type { World } from '../../service';

/** All functions of the account. */
export class FunctionDirectory {
  private readonly functions = new Map<string, LambdaFunction>();
  private readonly overrides = new Map<string, FunctionOverride>();

  constructor(private readonly world: World, private readonly concurrency: Concurrency, private readonly executionTime: ExecutionTime) {}

  override(path: string, implementation: FunctionOverride) {
    this.overrides.set(path.replace(/\/Resource$/, ''), implementation);
  }

  /** By the whole construct path, or the path without its stack. */
  overrideOf(path: string): FunctionOverride | undefined {
    return this.overrides.get(path) ?? this.overrides.get(path.slice(path.indexOf('/') + 1));
  }

  create(configuration: FunctionConfiguration) {
    if (this.functions.has(configuration.name)) throw new Error(`function ${configuration.name} exists already`);
    if (configuration.reservedConcurrency !== undefined) this.concurrency.reserve(configuration.path, configuration.reservedConcurrency);
    const created = new LambdaFunction(this.world, configuration, this.executionTime, () => this.overrideOf(configuration.path));
    this.functions.set(configuration.name, created);
  }

  all(): LambdaFunction[] {
    return [...this.functions.values()];
  }

  get(functionName: unknown): LambdaFunction {
    const { name } = parseFunctionReference(functionName);
    const found = this.functions.get(name);
    if (!found) throw functionNotFound(this.arn(name));
    return found;
  }

  /** The function, version or alias that a caller names. */
  target(functionName: unknown, requestedQualifier?: string): InvocationTarget {
    const { name, qualifier } = parseFunctionReference(functionName, requestedQualifier);
    const found = this.functions.get(name);
    const arn = this.arn(name, qualifier);
    if (!found) throw functionNotFound(arn);
    return { function: found, qualifier, arn, version: this.version(found, qualifier, arn) };
  }

  /** The ARN that permissions are checked against: as the caller has named the function. */
  accessArn(functionName: unknown, requestedQualifier?: string): string {
    const { name, qualifier } = parseFunctionReference(functionName, requestedQualifier);
    return this.arn(name, qualifier);
  }

  private version(found: LambdaFunction, qualifier: string | undefined, arn: string): string {
    if (qualifier === undefined || qualifier === '$LATEST') return '$LATEST';
    const version = found.aliases.get(qualifier) ?? qualifier;
    if (version === '$LATEST' || (Number(version) >= 1 && Number(version) <= found.publishedVersions)) return version;
    throw functionNotFound(arn);
  }

  private arn(name: string, qualifier?: string): string {
    return `arn:aws:lambda:${this.world.region}:${this.world.account}:function:${name}${qualifier === undefined ? '' : `:${qualifier}`}`;
  }
}
