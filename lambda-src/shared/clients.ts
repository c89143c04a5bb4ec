import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** More attempts than the SDK's three: a handler that gives up costs a whole redelivery. */
const RETRIES = { maxAttempts: 6 };

export function documentClient(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient(RETRIES), { marshallOptions: { removeUndefinedValues: true } });
}

export function eventBridgeClient(): EventBridgeClient {
  return new EventBridgeClient(RETRIES);
}

export function sfnClient(): SFNClient {
  return new SFNClient(RETRIES);
}

export function sqsClient(): SQSClient {
  return new SQSClient(RETRIES);
}
