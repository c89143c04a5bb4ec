import type { Language } from './language';

export const go: Language = {
  name: 'Go',
  missing: () => [],
  synthesize: () => { throw new Error('to be written'); },
};
