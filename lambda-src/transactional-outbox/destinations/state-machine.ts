import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { type Publisher, type PublishOutcome, refusedBy } from './publisher';
import type { OutboxEnvelope } from '../../../src/transactional-outbox/contract';

/** Too large, for one. @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
const FAULTS = new Set(['InvalidExecutionInput', 'ValidationException']);

export class StateMachinePublisher implements Publisher {
  constructor(private readonly stepFunctions: SFNClient, private readonly stateMachineArn: string) {}

  publish(envelope: OutboxEnvelope): Promise<PublishOutcome> {
    // A pipe starts executions with an array, also of one event.
    const input = JSON.stringify([envelope]);
    return refusedBy(FAULTS, input, () => this.stepFunctions.send(new StartExecutionCommand({ stateMachineArn: this.stateMachineArn, input })));
  }
}
