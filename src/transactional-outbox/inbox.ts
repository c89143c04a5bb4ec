import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { INBOX, INBOX_ENV } from './contract';
import { grantTableActions } from '../shared/grants';
import { misuse } from '../shared/misuse';

/** Properties of a consumer's inbox. */
export interface InboxProps {
  /**
   * How long an event id is remembered: longer than the outbox can send the event again.
   * @default Duration.days(14)
   */
  readonly retention?: Duration;

  /**
   * Encrypts the table.
   * @default - a key that DynamoDB manages
   */
  readonly encryptionKey?: IKey;

  /**
   * What happens to the table when the stack is deleted.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

const DEFAULT_RETENTION = Duration.days(14);

/** The consumer's half of an outbox: remembers the events that were handled, so that each takes effect once. */
export class Inbox extends Construct {
  /** Handled events: `id`, and `expiration` as its time to live. Powertools' idempotency can use it as it is. */
  public readonly table: Table;

  private readonly retention: Duration;

  constructor(scope: Construct, id: string, props: InboxProps = {}) {
    super(scope, id);
    this.retention = props.retention ?? DEFAULT_RETENTION;
    this.table = this.createTable(props);
  }

  /** Lets a function claim events, and tells it where. */
  public addConsumer(consumer: LambdaFunction): void {
    consumer.addEnvironment(INBOX_ENV.TABLE_NAME, this.table.tableName);
    consumer.addEnvironment(INBOX_ENV.RETENTION_SECONDS, String(this.retention.toSeconds()));
    this.grantClaim(consumer);
  }

  /** Lets somebody claim events: in transactions of their own, or with Powertools' idempotency. */
  public grantClaim(grantee: IGrantable): Grant {
    return grantTableActions(this.table, grantee, 'dynamodb:PutItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem');
  }

  private createTable({ encryptionKey, removalPolicy }: InboxProps): Table {
    if (!this.retention.isUnresolved() && this.retention.toSeconds() < 1) throw misuse(this, `retention must be at least 1 second, received ${this.retention.toSeconds()}`);
    return new Table(this, 'Table', {
      partitionKey: { name: INBOX.PARTITION_KEY, type: AttributeType.STRING },
      timeToLiveAttribute: INBOX.EXPIRES_AT,
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      encryption: encryptionKey ? TableEncryption.CUSTOMER_MANAGED : TableEncryption.DEFAULT,
      encryptionKey,
      removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN,
    });
  }
}
