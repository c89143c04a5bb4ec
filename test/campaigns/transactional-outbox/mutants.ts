import type { Mutant } from '../campaign';

export const mutants: Readonly<Record<string, Mutant>> = {};
