import { compileTemplate, type PipeEvent, type PipeIdentity } from './input-template';
import { type Outcome, refusal } from './outcome';
import { arrayOf, textOf } from './targets';
import type { Caller, World } from '../../service';

type Enriched = PipeEvent[] | Outcome & { ok: false };

export interface Enrichment {
  /** The events for the target, or why there are none. */
  run(world: World, caller: Caller, events: readonly PipeEvent[], pipe: PipeIdentity, ingestionTime: string): Promise<Enriched>;
}

/**
 * Always synchronous: functions, and Express state machines. What they answer is all that the target gets.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/pipes-enrichment.html
 */
export function compileEnrichment(arn: string | undefined, parameters: any = {}): Enrichment | undefined {
  if (arn === undefined) return undefined;
  const service = arn.split(':')[2];
  if (service !== 'lambda' && service !== 'states') {
    throw new Error(`enrichment ${arn} is not simulated; simulated: functions and Express state machines`);
  }
  const template = compileTemplate(parameters.InputTemplate, true);
  return {
    run: async (world, caller, events, pipe, ingestionTime) => {
      const payload = arrayOf(events.map((event) => template(event, pipe, ingestionTime)));
      const answer = service === 'lambda' ? await invoke(world, caller, arn, payload) : await execute(world, caller, arn, payload);
      return typeof answer === 'string' ? eventsOf(answer) : answer;
    },
  };
}

async function invoke(world: World, caller: Caller, arn: string, Payload: string) {
  const answer = await world.call({ service: 'lambda', operation: 'Invoke', input: { FunctionName: arn, InvocationType: 'RequestResponse', Payload }, caller });
  return answer.FunctionError ? refusal(`the enrichment failed: ${textOf(answer.Payload).slice(0, 200)}`) : textOf(answer.Payload);
}

async function execute(world: World, caller: Caller, stateMachineArn: string, input: string) {
  const { status, output, error } = await world.call({ service: 'states', operation: 'StartSyncExecution', input: { stateMachineArn, input }, caller });
  return status === 'SUCCEEDED' ? String(output ?? '') : refusal(`the enrichment ended as ${status}: ${error}`);
}

/** An array is a batch, anything else one event; nothing (`null`, an empty object or array) means that the target is not invoked. */
function eventsOf(answer: string): PipeEvent[] {
  let value: unknown;
  try {
    value = JSON.parse(answer);
  } catch {
    value = answer;
  }
  const events = Array.isArray(value) ? value : isEmpty(value) ? [] : [value];
  return events.map((each) => ({ raw: each, view: each }));
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (typeof value === 'object' && Object.keys(value!).length === 0);
}
