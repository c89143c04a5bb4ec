/** A limiter as it is usually written: a token bucket in one item, and messages without a token are invisible for a while. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ChangeMessageVisibilityBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';

const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const lambda = new LambdaClient({});
const sqs = new SQSClient({});
const { TABLE, QUEUE_URL, TARGET } = process.env;
const RATE = Number(process.env.RATE);
const BURST = Number(process.env.BURST);
const KEY = { TableName: TABLE, Key: { id: 'bucket' } };
const ATTEMPTS = 5;
/** Between one and two of these. */
const AWAY_SECONDS = 15;

export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const tokens = await take(Records.length);
  const [allowed, refused] = [Records.slice(0, tokens), Records.slice(tokens)];
  if (refused.length > 0) {
    await sqs.send(new ChangeMessageVisibilityBatchCommand({
      QueueUrl: QUEUE_URL,
      Entries: refused.map(({ receiptHandle }, index) => (
        { Id: String(index), ReceiptHandle: receiptHandle, VisibilityTimeout: Math.ceil(AWAY_SECONDS * (1 + Math.random())) }
      )),
    }));
  }
  const sent = await Promise.all(allowed.map(send));
  const failed = [...refused, ...allowed.filter((_, index) => !sent[index])];
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

/** How many of the wanted tokens there are. */
async function take(wanted: number): Promise<number> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const { Item } = await documents.send(new GetCommand({ ...KEY, ConsistentRead: true }));
    const now = Date.now();
    const { level = BURST, at = now } = Item ?? {};
    const filled = Math.min(BURST, level + Math.max(0, now - at) * RATE / 1000);
    const taken = Math.min(wanted, Math.floor(filled));
    if (taken === 0) return 0;
    try {
      await documents.send(new UpdateCommand({
        ...KEY,
        UpdateExpression: 'SET #level = :left, #at = :now',
        ConditionExpression: Item ? '#level = :level AND #at = :at' : 'attribute_not_exists(id)',
        ExpressionAttributeNames: { '#level': 'level', '#at': 'at' },
        ExpressionAttributeValues: { ':left': filled - taken, ':now': now, ...(Item && { ':level': level, ':at': at }) },
      }));
      return taken;
    } catch (error) {
      if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
    }
  }
  return 0;
}

async function send({ body }: SQSRecord): Promise<boolean> {
  const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: TARGET, Payload: JSON.stringify({ message: body }) }));
  return FunctionError === undefined;
}
