import * as path from 'path';
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Stealing, TaskRouter, WorkerGroup, WorkStealingPool } from 'cdk-integration-patterns';
import type { Construct } from 'constructs';

interface GroupOfRenderers {
  /** Frames at once. */
  readonly places: number;
  /** How much faster than a CPU it is. */
  readonly speed?: number;
  readonly stealsFrom: string[];
}

/**
 * Frames of many tenants on one group with GPUs and two without. A tenant's frames stay together, because whoever has the scene loaded is faster; a group
 * that has nothing to do helps the others. `-c stealing=disabled` shows what becomes of it otherwise.
 */
export class RenderFarmStack extends Stack {
  private readonly steals = this.node.tryGetContext('stealing') !== 'disabled';
  private readonly pool: WorkStealingPool;
  private readonly frames: dynamodb.Table;

  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);

    this.frames = new dynamodb.Table(this, 'Frames', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.pool = new WorkStealingPool(this, 'Farm', {
      router: TaskRouter.affinity('tenantId'),
      // Loading a scene takes a few seconds: what would wait for less is faster where it is.
      stealing: this.steals ? Stealing.leader({ minimumGain: Duration.seconds(5) }) : Stealing.disabled(),
      removalPolicy: RemovalPolicy.DESTROY,
    });

    // A GPU renders everything, a CPU no frame that needs a GPU.
    this.addRenderers('Gpu', { places: 4, speed: 1.5, stealsFrom: ['CpuA', 'CpuB'] });
    this.addRenderers('CpuA', { places: 4, stealsFrom: ['CpuB'] });
    this.addRenderers('CpuB', { places: 4, stealsFrom: ['CpuA'] });

    const submit = this.function('SubmitJob', 'submit', { QUEUE_URL: this.pool.submitQueue.queueUrl });
    this.pool.grantSubmit(submit);

    new CfnOutput(this, 'SubmitFunction', { value: submit.functionName });
    new CfnOutput(this, 'FramesTable', { value: this.frames.tableName });
  }

  private addRenderers(id: string, { places, speed = 1, stealsFrom }: GroupOfRenderers) {
    const render = this.function(`Render${id}`, 'render', { FRAMES_TABLE: this.frames.tableName, SPEED: String(speed) });
    this.frames.grant(render, 'dynamodb:UpdateItem');
    const group = this.pool.addGroup(id, WorkerGroup.function(render, {
      maxConcurrency: places,
      stealsFrom: this.steals ? stealsFrom : undefined,
    }));
    group.addCommitter(render);
  }

  private function(id: string, code: string, environment: Record<string, string>): NodejsFunction {
    return new NodejsFunction(this, id, {
      entry: path.join(__dirname, 'functions', `${code}.ts`),
      runtime: lambda.Runtime.NODEJS_22_X,
      architecture: lambda.Architecture.ARM_64,
      timeout: Duration.minutes(2),
      loggingFormat: lambda.LoggingFormat.JSON,
      systemLogLevelV2: lambda.SystemLogLevel.WARN,
      logGroup: new logs.LogGroup(this, `${id}Logs`, { retention: logs.RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY }),
      environment,
    });
  }
}
