/** Billable units by name. */
export type Units = Readonly<Record<string, number>>;

/** What was used between two readings. */
export function difference(after: Units, before: Units): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([unit, quantity]) => [unit, quantity - (before[unit] ?? 0)]));
}
