import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { CLAIM, PARTICIPANT_ENV } from './contract';
import { grantTableActions } from '../shared/grants';
import { misuse } from '../shared/misuse';
import { secureTable } from '../shared/tables';

/** Properties of a saga's participant. */
export interface SagaParticipantProps {
  /**
   * How long it is remembered what was done and undone, whole seconds: longer than any saga can run, be parked and be resumed. DynamoDB forgets item by
   * item, within a few days.
   * @default Duration.days(180)
   */
  readonly retention?: Duration;

  /**
   * Encrypts the table.
   * @default - a key that DynamoDB manages
   */
  readonly encryptionKey?: IKey;

  /**
   * What happens to the table when the stack is deleted. Without it, attempts that come again take effect again.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Sagas can be parked for 90 days, and then run again. */
const DEFAULT_RETENTION = Duration.days(180);

const PARTICIPANT_OF_FUNCTION = new WeakMap<LambdaFunction, SagaParticipant>();

/**
 * A service's half of a saga: remembers what was done and undone, so that each takes effect once however often it is asked for, that undoing what was never
 * done is a success, and that what was undone before it was done is not done any more.
 *
 * Effects in DynamoDB: the runtime library's `sagaParticipant` enters them in the same transaction. Other effects: Powertools' idempotency, for
 * which the table has the attributes that it expects; it keeps the first of the three promises only.
 *
 * What is remembered is known by saga id and step, so workflows whose saga ids can be equal need participants of their own, and a saga id is not used again
 * as long as it is remembered.
 *
 * @example
 * import { SagaParticipant } from 'cdk-integration-patterns';
 *
 * const hotels = new SagaParticipant(this, 'Hotels');
 * hotels.addFunction(reserveHotel);
 * hotels.addFunction(cancelHotel);
 */
export class SagaParticipant extends Construct {
  /** What was done and undone: `id`, the idempotency key, and `expiration` as its time to live. */
  public readonly table: Table;

  /** How long it is remembered what was done and undone. */
  public readonly retention: Duration;

  /**
   * @param scope the stack, or what else it belongs to
   * @param id unique in its scope, and part of the logical ids: another one makes CloudFormation replace all of it
   * @param props what differs from the defaults
   */
  constructor(scope: Construct, id: string, props: SagaParticipantProps = {}) {
    super(scope, id);
    this.retention = props.retention ?? DEFAULT_RETENTION;
    if (this.retention.isUnresolved()) throw misuse(this, 'retention must be known at synthesis, received a token; give it as a number');
    const seconds = this.retention.toSeconds({ integral: false });
    if (!Number.isInteger(seconds) || seconds < 1) throw misuse(this, `retention must be whole seconds and at least 1, received ${seconds} s`);
    this.table = secureTable(this, 'Table', {
      encryptionKey: props.encryptionKey,
      removalPolicy: props.removalPolicy,
      partitionKey: { name: CLAIM.PARTITION_KEY, type: AttributeType.STRING },
      timeToLiveAttribute: CLAIM.EXPIRES_AT,
    });
  }

  /**
   * Lets a function remember what it does, and tells the runtime library in it where.
   * @param handler the function of an action, or of a compensation
   */
  public addFunction(handler: LambdaFunction): void {
    const other = PARTICIPANT_OF_FUNCTION.get(handler) ?? this;
    if (other !== this) {
      throw misuse(this, `function '${handler.node.path}' belongs to '${other.node.path}' already, and its environment names one participant; use grantRemember and name the table in its code`);
    }
    this.grantRemember(handler);
    PARTICIPANT_OF_FUNCTION.set(handler, this);
    handler.addEnvironment(PARTICIPANT_ENV.TABLE_NAME, this.table.tableName);
    handler.addEnvironment(PARTICIPANT_ENV.RETENTION_SECONDS, String(this.retention.toSeconds()));
  }

  /**
   * Lets somebody read the large results that this participant's actions return by reference: a function that calls `resolveResult` of the runtime library.
   * @param grantee the function, role or other principal that gets the permissions
   */
  public grantReadResults(grantee: IGrantable): Grant {
    return grantTableActions(this.table, grantee, 'dynamodb:GetItem');
  }

  /**
   * Lets somebody remember what it does, in transactions of its own or by Powertools' idempotency.
   * @param grantee the function, role or other principal that gets the permissions
   */
  public grantRemember(grantee: IGrantable): Grant {
    return grantTableActions(this.table, grantee,
      'dynamodb:ConditionCheckItem', 'dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem');
  }
}
