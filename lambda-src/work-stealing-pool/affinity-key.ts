import type { Routing } from '../../src/work-stealing-pool/contract';

/** What keeps a task together with others: the text of that member of its payload. None where the payload does not have it. */
export function affinityKey(payload: unknown, routing: Routing): string | undefined {
  if (routing.kind !== 'AFFINITY') return undefined;
  const value = routing.member.split('.').reduce(memberOf, payload);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
