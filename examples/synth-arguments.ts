import { patterns } from './example';

export interface SynthArguments {
  /** All patterns unless given. */
  readonly pattern?: string;
  /** Where portable templates go; none unless given. */
  readonly portable?: string;
}

const PORTABLE = '--portable';

/** @throws a sentence about the argument that is wrong */
export function parseSynthArguments(args: readonly string[]): SynthArguments {
  const at = args.indexOf(PORTABLE);
  const portable = at === -1 ? undefined : args[at + 1];
  if (at !== -1 && (portable === undefined || portable.startsWith('-'))) throw new Error(`${PORTABLE} needs a directory, received ${portable ?? 'none'}`);
  const rest = at === -1 ? args : [...args.slice(0, at), ...args.slice(at + 2)];
  const option = rest.find((arg) => arg.startsWith('-'));
  if (option !== undefined) throw new Error(`synth takes a pattern, and ${PORTABLE} DIR once, received ${option}`);
  if (rest.length > 1) throw new Error(`synth takes one pattern, received ${rest.length}: ${rest.join(' ')}; patterns: ${patterns().join(', ')}`);
  return { pattern: rest[0], portable };
}
