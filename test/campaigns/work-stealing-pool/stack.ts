import * as path from 'path';
import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import {
  EFFECT, FLEET, FUNCTION_GROUPS, type FunctionGroup, GAIN_MS, INTERVAL_MS, LEASE_MS, MAX_RECEIVES, PLACES, POOL, RUNNER_TIMEOUT_MS, TASK_TIMEOUT_MS,
  type UserEnv,
} from './environment';
import { Stealing, TaskRouter, WorkerGroup, WorkStealingPool } from '../../../src';

export const EFFECTS_TABLE = 'Effects';
export const FLEET_ROLE = 'FleetRole';
export const FLEET_LOG = 'FleetLog';
/** Outputs: what a container of the fleet is given, and the directory of its code in the assembly. */
export const OUTPUT = { SETTINGS: 'FleetSettings', CODE: 'FleetCode' } as const;

export function functionOf(group: FunctionGroup): string {
  return `On${group}`;
}

/** One pool of two functions and workers outside. */
export class CampaignStack extends Stack {
  private readonly effects = new Table(this, EFFECTS_TABLE, {
    partitionKey: { name: EFFECT.TASK, type: AttributeType.STRING }, billingMode: BillingMode.PAY_PER_REQUEST,
  });
  private readonly pool = new WorkStealingPool(this, POOL, {
    router: TaskRouter.affinity('key'),
    stealing: Stealing.leader({ interval: Duration.millis(INTERVAL_MS), minimumGain: Duration.millis(GAIN_MS) }),
    lease: Duration.millis(LEASE_MS),
    maxReceiveCount: MAX_RECEIVES,
    retryDelay: Duration.seconds(3),
    removalPolicy: RemovalPolicy.DESTROY,
  });

  /** `handlers`: directory of the bundles of `*.lambda.ts` beside this file. */
  constructor(scope: Construct, id: string, private readonly handlers: string) {
    super(scope, id);
    for (const group of FUNCTION_GROUPS) this.addFunction(group);
    this.addFleet();
  }

  private addFunction(name: FunctionGroup) {
    const environment: UserEnv = { EFFECTS_TABLE: this.effects.tableName };
    const handler = new lambda.Function(this, functionOf(name), {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(path.join(this.handlers, 'function')),
      timeout: Duration.millis(TASK_TIMEOUT_MS),
      environment: { ...environment },
    });
    this.effects.grant(handler, 'dynamodb:UpdateItem');
    const group = this.pool.addGroup(name, WorkerGroup.function(handler, { maxConcurrency: PLACES[name], typicalTask: Duration.seconds(2) }));
    group.addCommitter(handler);
    (group.runner!.node.defaultChild as lambda.CfnFunction).timeout = RUNNER_TIMEOUT_MS / 1_000;
  }

  private addFleet() {
    const role = new Role(this, FLEET_ROLE, { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    new LogGroup(this, FLEET_LOG);
    this.effects.grant(role, 'dynamodb:UpdateItem');
    const group = this.pool.addGroup(FLEET, WorkerGroup.external({ weight: 3, typicalTask: Duration.seconds(2) }));
    group.grantWork(role);
    new CfnOutput(this, OUTPUT.SETTINGS, { value: group.workerSettings });
    new CfnOutput(this, OUTPUT.CODE, { value: new Asset(this, 'Code', { path: path.join(this.handlers, 'worker') }).assetPath });
  }
}
