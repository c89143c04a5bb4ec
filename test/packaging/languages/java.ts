import type { Language } from './language';

export const java: Language = {
  name: 'Java',
  missing: () => [],
  synthesize: () => { throw new Error('to be written'); },
};
