import type { AttributeMap, Service, Simulation } from '../../../simulator/src';

/** One call that had its effect, whatever its caller heard of it. */
export interface Observed {
  readonly input: any;
  readonly answer: any;
  /** Readable name of the caller. */
  readonly caller: string;
  /** When it reached the service, and when it was answered there. */
  readonly from: number;
  readonly at: number;
}

export interface Listener {
  readonly before?: (input: any, caller: string) => void;
  readonly after: (call: Observed) => void;
  /** The service refused it. */
  readonly refused?: (error: { readonly name: string }, caller: string) => void;
}

/** Tells of each call of an operation. Nothing in the run is another one for it. */
export function observe(simulation: Simulation, service: string, operation: string, { before, after, refused }: Listener) {
  const { world } = simulation;
  const operations = world.service<Service>(service).operations as Record<string, Service['operations'][string]>;
  const observed = operations[operation]!;
  operations[operation] = {
    ...observed,
    handle: (input, context) => {
      const [from, caller] = [world.kernel.now, context.caller.name];
      before?.(input, caller);
      const answered = (answer: unknown) => {
        after({ input, answer, caller, from, at: world.kernel.now });
        return answer;
      };
      try {
        const answer = observed.handle(input, context);
        return answer instanceof Promise ? answer.then(answered) : answered(answer);
      } catch (error) {
        refused?.(error as Error, caller);
        throw error;
      }
    },
  };
}

/** An item as plain JSON. */
export function itemOf<Item>(attributes: AttributeMap): Item {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, valueOf(value)])) as Item;
}

function valueOf({ S, N, BOOL, L, M }: any): unknown {
  if (M !== undefined) return itemOf(M);
  if (L !== undefined) return L.map(valueOf);
  return S ?? (N === undefined ? BOOL : Number(N));
}
