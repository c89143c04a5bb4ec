import * as path from 'path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { SagaParticipant } from 'cdk-integration-patterns';
import { Construct } from 'constructs';

export interface ServiceProps {
  /** The file in `functions` that exports the service's handlers. */
  readonly code: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A service with a table of its own that takes part in sagas. */
export class Service extends Construct {
  readonly table: dynamodb.Table;
  private readonly participant: SagaParticipant;

  constructor(scope: Construct, id: string, private readonly props: ServiceProps) {
    super(scope, id);
    this.table = new dynamodb.Table(this, 'Entries', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'entry', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.participant = new SagaParticipant(this, 'Participant', { removalPolicy: RemovalPolicy.DESTROY });
  }

  /** The function that runs the handler of this name. */
  function(handler: string): NodejsFunction {
    const { code, environment } = this.props;
    const handling = new NodejsFunction(this, handler, {
      entry: path.join(__dirname, 'functions', `${code}.ts`),
      handler,
      runtime: lambda.Runtime.NODEJS_22_X,
      architecture: lambda.Architecture.ARM_64,
      timeout: Duration.seconds(30),
      environment: { ...environment, TABLE_NAME: this.table.tableName },
      logGroup: new logs.LogGroup(this, `${handler}Logs`, { retention: logs.RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY }),
    });
    this.table.grantReadWriteData(handling);
    this.participant.addFunction(handling);
    return handling;
  }
}
