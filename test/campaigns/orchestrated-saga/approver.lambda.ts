import { SendTaskFailureCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { SagaInput } from './environment';

interface Question {
  readonly detail: { readonly message: SagaInput; readonly taskToken: string };
}

const states = new SFNClient({ maxAttempts: 4 });

/** A person who is asked. Who answers too late, or twice, is told so and shrugs. */
export async function handler({ detail: { message: { decision, decisionMs }, taskToken } }: Question): Promise<void> {
  if (decision === 'SILENCE') return;
  await new Promise((resolve) => setTimeout(resolve, decisionMs));
  try {
    if (decision === 'APPROVE') await states.send(new SendTaskSuccessCommand({ taskToken, output: '"yes"' }));
    else await states.send(new SendTaskFailureCommand({ taskToken, error: 'Rejected', cause: 'no' }));
  } catch (error) {
    console.error(error);
  }
}
