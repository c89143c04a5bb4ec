/* eslint-disable @typescript-eslint/no-require-imports */
import type * as Sqs from '@aws-sdk/client-sqs';

/** Loaded when it is first needed: whoever brings a client has it. */
export function sqsSdk(): typeof Sqs {
  return require('@aws-sdk/client-sqs');
}
