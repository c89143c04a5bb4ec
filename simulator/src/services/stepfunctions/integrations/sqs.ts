import { asText, stringArgument } from './arguments';
import type { Integration } from './integration';
import { requestIds } from './request-ids';
import { isoTime, plainOutput, withSdkMetadata } from './sdk-metadata';
import { OPTIMIZED_ERRORS, serviceFailure } from './service-errors';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html */
export const sendMessage: Integration = {
  patterns: ['requestResponse', 'waitForTaskToken'],
  parameters: ['DelaySeconds', 'MessageAttributes', 'MessageBody', 'MessageDeduplicationId', 'MessageGroupId', 'QueueUrl'],
  required: ['QueueUrl', 'MessageBody'],
  run: async (args, { world, caller }) => {
    stringArgument(args, 'QueueUrl');
    const input = { ...args, MessageBody: asText(args.MessageBody) };
    try {
      const answer = await world.call({ service: 'sqs', operation: 'SendMessage', input, caller });
      return withSdkMetadata(world, plainOutput(answer, isoTime));
    } catch (error) {
      throw serviceFailure(error, OPTIMIZED_ERRORS.sqs, requestIds(world));
    }
  },
};
