import jsonata from 'jsonata';

const compiled = new Map<string, jsonata.Expression>();

/** Evaluates JSONata with variables; the answer is plain JSON. An expression that fails says so with its text. */
export async function evaluate(expression: string, variables: Record<string, unknown>): Promise<unknown> {
  let program = compiled.get(expression);
  if (!program) {
    program = jsonata(expression);
    compiled.set(expression, program);
  }
  try {
    const value = await program.evaluate(undefined, variables);
    // JSONata's sequences are arrays with extra properties; JSON knows none of them.
    return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
  } catch (error) {
    throw new Error(`JSONata expression '${expression}' failed: ${(error as Error).message}`);
  }
}
