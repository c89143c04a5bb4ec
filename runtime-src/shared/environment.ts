/** The option, or the variable that the construct sets. */
export function setting(option: string | undefined, variable: string, setBy: string): string {
  const value = option ?? process.env[variable];
  if (!value) throw new Error(`environment variable ${variable} must be set, received ${JSON.stringify(value)}; ${setBy} sets it`);
  return value;
}

/** The same for a whole number, which may have a default. */
export function positiveInteger(what: string, option: number | undefined, variable: string, otherwise: number): number {
  const text = process.env[variable];
  const value = option ?? (text ? Number(text) : otherwise);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new Error(`${what} must be a whole number from 1, received ${option ?? text}${option === undefined ? ` in ${variable}` : ''}`);
  }
  return value;
}
