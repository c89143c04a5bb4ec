import { asText } from './arguments';
import type { Integration } from './integration';
import { requestIds } from './request-ids';
import { isoTime, plainOutput, withSdkMetadata } from './sdk-metadata';
import { OPTIMIZED_ERRORS, serviceFailure } from './service-errors';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-sns.html */
export const publish: Integration = {
  patterns: ['requestResponse', 'waitForTaskToken'],
  parameters: [
    'Message', 'MessageAttributes', 'MessageDeduplicationId', 'MessageGroupId', 'MessageStructure', 'PhoneNumber', 'Subject', 'TargetArn', 'TopicArn',
  ],
  required: ['Message'],
  run: async (args, { world, caller }) => {
    const input = { ...args, Message: asText(args.Message) };
    try {
      const answer = await world.call({ service: 'sns', operation: 'Publish', input, caller });
      return withSdkMetadata(world, plainOutput(answer, isoTime), 'text/xml');
    } catch (error) {
      throw serviceFailure(error, OPTIMIZED_ERRORS.sns, requestIds(world));
    }
  },
};
