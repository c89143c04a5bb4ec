import { CONTENDERS, CONTENDERS_DATED } from './contenders';
import { footprintTable, goalTable, loadTable, synthTable } from './figures';
import { goalsOf, missedGoals } from './goals';
import { OURS, withInstallation } from './installation';
import { measureLoading } from './loading';
import { measureSynthesis } from './synthesis';
import type { Bench } from '../bench';
import { section } from '../section';

const LOAD_ROUNDS = 21;
const SYNTH_ROUNDS = 11;

export const installCost: Bench = {
  pattern: 'package',

  async run(progress) {
    return withInstallation(CONTENDERS, progress, (installation) => {
      const { ours, theirs, theirsTogether } = installation;
      progress(`package: loads ${1 + CONTENDERS.length} packages, in ${LOAD_ROUNDS} rounds`);
      const loads = measureLoading(installation, [OURS, ...CONTENDERS.map(({ name }) => name)], LOAD_ROUNDS);
      progress(`package: synthesizes each pattern and its contender, all patterns and plain resources, in ${SYNTH_ROUNDS} rounds`);
      const times = measureSynthesis(installation, CONTENDERS, SYNTH_ROUNDS);
      const goals = goalsOf(ours, loads[0], times);

      section('What installing brings', [
        `Beside aws-cdk-lib and constructs, with all dependencies. Of each pattern the nearest construct of aws-solutions-constructs, as of ${CONTENDERS_DATED}.`,
      ], footprintTable([ours, ...theirs, theirsTogether]));
      section('Time to load', [
        'On this machine: medians of fresh processes, and in brackets where half of them are. What `require` adds in a process that has loaded constructs',
        'and aws-cdk-lib. Aws-cdk-lib loads its modules when they are first used: what the package has it load is told apart, since most apps use it anyway.',
      ], loadTable(loads));
      section('Time to synthesize', [
        'On this machine: one stack, in a fresh process that has loaded the package. Each pattern as in its README\'s smallest example, below it the nearest construct',
        'with the props that it must have. What aws-cdk-lib loads on first use is much of the time of a small stack, so that few resources are dear by the resource.',
        'Plain resources: as many of each type as all five patterns have, by aws-cdk-lib\'s L2 constructs, assets included.',
      ], synthTable(times));
      section('Goals of the package', [], goalTable(goals));
      return missedGoals(goals);
    });
  },
};
