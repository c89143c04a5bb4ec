import { randomUUID } from 'crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { type StateItem, STATE_KEY, type WriteCommand, type WriterEnv } from './environment';
import { outboxPutWithClaimCheck } from '../../../runtime-src/transactional-outbox';

const { OUTBOX, STATE_TABLE } = process.env as WriterEnv & NodeJS.ProcessEnv;
const client = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 6 }));
const ATTEMPTS = 4;

/** Writes an aggregate's next version and its event, as the README shows it. Whoever was faster makes it read again. */
export async function handler(command: WriteCommand): Promise<'committed' | 'rolled back'> {
  for (let attempt = 1; ; attempt++) {
    try {
      await write(command);
      return 'committed';
    } catch (error) {
      const { name } = error as Error;
      if (name !== 'TransactionCanceledException') throw error;
      if (command.rollBack || attempt === ATTEMPTS) return 'rolled back';
    }
  }
}

async function write({ command, aggregateType, aggregateId, type, payload, thinkMs, rollBack, retentionSeconds }: WriteCommand) {
  const aggregate = `${aggregateType}#${aggregateId}`;
  // Beside its events, or in the table that all other aggregates share.
  const stateKey = { pk: STATE_TABLE === process.env.OUTBOX_TABLE_NAME ? aggregate : `${OUTBOX}/${aggregate}`, sk: STATE_KEY } as const;
  const { Item } = await client.send(new GetCommand({ TableName: STATE_TABLE, Key: stateKey, ConsistentRead: true }));
  const version = (Item as StateItem | undefined)?.version ?? 0;
  await new Promise((resolve) => setTimeout(resolve, thinkMs));
  const eventId = randomUUID();
  const event = { aggregateType, aggregateId, sequence: version + 1, type, payloadText: payload, eventId };
  const state: StateItem = { ...stateKey, version: version + 1, lastEvent: eventId, command };
  await client.send(new TransactWriteCommand({
    TransactItems: [
      {
        Put: {
          TableName: STATE_TABLE,
          Item: state,
          ConditionExpression: 'attribute_not_exists(pk) OR version = :version',
          ExpressionAttributeValues: { ':version': version },
        },
      },
      await outboxPutWithClaimCheck(event, { retentionSeconds }),
      ...(rollBack ? [{ ConditionCheck: { TableName: STATE_TABLE, Key: { pk: 'nothing', sk: 'here' }, ConditionExpression: 'attribute_exists(pk)' } }] : []),
    ],
  }));
}
