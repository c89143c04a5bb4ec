import type { Language } from './language';

export const dotnet: Language = {
  name: '.NET',
  missing: () => [],
  synthesize: () => { throw new Error('to be written'); },
};
