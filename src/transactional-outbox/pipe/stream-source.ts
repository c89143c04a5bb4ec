import { IPipe, ISource, SourceConfig } from '@aws-cdk/aws-pipes-alpha';
import { Duration } from 'aws-cdk-lib';
import { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { IRole } from 'aws-cdk-lib/aws-iam';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { grantExactly, grantSendMessage } from '../../shared/grants';

export interface StreamSourceProps {
  readonly table: ITable;
  readonly deadLetterQueue: IQueue;
  readonly batchSize: number;
  readonly parallelizationFactor: number;
  /** −1: without end, until the records are too old. */
  readonly retryAttempts: number;
  readonly maximumAge: Duration;
}

/**
 * A table's stream, from its beginning: `LATEST` would miss what is written before the pipe polls for the first time. Bounded in retries and age,
 * because a record that fails holds up its shard until the stream forgets both.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-dynamodb.html
 */
export class StreamSource implements ISource {
  public readonly sourceArn: string;

  public constructor(private readonly props: StreamSourceProps) {
    this.sourceArn = props.table.tableStreamArn!;
  }

  public bind(_pipe: IPipe): SourceConfig {
    const { batchSize, parallelizationFactor, retryAttempts, maximumAge, deadLetterQueue } = this.props;
    return {
      sourceParameters: {
        dynamoDbStreamParameters: {
          startingPosition: 'TRIM_HORIZON',
          batchSize,
          parallelizationFactor,
          onPartialBatchItemFailure: 'AUTOMATIC_BISECT',
          maximumRetryAttempts: retryAttempts,
          maximumRecordAgeInSeconds: maximumAge.toSeconds(),
          deadLetterConfig: { arn: deadLetterQueue.queueArn },
        },
      },
    };
  }

  /** `grantStreamRead` would let the pipe list the streams of all tables. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html */
  public grantRead(grantee: IRole): void {
    const { table, deadLetterQueue } = this.props;
    const actions = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'];
    grantExactly(grantee, this.sourceArn, actions, table.encryptionKey, ['kms:Decrypt']);
    grantSendMessage(deadLetterQueue, grantee);
  }
}
