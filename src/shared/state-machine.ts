import { RemovalPolicy } from 'aws-cdk-lib';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CustomerManagedEncryptionConfiguration, DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledgeFinding } from './acknowledge';
import { encryptedLogGroup } from './log-group';

export interface JsonStateMachineProps {
  /** Amazon States Language as JSON text; it may be a token. */
  readonly definition: string;
  readonly express: boolean;
  readonly description: string;
  readonly logRetention: RetentionDays;
  readonly encryptionKey?: IKey;
  readonly removalPolicy?: RemovalPolicy;
}

/** A state machine with a generated definition, X-Ray, and a log of all events without execution data. */
export function jsonStateMachine(scope: Construct, id: string, props: JsonStateMachineProps): StateMachine {
  const logs = encryptedLogGroup(scope, `${id}Logs`, { ...props, retention: props.logRetention });
  const stateMachine = new StateMachine(scope, id, {
    comment: props.description,
    definitionBody: DefinitionBody.fromString(props.definition),
    stateMachineType: props.express ? StateMachineType.EXPRESS : StateMachineType.STANDARD,
    tracingEnabled: true,
    logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: false },
    encryptionConfiguration: props.encryptionKey && new CustomerManagedEncryptionConfiguration(props.encryptionKey),
  });
  // The L2's own grant is on condition of the machine's name, which a machine that CloudFormation names has not yet.
  // https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
  props.encryptionKey?.grant(stateMachine, 'kms:Decrypt', 'kms:GenerateDataKey');
  acknowledgeFinding(stateMachine, 'AwsSolutions-IAM5[Resource::*]', 'X-Ray and log delivery have no resource-level permissions');
  return stateMachine;
}
