import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** More attempts than the SDK's three: a handler that gives up costs a whole redelivery. */
const RETRIES = { maxAttempts: 6 };
/** For calls that are paced: what the SDK tried again by itself would come on top. */
export const ONE_TRY = { maxAttempts: 1 };

/** For items as DynamoDB types them. */
export function dynamoDbClient(): DynamoDBClient {
  return new DynamoDBClient(RETRIES);
}

export function documentClient(): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(dynamoDbClient(), { marshallOptions: { removeUndefinedValues: true } });
}

export function eventBridgeClient(retries = RETRIES): EventBridgeClient {
  return new EventBridgeClient(retries);
}

export function lambdaClient(retries = RETRIES): LambdaClient {
  return new LambdaClient(retries);
}

/** For synchronous invocations that take as long as they take, so many at once. It never tries again by itself: the first one may still be running. */
export function longCallsLambdaClient({ longestMs, atOnce }: { readonly longestMs: number; readonly atOnce: number }): LambdaClient {
  return new LambdaClient({ ...ONE_TRY, requestHandler: { requestTimeout: longestMs, httpsAgent: { maxSockets: atOnce } } });
}

export function s3Client(): S3Client {
  return new S3Client(RETRIES);
}

export function sfnClient(retries = RETRIES): SFNClient {
  return new SFNClient(retries);
}

export function snsClient(): SNSClient {
  return new SNSClient(RETRIES);
}

export function sqsClient(retries = RETRIES): SQSClient {
  return new SQSClient(retries);
}
