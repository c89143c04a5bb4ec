import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { INBOX, INBOX_ENV } from './contract';
import { TransactionalOutbox } from './transactional-outbox';
import { grantTableActions } from '../shared/grants';
import { misuse } from '../shared/misuse';
import { secureTable } from '../shared/tables';

/** Properties of a consumer's inbox. */
export interface InboxProps {
  /**
   * Where the events come from: its consumers may read the payloads that it keeps in S3, and its retention is the least that the inbox needs.
   * @default - an outbox of another app; grant its payloads to the consumers yourself
   */
  readonly outbox?: TransactionalOutbox;

  /**
   * How long an event is remembered, whole seconds: not less than the outbox can send it again by a replay. DynamoDB forgets it item by item,
   * within a few days.
   * @default - the outbox's retention and 7 days, for what is on its way; Duration.days(14) without an outbox
   */
  readonly retention?: Duration;

  /**
   * Encrypts the table.
   * @default - a key that DynamoDB manages
   */
  readonly encryptionKey?: IKey;

  /**
   * What happens to the table when the stack is deleted. Without it, events that come again take effect again.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

const DEFAULT_RETENTION = Duration.days(14);
/** A queue keeps a message for four days unless told otherwise, and dead letters are looked at within a week. */
const ON_THE_WAY = Duration.days(7);

/** Which inbox a function claims events in: the runtime library finds one in its environment. */
const INBOX_OF_CONSUMER = new WeakMap<LambdaFunction, Inbox>();

/**
 * The consumer's half of an outbox: remembers which events were handled, so that each takes effect once, however often it is delivered.
 *
 * Effects in DynamoDB: claim the event in the transaction that makes them (`applyOnce` of the runtime library). Other effects: Powertools'
 * idempotency, for which the table has the attributes that it expects; an effect whose function then fails is made again.
 *
 * Give each consumer an inbox of its own: two that share one would take each other's events for handled.
 *
 * @example
 * import { Inbox } from 'cdk-integration-patterns';
 *
 * const inbox = new Inbox(this, 'ShippingInbox', { outbox });
 * inbox.addConsumer(shipFn);
 */
export class Inbox extends Construct {
  /** Handled events: `id`, and `expiration` as their time to live. */
  public readonly table: Table;
  /** How long an event is remembered. */
  public readonly retention: Duration;

  private readonly outbox?: TransactionalOutbox;

  /**
   * @param scope the stack, or what else it belongs to
   * @param id unique in its scope, and part of the logical ids: another one makes CloudFormation replace all of it
   * @param props whose events it remembers, and what differs from the defaults
   */
  constructor(scope: Construct, id: string, props: InboxProps = {}) {
    super(scope, id);
    this.outbox = props.outbox;
    this.retention = props.retention ?? (props.outbox ? props.outbox.retention.plus(ON_THE_WAY) : DEFAULT_RETENTION);
    this.validateRetention();
    this.table = this.createTable(props);
  }

  /**
   * Lets a function claim events, and tells the runtime library in it where. It may read the outbox's large payloads, too.
   * @param consumer the function that reads the events
   */
  public addConsumer(consumer: LambdaFunction): void {
    const other = INBOX_OF_CONSUMER.get(consumer) ?? this;
    if (other !== this) {
      throw misuse(this, `function '${consumer.node.path}' is a consumer of '${other.node.path}' already, and its environment names one inbox; use grantClaim and name the table in its code`);
    }
    this.grantClaim(consumer);
    this.outbox?.grantReadPayloads(consumer);
    INBOX_OF_CONSUMER.set(consumer, this);
    consumer.addEnvironment(INBOX_ENV.TABLE_NAME, this.table.tableName);
    consumer.addEnvironment(INBOX_ENV.RETENTION_SECONDS, String(this.retention.toSeconds()));
  }

  /**
   * Lets somebody claim events, in transactions of its own or by Powertools' idempotency.
   * @param grantee the function, role or other principal that gets the permissions
   * @see https://docs.aws.amazon.com/powertools/typescript/latest/features/idempotency/#iam-permissions
   */
  public grantClaim(grantee: IGrantable): Grant {
    return grantTableActions(this.table, grantee, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem');
  }

  private createTable({ encryptionKey, removalPolicy }: InboxProps): Table {
    return secureTable(this, 'Table', {
      encryptionKey,
      removalPolicy,
      partitionKey: { name: INBOX.PARTITION_KEY, type: AttributeType.STRING },
      timeToLiveAttribute: INBOX.EXPIRES_AT,
    });
  }

  private validateRetention(): void {
    if (this.retention.isUnresolved()) throw misuse(this, 'retention must be known at synthesis, received a token; give it as a number');
    const seconds = this.retention.toSeconds({ integral: false });
    if (!Number.isInteger(seconds) || seconds < 1) throw misuse(this, `retention must be whole seconds and at least 1, received ${seconds} s`);
    const least = this.outbox?.retention.toSeconds() ?? 0;
    if (seconds < least) {
      throw misuse(this, `retention must be at least that of outbox '${this.outbox!.node.path}', ${least} s, received ${seconds} s; a replay would take effect twice`);
    }
  }
}
