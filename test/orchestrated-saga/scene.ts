import { Duration, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Services } from './services';
import { type FunctionOverride, type Outcome, Simulation, type SimulationOptions } from '../../simulator/src';
import type { ActionRequest, CompensationRequest, SagaResult } from '../../src/orchestrated-saga/contract';
import { OrchestratedSaga } from '../../src/orchestrated-saga/orchestrated-saga';
import { OrchestratedSagaProps } from '../../src/orchestrated-saga/props';
import { SagaStep } from '../../src/orchestrated-saga/saga-step';
import { UnknownOutcome } from '../../src/orchestrated-saga/unknown-outcome';
import { itemsOf, messagesOf, operate, synthesize } from '../simulate';

export { named, Services, STEPS, type StepId } from './services';

export type SagaRequest = ActionRequest & Partial<CompensationRequest>;

/** What a function does in place of its normal work. */
export type Behaviour = (request: SagaRequest, tools: Parameters<FunctionOverride>[2], services: Services) => unknown;

export type FunctionNamed = (id: string) => lambda.Function;

export interface Scene {
  readonly props?: Partial<OrchestratedSagaProps>;
  /** By function: a step's id, `Undo<step>`, or `Query`. */
  readonly behaviours?: Readonly<Record<string, Behaviour>>;
  readonly steps?: (functionNamed: FunctionNamed, stack: Stack) => SagaStep[];
  readonly more?: (saga: OrchestratedSaga, stack: Stack) => void;
  readonly options?: SimulationOptions;
}

export interface Stage {
  readonly simulation: Simulation;
  readonly services: Services;
}

/** A synthesized stack, and the functions in it that are stood in for. */
export interface Assembly {
  readonly directory: string;
  readonly functions: readonly string[];
}

/** The trip: a hotel, flight and car side by side, the charge as the pivot, and the ticket. */
export function tripSteps(functionNamed: FunctionNamed): SagaStep[] {
  const reserve = (id: string) => SagaStep.function(id, { action: functionNamed(id), compensation: functionNamed(`Undo${id}`), abortOn: ['NoSeats'] });
  return [
    reserve('ReserveHotel'),
    SagaStep.parallel('Transport', [reserve('ReserveFlight'), reserve('ReserveCar')]),
    SagaStep.function('Charge', {
      action: functionNamed('Charge'), compensation: functionNamed('UndoCharge'), pivot: true, abortOn: ['CardDeclined'],
      onUnknown: UnknownOutcome.query(functionNamed('Query')),
    }),
    SagaStep.function('SendTicket', { action: functionNamed('SendTicket'), retriable: true }),
  ];
}

export function assemble({ props, steps = tripSteps, more }: Omit<Scene, 'behaviours' | 'options'> = {}): Assembly {
  const functions = new Map<string, lambda.Function>();
  const directory = synthesize((stack) => {
    const functionNamed = (id: string) => {
      const known = functions.get(id) ?? new lambda.Function(stack, id, {
        runtime: lambda.Runtime.NODEJS_22_X,
        handler: 'index.handler',
        code: lambda.Code.fromInline('exports.handler = async () => null;'),
        timeout: Duration.minutes(2),
      });
      functions.set(id, known);
      return known;
    };
    const saga = new OrchestratedSaga(stack, 'Trip', { steps: steps(functionNamed, stack), deadline: Duration.minutes(10), ...props });
    more?.(saga, stack);
  });
  return { directory, functions: [...functions.keys()] };
}

/** Deploys an assembly, as often as one likes. */
export function stage({ directory, functions }: Assembly, behaviours: Scene['behaviours'] = {}, options: SimulationOptions = {}): Stage {
  const services = new Services();
  const functionOverrides = Object.fromEntries(functions.map((id) => [id, work(services, id, behaviours[id])]));
  const simulation = Simulation.load(directory, { latency: { 'lambda.init': { median: 100, p99: 150 } }, ...options, functionOverrides });
  return { simulation, services };
}

let trip: Assembly | undefined;

/** The trip as it is synthesized, once for all scenes. */
export function tripAssembly(): Assembly {
  return trip ??= assemble();
}

export function scene({ behaviours, options, ...assembly }: Scene = {}): Stage {
  return stage(Object.keys(assembly).length === 0 ? tripAssembly() : assemble(assembly), behaviours, options);
}

function work(services: Services, id: string, behaviour: Behaviour | undefined): FunctionOverride {
  return async (request: any, _context, tools) => {
    if (id !== 'Query') services.calls.push(request.idempotencyKey);
    await tools.sleep(50);
    return behaviour ? behaviour(request, tools, services) : usual(services, id, request);
  };
}

/** What a function does when nothing is wrong. */
export function usual(services: Services, id: string, request: any): unknown {
  if (id === 'Query') return services.query(request);
  return id.startsWith('Undo') ? services.undo(request) : services.do(request);
}

/** A behaviour for the first calls, and the usual work after them. */
export function first(times: number, id: string, behaviour: Behaviour): Record<string, Behaviour> {
  let calls = 0;
  return { [id]: (request, tools, services) => (++calls <= times ? behaviour(request, tools, services) : usual(services, id, request)) };
}

export type SagaOutcome = Outcome & { output: SagaResult };

export async function run({ simulation }: Pick<Stage, 'simulation'>, input: unknown = { sagaId: 's-1' }): Promise<SagaOutcome> {
  return await simulation.complete('Trip/StateMachine', input) as SagaOutcome;
}

/** Runs a saga, and lets the world go on until nothing is left to happen. */
export async function runToTheEnd(stage_: Pick<Stage, 'simulation'>, input: unknown = { sagaId: 's-1' }): Promise<SagaOutcome> {
  const started = stage_.simulation.start('Trip/StateMachine', input);
  await stage_.simulation.run();
  return started.outcome as SagaOutcome;
}

/** Asks for a parked saga to go on, and waits until nothing is left to happen. */
export async function resume({ simulation }: Pick<Stage, 'simulation'>, decision?: string, sagaId: string = 's-1'): Promise<SagaOutcome> {
  const started = simulation.start('Trip/Recovery', { resumeParked: { sagaId, ...(decision !== undefined && { decision }) } });
  await simulation.run();
  return started.outcome as SagaOutcome;
}

/** A saga's entry in the registry. */
export function registered({ simulation }: Pick<Stage, 'simulation'>, sagaId: string = 's-1'): Record<string, any> | undefined {
  return itemsOf(simulation, 'Trip/Sagas').find((item) => item.sagaId === sagaId);
}

/** Bodies of the messages for people. */
export async function parked({ simulation }: Pick<Stage, 'simulation'>): Promise<any[]> {
  return (await messagesOf(simulation, 'Trip/ParkedSagas')).map((body) => JSON.parse(body));
}

/** What each execution of a machine came to, in the order of their starts. */
export async function executionsOf({ simulation }: Pick<Stage, 'simulation'>, machine: 'StateMachine' | 'Recovery'): Promise<Record<string, any>[]> {
  const stateMachineArn = simulation.find(`Trip/${machine}`, ['AWS::StepFunctions::StateMachine']).provisioned.ref;
  const { executions } = await operate<{ executions: { executionArn: string }[] }>(simulation, 'states', 'ListExecutions', { stateMachineArn });
  const described: Record<string, any>[] = [];
  for (const { executionArn } of [...executions].reverse()) described.push(await operate(simulation, 'states', 'DescribeExecution', { executionArn }));
  return described;
}

/** The history of an execution, as Recover reads it. */
export async function historyOf({ simulation }: Pick<Stage, 'simulation'>, executionArn: string): Promise<any[]> {
  const { events } = await operate<{ events: any[] }>(simulation, 'states', 'GetExecutionHistory', { executionArn, maxResults: 1000, includeExecutionData: true });
  return events;
}

/** Stops the execution that owns a saga now, at this very moment. */
export function stopOwner({ simulation }: Pick<Stage, 'simulation'>, sagaId: string = 's-1'): void {
  const executionArn = registered({ simulation }, sagaId)?.executionArn;
  const caller = { principal: { kind: 'operator' }, name: 'operator' } as const;
  if (executionArn) void simulation.world.service('states').operations.StopExecution!.handle({ executionArn }, { caller });
}
