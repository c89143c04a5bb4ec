import type { Design } from './design';
import type { Path } from './path';
import type { Trouble } from './trouble';

/** An outbox that needs no handler invokes none. */
export function missedOnPath({ design, toDestination }: Path): string[] {
  const invocations = toDestination['lambda.requests'] ?? 0;
  return invocations === 0 ? [] : [`${design.name} has invoked functions ${invocations} times on the path, none are allowed`];
}

/** Each event takes effect at most once, and FIFO consumers see no inversion, whatever is broken. */
export function missedInTrouble(what: string, { design, outcome: { twice, inversions } }: Trouble): string[] {
  return [
    ...(twice === 0 ? [] : [`${what}: ${twice} effects of ${design.name} happened twice, none may`]),
    ...(inversions === 0 || !isOrdered(design) ? [] : [`${what}: ${inversions} events of ${design.name} came behind a later one of their order, none may`]),
  ];
}

/** And at least once, unless it waits for a replay or is refused for good. */
export function missedDeliveries(what: string, { design, outcome: { lost } }: Trouble, refused: number = 0): string[] {
  return lost === refused ? [] : [`${what}: ${lost} events of ${design.name} were never delivered, ${refused} are allowed`];
}

export function isOrdered({ destination }: Design): boolean {
  return destination === 'fifo queue';
}
