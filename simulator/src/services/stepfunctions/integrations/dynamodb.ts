import { badArguments, stringArgument } from './arguments';
import type { Integration } from './integration';
import { requestIds } from './request-ids';
import { isoTime, plainOutput, withSdkMetadata } from './sdk-metadata';
import { OPTIMIZED_ERRORS, serviceFailure } from './service-errors';
import { isObject, type Json, type JsonObject } from '../asl/json';

const CONDITIONAL_WRITE = [
  'ConditionExpression', 'ConditionalOperator', 'Expected', 'ExpressionAttributeNames', 'ExpressionAttributeValues', 'ReturnConsumedCapacity',
  'ReturnItemCollectionMetrics', 'ReturnValues', 'ReturnValuesOnConditionCheckFailure',
];

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html */
export const getItem = item('GetItem', ['TableName', 'Key'], [
  'AttributesToGet', 'ConsistentRead', 'ExpressionAttributeNames', 'ProjectionExpression', 'ReturnConsumedCapacity',
]);
export const putItem = item('PutItem', ['TableName', 'Item'], CONDITIONAL_WRITE);
export const deleteItem = item('DeleteItem', ['TableName', 'Key'], CONDITIONAL_WRITE);
export const updateItem = item('UpdateItem', ['TableName', 'Key'], ['AttributeUpdates', 'UpdateExpression', ...CONDITIONAL_WRITE]);

function item(operation: string, required: readonly string[], optional: readonly string[]): Integration {
  return {
    patterns: ['requestResponse'],
    parameters: [...required, ...optional],
    required,
    run: async (args, { world, caller }) => {
      stringArgument(args, 'TableName');
      for (const field of ['Item', 'Key', 'ExpressionAttributeValues']) checkAttributes(args, args[field]);
      try {
        const answer = await world.call({ service: 'dynamodb', operation, input: args, caller });
        return withSdkMetadata(world, plainOutput(answer, isoTime));
      } catch (error) {
        throw serviceFailure(error, OPTIMIZED_ERRORS.dynamodb, requestIds(world));
      }
    },
  };
}

/** Numbers travel as text in DynamoDB; Step Functions does not convert them. */
function checkAttributes(args: JsonObject, attributes: Json | undefined) {
  if (!isObject(attributes)) return;
  for (const value of Object.values(attributes)) checkAttribute(args, value);
}

function checkAttribute(args: JsonObject, value: Json) {
  if (!isObject(value)) return;
  for (const type of ['S', 'N', 'B']) {
    if (type in value && typeof value[type] !== 'string') throw badArguments(args, [`The value for the field '${type}' must be a STRING`]);
  }
  if (Array.isArray(value.L)) for (const entry of value.L) checkAttribute(args, entry);
  checkAttributes(args, value.M);
}
