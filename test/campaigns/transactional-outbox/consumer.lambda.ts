import { createHash, randomUUID } from 'crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ConsumerEnv, Effect } from './environment';
import { applyOnce, openOutboxEvent } from '../../../runtime-src/transactional-outbox';

interface Message {
  readonly messageId: string;
  readonly body: string;
}

const { OUTBOX, LEDGER_TABLE } = process.env as ConsumerEnv & NodeJS.ProcessEnv;
const client = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 6 }));
const s3 = new S3Client({ maxAttempts: 6 });

/** Handles messages in their order. What comes after one that failed comes again, so that nothing overtakes it. */
export async function handler({ Records }: { Records: Message[] }) {
  for (const [index, record] of Records.entries()) {
    try {
      await handle(record);
    } catch (error) {
      console.error(error);
      return { batchItemFailures: Records.slice(index).map(({ messageId }) => ({ itemIdentifier: messageId })) };
    }
  }
  return { batchItemFailures: [] };
}

async function handle(record: Message) {
  const { source, id, type, subject, sequence, data, text } = await openOutboxEvent(record, { s3 });
  const effect: Effect = {
    event: `${source}#${id}`,
    effect: randomUUID(),
    outbox: OUTBOX,
    id,
    type,
    subject,
    sequence,
    digest: createHash('sha256').update(text ?? '').digest('hex'),
    change: text === undefined ? JSON.stringify(data) : '',
  };
  await applyOnce(client, { source, id }, [{ Put: { TableName: LEDGER_TABLE, Item: effect } }]);
}
