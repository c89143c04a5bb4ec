import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { SAGA, type SagaStatus } from '../../src/orchestrated-saga/contract';

/** A saga's item. */
export interface RegisteredSaga {
  readonly sagaId: string;
  readonly status: SagaStatus;
  readonly executionArn: string;
  readonly startedBy: string;
  readonly takenOverBy?: readonly string[];
  readonly barred?: ReadonlySet<string>;
  readonly recoveries: number;
  readonly endedAt?: string;
  /** JSON of a `ParkedPosition`. */
  readonly parked?: string;
}

/** The table of sagas. */
export class SagaRegistry {
  constructor(private readonly client: DynamoDBDocumentClient, private readonly tableName: string) {}

  async find(sagaId: string): Promise<RegisteredSaga | undefined> {
    const Key = { [SAGA.PARTITION_KEY]: sagaId };
    const { Item } = await this.client.send(new GetCommand({ TableName: this.tableName, Key, ConsistentRead: true }));
    return Item as RegisteredSaga | undefined;
  }

  /**
   * Enters a saga in place of the execution that was stopped while it did: its write may still be on its way, and is refused from now on.
   * @returns the saga as it is then
   */
  async enter(sagaId: string, startedBy: string, executionArn: string): Promise<RegisteredSaga | undefined> {
    try {
      await this.client.send(new UpdateCommand({
        TableName: this.tableName,
        Key: { [SAGA.PARTITION_KEY]: sagaId },
        UpdateExpression: 'SET #executionArn = :me, #status = :status, #startedBy = :startedBy, #recoveries = :one, #takenOverBy = :mine',
        ConditionExpression: 'attribute_not_exists(#sagaId)',
        ExpressionAttributeNames: {
          '#sagaId': SAGA.PARTITION_KEY,
          '#executionArn': SAGA.EXECUTION_ARN,
          '#status': SAGA.STATUS,
          '#startedBy': SAGA.STARTED_BY,
          '#recoveries': SAGA.RECOVERIES,
          '#takenOverBy': SAGA.TAKEN_OVER_BY,
        },
        ExpressionAttributeValues: {
          ':me': executionArn, ':status': 'RECOVERING' satisfies SagaStatus, ':startedBy': startedBy, ':one': 1, ':mine': [executionArn],
        },
      }));
    } catch (error) {
      if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
    }
    return this.find(sagaId);
  }

  /**
   * Sees to it that recoveries which have ended do not claim a saga any more: the function of one that was stopped runs on.
   * @returns the saga as it is then, claimed by one of them perhaps; none if there is none
   */
  async bar(sagaId: string, executionArns: readonly string[]): Promise<RegisteredSaga | undefined> {
    try {
      const { Attributes } = await this.client.send(new UpdateCommand({
        TableName: this.tableName,
        Key: { [SAGA.PARTITION_KEY]: sagaId },
        UpdateExpression: 'ADD #barred :ended',
        ConditionExpression: 'attribute_exists(#sagaId)',
        ExpressionAttributeNames: { '#sagaId': SAGA.PARTITION_KEY, '#barred': SAGA.BARRED },
        ExpressionAttributeValues: { ':ended': new Set(executionArns) },
        ReturnValues: 'ALL_NEW',
      }));
      return Attributes as RegisteredSaga;
    } catch (error) {
      if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
      return undefined;
    }
  }

  /**
   * Makes a saga this execution's own, as long as it is as it was seen. Each execution claims once.
   * @returns whether it did; somebody else was faster if not, or an earlier attempt whose answer was lost
   */
  async claim(saga: RegisteredSaga, executionArn: string, status: SagaStatus, recoveries: number): Promise<boolean> {
    try {
      await this.client.send(new UpdateCommand({
        TableName: this.tableName,
        Key: { [SAGA.PARTITION_KEY]: saga.sagaId },
        UpdateExpression: 'SET #executionArn = :me, #status = :status, #recoveries = :recoveries, '
          + '#takenOverBy = list_append(if_not_exists(#takenOverBy, :nobody), :mine)',
        ConditionExpression: '#executionArn = :owner AND #status = :seen AND NOT contains(#takenOverBy, :me) AND NOT contains(#barred, :me)',
        ExpressionAttributeNames: {
          '#executionArn': SAGA.EXECUTION_ARN,
          '#status': SAGA.STATUS,
          '#recoveries': SAGA.RECOVERIES,
          '#takenOverBy': SAGA.TAKEN_OVER_BY,
          '#barred': SAGA.BARRED,
        },
        ExpressionAttributeValues: {
          ':me': executionArn,
          ':status': status,
          ':recoveries': recoveries,
          ':nobody': [],
          ':mine': [executionArn],
          ':owner': saga.executionArn,
          ':seen': saga.status,
        },
      }));
      return true;
    } catch (error) {
      if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
      return false;
    }
  }
}
