import { type Behaviour, named, type Stage, stopOwner, usual } from './scene';
import type { CallFault } from '../../simulator/src';

/** What can go wrong at a step, going forward or back. */
export const FAULTS = [
  'business error', 'exception', 'exception for ever', 'throttle', 'throttle for ever', 'timeout with effect', 'timeout with a late effect',
  'timeout without effect', 'crash after effect', 'crash after effect for ever', 'stop before', 'stop during, before the effect', 'stop during, after the effect',
  'stop after', 'execution timeout before the effect', 'execution timeout after the effect', 'duplicate start',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Seconds after which the execution of a saga with such a fault times out as a whole. */
export const SHORT_EXECUTION_SECONDS = 20;
const LONGER_THAN_EXECUTION_MS = 25_000;
const LONGER_THAN_TIMEOUT_MS = 45_000;

export interface FaultyStage extends Stage {
  readonly sagaId: string;
  readonly startAgain: () => void;
}

/** The function's behaviour at the first call, or at all; undefined when the fault is none of the function's. */
export function faultyBehaviour(fault: Fault, id: string, on: () => FaultyStage): Behaviour | undefined {
  const act: Behaviour = (request, _tools, services) => usual(services, id, request);
  const stop = () => stopOwner(on(), on().sagaId);
  switch (fault) {
    case 'business error': return (request, _, services) => {
      if (id.startsWith('Undo')) throw named('Refused');
      return services.decline(request, { ReserveHotel: 'NoSeats', ReserveFlight: 'NoSeats', ReserveCar: 'NoSeats', Charge: 'CardDeclined' }[id] ?? 'Declined');
    };
    case 'exception': return once(act, () => { throw named('Oops'); });
    case 'exception for ever': return () => { throw named('Oops'); };
    case 'timeout with effect': return once(act, async (request, tools, services) => {
      const result = act(request, tools, services);
      await tools.sleep(LONGER_THAN_TIMEOUT_MS);
      return result;
    });
    case 'timeout with a late effect': return once(act, async (request, tools, services) => {
      await tools.sleep(LONGER_THAN_TIMEOUT_MS);
      return act(request, tools, services);
    });
    case 'timeout without effect': return once(act, async (_, tools) => {
      await tools.sleep(LONGER_THAN_TIMEOUT_MS);
      throw named('Oops');
    });
    case 'crash after effect': return once(act, (request, tools, services) => {
      act(request, tools, services);
      throw named('Runtime.ExitError');
    });
    case 'crash after effect for ever': return (request, tools, services) => {
      act(request, tools, services);
      throw named('Runtime.ExitError');
    };
    case 'stop during, before the effect': return once(act, async (request, tools, services) => {
      stop();
      // Long enough for a recovery to come first.
      await tools.sleep(5_000);
      return act(request, tools, services);
    });
    case 'stop during, after the effect': return once(act, async (request, tools, services) => {
      const result = act(request, tools, services);
      stop();
      await tools.sleep(5_000);
      return result;
    });
    case 'stop after': return once(act, (request, tools, services) => {
      const result = act(request, tools, services);
      stop();
      return result;
    });
    case 'execution timeout before the effect': return once(act, async (request, tools, services) => {
      await tools.sleep(LONGER_THAN_EXECUTION_MS);
      return act(request, tools, services);
    });
    case 'execution timeout after the effect': return once(act, async (request, tools, services) => {
      const result = act(request, tools, services);
      await tools.sleep(LONGER_THAN_EXECUTION_MS);
      return result;
    });
    case 'duplicate start': return once(act, (request, tools, services) => {
      on().startAgain();
      return act(request, tools, services);
    });
    case 'throttle': case 'throttle for ever': case 'stop before': return undefined;
  }
}

/** What the call of a function meets on its way. */
export function faultyCall(fault: Fault): { readonly fault: CallFault; readonly times: number } | undefined {
  if (fault === 'throttle') return { fault: { kind: 'throttle' }, times: 1 };
  return fault === 'throttle for ever' ? { fault: { kind: 'throttle' }, times: Infinity } : undefined;
}

function once(otherwise: Behaviour, behaviour: Behaviour): Behaviour {
  let called = false;
  return (request, tools, services) => {
    if (called) return otherwise(request, tools, services);
    called = true;
    return behaviour(request, tools, services);
  };
}
