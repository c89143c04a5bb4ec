import { mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { Driver } from './driver';
import { PoolFaults } from './faults';
import { checkInvariants } from './invariants';
import { mutants } from './mutants';
import { CampaignStack } from './stack';
import { workload } from './workload';
import { Random, Simulation } from '../../../simulator/src';
import { type Campaign, Violations } from '../campaign';

export const workStealingPool: Campaign = {
  pattern: 'work-stealing-pool',
  mutants,

  synthesize(handlers) {
    const app = new App({ outdir: mkdtempSync(path.join(tmpdir(), 'campaign-')) });
    new CampaignStack(app, 'Campaign', handlers);
    return app.synth().directory;
  },

  async run(assembly, seed) {
    const random = new Random(`work-stealing-pool/${seed}`);
    const start = Date.UTC(2026, 0, 1);
    const plan = workload(random.fork('workload'));
    const faults = new PoolFaults(random.fork('faults'), plan, () => simulation.world.kernel.now - start);
    const simulation: Simulation = Simulation.load(assembly, { seed, start, faults });
    const driver = new Driver(simulation, assembly, plan, faults);
    const settled = await driver.settle();
    const violations = new Violations();
    await checkInvariants({ start, plan, driver, faults, simulation, settled }, violations);
    return violations.list;
  },
};
