import { Duration } from 'aws-cdk-lib';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { Random } from '../../simulator/src';

/** Milliseconds that a bank takes to make a reply, drawn evenly. */
const THINK_MS = [50, 800] as const;
/** Megabytes of a bank's function, for its cost. */
export const BANK_MEMORY_MB = 128;
export const SLOW_BANK_MS = 12_000;

export const REQUEST = { customerId: 'James Eastham', loanAmount: 567.98 };

export function bankNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `Bank${index + 1}`);
}

export function isBank(functionName: string): boolean {
  return /^Bank\d+$/.test(functionName);
}

/** How long each bank thinks in each run: the same for all designs. */
export class ThinkTimes {
  private readonly random = new Random('bench/scatter-gather');

  /** @param slowShare how many of the replies take `SLOW_BANK_MS` instead */
  constructor(private readonly slowShare: number = 0) {}

  of(correlationId: string, bank: string): number {
    const random = this.random.fork(`${correlationId}/${bank}`);
    const thinkMs = random.integer(...THINK_MS);
    return random.chance(this.slowShare) ? SLOW_BANK_MS : thinkMs;
  }

  /** Of the reply that comes last. */
  slowest(correlationId: string, banks: readonly string[]): number {
    return Math.max(...banks.map((bank) => this.of(correlationId, bank)));
  }
}

export function quote(correlationId: string, bank: string) {
  return { bank, customerId: REQUEST.customerId, quoteId: `${bank}-${correlationId}`, rate: 4.25 };
}

/** The banks' functions, with one role for all: a stack has at most 500 resources. The simulation gives them their behaviour. */
export class BankFunctions extends Construct {
  readonly role: Role;
  readonly functions: ReadonlyMap<string, lambda.Function>;

  constructor(scope: Construct, id: string, count: number) {
    super(scope, id);
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaBasicExecutionRole')],
    });
    this.functions = new Map(bankNames(count).map((name) => [name, new lambda.Function(scope, name, {
      runtime: lambda.Runtime.NODEJS_22_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async () => null;'),
      memorySize: BANK_MEMORY_MB,
      timeout: Duration.seconds(20),
      role: this.role,
    })]));
  }
}
