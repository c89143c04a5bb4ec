import { runStudy } from './study';
import type { Bench } from '../bench';

export const workStealingPool: Bench = {
  pattern: 'work-stealing-pool',
  studies: { '--study': runStudy },

  // The figures from the simulator come here. Until then there is the study.
  async run(progress) {
    return runStudy(progress);
  },
};
