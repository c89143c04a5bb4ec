import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { executionName } from './execution-name';
import type { Deliverer } from '../delivering';
import type { Message } from '../message';
import { DELIVERED, type DeliveryOutcome } from '../outcome';

/** Starts one execution a message: a second start with its name is no second execution, for 90 days. */
export class StateMachineDestination implements Deliverer {
  constructor(private readonly stepFunctions: SFNClient, private readonly stateMachineArn: string) {}

  async deliver({ delivery }: Message, signal: AbortSignal): Promise<DeliveryOutcome> {
    try {
      await this.stepFunctions.send(new StartExecutionCommand({
        stateMachineArn: this.stateMachineArn,
        name: executionName(delivery.id),
        input: JSON.stringify(delivery),
      }), { abortSignal: signal });
    } catch (error) {
      if ((error as Error).name !== 'ExecutionAlreadyExists') throw error;
    }
    return DELIVERED;
  }
}
