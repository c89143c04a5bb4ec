import { asText, badArguments } from './arguments';
import type { Integration, TaskContext } from './integration';
import { requestIds } from './request-ids';
import { isoTime, plainOutput } from './sdk-metadata';
import { OPTIMIZED_ERRORS, serviceFailure, TaskFailed } from './service-errors';
import { isObject, type Json, type JsonObject } from '../asl/json';

const ENTRY_FIELDS = ['Detail', 'DetailType', 'EventBusName', 'Resources', 'Source', 'Time', 'TraceHeader'];

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html */
export const putEvents: Integration = {
  patterns: ['requestResponse', 'waitForTaskToken'],
  parameters: ['Entries', 'EndpointId'],
  required: ['Entries'],
  run: async (args, context) => {
    const { world, caller } = context;
    let answer: any;
    try {
      answer = await world.call({ service: 'events', operation: 'PutEvents', input: { Entries: entries(args, context) }, caller });
    } catch (error) {
      throw serviceFailure(error, OPTIMIZED_ERRORS.events, requestIds(world));
    }
    const output = plainOutput(answer, isoTime);
    // "If the response from PutEvents contains a non-zero FailedEntryCount then the Task state fails with the error EventBridge.FailedEntry."
    if (Number(output.FailedEntryCount) > 0) throw new TaskFailed('EventBridge.FailedEntry', JSON.stringify(output));
    return output;
  },
};

function entries(args: JsonObject, context: TaskContext): JsonObject[] {
  if (!Array.isArray(args.Entries)) throw badArguments(args, ["The value for the field 'Entries' must be an ARRAY"]);
  return args.Entries.map((entry) => {
    if (!isObject(entry)) throw badArguments(args, ['Each of the \'Entries\' must be an OBJECT']);
    const problems = Object.keys(entry)
      .filter((name) => !ENTRY_FIELDS.includes(name))
      .map((name) => `The field '${name}' is not supported by Step Functions`);
    if (problems.length > 0) throw badArguments(args, problems);
    const resources: Json[] = Array.isArray(entry.Resources) ? entry.Resources : [];
    return {
      ...entry,
      ...(entry.Detail === undefined ? {} : { Detail: asText(entry.Detail) }),
      // "The execution ARN and the state machine ARN are automatically appended to the Resources field of each PutEventsRequestEntry."
      Resources: [...resources, context.executionArn, context.stateMachineArn],
    };
  });
}
