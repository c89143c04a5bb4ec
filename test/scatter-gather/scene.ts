import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { inlineFunction } from './fixtures';
import { type FunctionOverride, type Outcome, type Simulation, type SimulationOptions } from '../../simulator/src';
import { Responder, ScatterGather, ScatterGatherMode, ScatterGatherProps } from '../../src';
import { GATHERING_ITEM, type GatheringResult } from '../../src/scatter-gather/contract';
import { itemsOf, simulate } from '../simulate';

export const BANKS = ['BigBank', 'GoldBank', 'OldBank'];
export const MODEST_LATENCY = { 'lambda.init': { median: 100, p99: 150 } };

/** What a bank does in virtual time; it replies after 100 ms unless told otherwise. */
export type Bank = (request: any, tools: Parameters<FunctionOverride>[2]) => unknown;

export interface Scene {
  readonly banks?: Readonly<Record<string, Bank>>;
  readonly props?: Partial<ScatterGatherProps>;
  readonly more?: (gathering: ScatterGather, stack: Stack) => void;
  readonly options?: SimulationOptions;
}

export function scene({ banks = {}, props, more, options }: Scene = {}): Simulation {
  const names = [...new Set([...BANKS, ...Object.keys(banks)])];
  return simulate((stack) => {
    const gathering = new ScatterGather(stack, 'Quotes', { timeout: Duration.seconds(10), ...props });
    for (const name of names) gathering.addResponder(name, Responder.function(inlineFunction(stack, name, { timeout: Duration.minutes(2) })));
    new CfnOutput(stack, 'Name', { value: gathering.gatheringName });
    if (props?.mode !== ScatterGatherMode.EXPRESS) gathering.onLateReply('LateReplies', new targets.SqsQueue(new Queue(stack, 'Late')));
    more?.(gathering, stack);
  }, {
    latency: MODEST_LATENCY,
    functionOverrides: Object.fromEntries(names.map((name) => [name, async (event: any, _context: any, tools: any) => {
      const bank = banks[name];
      if (bank) return bank(event.request, tools);
      await tools.sleep(100);
      return { bank: name };
    }])),
    ...options,
  });
}

export async function gather(simulation: Simulation, input: unknown = { correlationId: 'c-1', request: { amount: 500 } }): Promise<Outcome & { output: GatheringResult }> {
  const outcome = await simulation.complete('Quotes', input);
  return outcome as Outcome & { output: GatheringResult };
}

export function gatheringItem(simulation: Simulation, correlationId = 'c-1'): Record<string, any> | undefined {
  return itemsOf(simulation, 'Quotes/Gatherings').find((item) => item.correlationId === correlationId && item.item === GATHERING_ITEM);
}

export function stubs(names: readonly string[]): Record<string, FunctionOverride> {
  return Object.fromEntries(names.map((name) => [name, async (_event: any, _context: any, { sleep }: any) => {
    await sleep(100);
    return { bank: name };
  }]));
}

/** A reply event, as a responder that replies by itself sends it. */
export function reply(simulation: Simulation, detail: Record<string, unknown>) {
  simulation.start('Quotes/Bus', { 'source': 'partner', 'detail-type': 'ScatterGather Reply', 'detail': { gathering: simulation.outputs.Test.Name, ...detail } });
}
