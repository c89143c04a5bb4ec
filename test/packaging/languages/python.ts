import type { Language } from './language';

export const python: Language = {
  name: 'Python',
  missing: () => [],
  synthesize: () => { throw new Error('to be written'); },
};
