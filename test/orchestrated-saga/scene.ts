import { Duration, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { type FunctionOverride, type Outcome, type Simulation, type SimulationOptions } from '../../simulator/src';
import type { ActionRequest, CompensationRequest, SagaResult } from '../../src/orchestrated-saga/contract';
import { OrchestratedSaga } from '../../src/orchestrated-saga/orchestrated-saga';
import { OrchestratedSagaProps } from '../../src/orchestrated-saga/props';
import { SagaStep } from '../../src/orchestrated-saga/saga-step';
import { UnknownOutcome } from '../../src/orchestrated-saga/unknown-outcome';
import { simulate } from '../simulate';

export const STEPS = ['ReserveHotel', 'ReserveFlight', 'ReserveCar', 'Charge', 'SendTicket'] as const;
export type StepId = (typeof STEPS)[number];

/** What a service does in place of its normal work. */
export type Behaviour = (request: ActionRequest & Partial<CompensationRequest>, tools: Parameters<FunctionOverride>[2]) => unknown;

/** The services' own books. An undo that finds nothing leaves a tombstone, and what was undone is not done any more. */
export class Services {
  readonly effects = new Map<string, 'DONE' | 'UNDONE'>();
  readonly calls: string[] = [];

  do({ idempotencyKey, sagaId, step }: ActionRequest): unknown {
    this.calls.push(idempotencyKey);
    const key = `${sagaId}#${step}`;
    if (this.effects.get(key) === 'UNDONE') throw Object.assign(new Error(`${key} was undone`), { name: 'SagaStepUndone' });
    this.effects.set(key, 'DONE');
    return { reservation: key };
  }

  undo({ idempotencyKey, sagaId, step }: CompensationRequest): unknown {
    this.calls.push(idempotencyKey);
    this.effects.set(`${sagaId}#${step}`, 'UNDONE');
    return null;
  }

  /** Steps whose effect is there. */
  done(sagaId: string): string[] {
    return STEPS.filter((step) => this.effects.get(`${sagaId}#${step}`) === 'DONE');
  }
}

export interface Scene {
  readonly props?: Partial<OrchestratedSagaProps>;
  /** By step, or `Undo <step>`, or `Query`. */
  readonly behaviours?: Readonly<Record<string, Behaviour>>;
  readonly steps?: (functionNamed: (id: string) => lambda.Function, stack: Stack) => SagaStep[];
  readonly more?: (saga: OrchestratedSaga, stack: Stack) => void;
  readonly options?: SimulationOptions;
}

/** The trip: a hotel, flight and car side by side, the charge as the pivot, and the ticket. */
export function tripSteps(functionNamed: (id: string) => lambda.Function): SagaStep[] {
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

export function scene({ props, behaviours = {}, steps = tripSteps, more, options }: Scene = {}): { simulation: Simulation; services: Services } {
  const services = new Services();
  const names = new Set<string>();
  const overrideOf = (id: string) => work(services, id, behaviours[id]);
  const simulation = simulate((stack) => {
    const functions = new Map<string, lambda.Function>();
    const functionNamed = (id: string) => {
      names.add(id);
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
  }, {
    latency: { 'lambda.init': { median: 100, p99: 150 } },
    ...options,
    // Which functions there are is known when the stack is made.
    functionOverrides: new Proxy<Record<string, FunctionOverride>>({}, {
      get: (_, id: string) => names.has(id) ? overrideOf(id) : undefined,
      has: (_, id: string) => names.has(id),
      ownKeys: () => [...names],
      getOwnPropertyDescriptor: (_, id: string) => names.has(id) ? { enumerable: true, configurable: true, value: overrideOf(id) } : undefined,
    }),
  });
  return { simulation, services };
}

function work(services: Services, id: string, behaviour: Behaviour | undefined): FunctionOverride {
  return async (request: any, _context, tools) => {
    await tools.sleep(50);
    if (behaviour) return behaviour(request, tools);
    if (id === 'Query') return { outcome: services.effects.get(`${request.sagaId}#${request.step}`) === 'DONE' ? 'DONE' : 'NOT_DONE' };
    return id.startsWith('Undo') ? services.undo(request) : services.do(request);
  };
}

export async function run(simulation: Simulation, input: unknown = { sagaId: 's-1' }): Promise<Outcome & { output: SagaResult }> {
  return await simulation.complete('Trip/StateMachine', input) as Outcome & { output: SagaResult };
}
