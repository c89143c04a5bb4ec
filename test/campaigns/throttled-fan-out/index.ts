import { mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { Driver, LONGEST_RUN_MS } from './driver';
import { FanOutFaults } from './faults';
import { checkInvariants } from './invariants';
import { mutants } from './mutants';
import { CampaignStack, type Target, TARGETS } from './stack';
import { MINUTE, workload } from './workload';
import { Random, Simulation } from '../../../simulator/src';
import { givenUpIn, STEADY_LATENCY } from '../../throttled-fan-out/scene';
import { type Campaign, Violations } from '../campaign';

export const throttledFanOut: Campaign = {
  pattern: 'throttled-fan-out',
  mutants,

  synthesize() {
    const app = new App({ outdir: mkdtempSync(path.join(tmpdir(), 'campaign-')) });
    new CampaignStack(app, 'Campaign');
    return app.synth().directory;
  },

  async run(assembly, seed) {
    const random = new Random(`throttled-fan-out/${seed}`);
    const startedAt = Date.UTC(2026, 0, 1);
    const plan = workload(random.fork('workload'));
    const faults = new FanOutFaults(random.fork('faults'), plan, () => simulation.world.kernel.now - startedAt);
    const driver = new Driver(plan, random.fork('driver'));
    const { functionOverrides } = driver;
    const simulation: Simulation = Simulation.load(assembly, { seed, start: startedAt, faults, latency: STEADY_LATENCY, functionOverrides });
    driver.begin(simulation);
    const quiet = await driver.settle();

    const report = simulation.report();
    const violations = new Violations();
    violations.expect(quiet, () => `messages come again and again after ${LONGEST_RUN_MS / MINUTE} minutes: ${JSON.stringify(report.undelivered)}`);
    const [deadLetters, expired] = [await givenUp(simulation, 'DeadLetters'), await givenUp(simulation, 'Expired')];
    checkInvariants({ startedAt, plan, driver, faults, deadLetters, expired, report }, violations);
    return violations.list;
  },
};

async function givenUp(simulation: Simulation, queue: 'DeadLetters' | 'Expired') {
  const found = {} as Record<Target, Awaited<ReturnType<typeof givenUpIn>>>;
  for (const target of TARGETS) found[target] = await givenUpIn(simulation, `Notify/${target}/${queue}`);
  return found;
}
