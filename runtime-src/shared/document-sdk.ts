/* eslint-disable @typescript-eslint/no-require-imports */
import type * as DynamoDb from '@aws-sdk/lib-dynamodb';

/** Loaded when it is first needed: whoever brings a client has it. */
export function documentSdk(): typeof DynamoDb {
  return require('@aws-sdk/lib-dynamodb');
}
