/** States of Amazon States Language, by name. */
export type States = { readonly [name: string]: { readonly [field: string]: any } };

export function jsonata(expression: string): string {
  return `{% ${expression} %}`;
}

/** A text as a JSONata literal. */
export function literal(text: string): string {
  return JSON.stringify(text);
}

/** Only the states that can be reached. */
export function reachable(startAt: string, states: States): States {
  const reached = new Set<string>();
  const visit = (name: string) => {
    if (reached.has(name)) return;
    const state = states[name];
    if (!state) throw new Error(`state '${name}' does not exist`);
    reached.add(name);
    const next: (string | undefined)[] = [state.Next, state.Default, ...[...(state.Choices ?? []), ...(state.Catch ?? [])].map((rule) => rule.Next)];
    for (const one of next) if (one !== undefined) visit(one);
  };
  visit(startAt);
  return Object.fromEntries(Object.entries(states).filter(([name]) => reached.has(name)));
}
