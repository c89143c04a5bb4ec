import { mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { Books } from './books';
import { FaultsWithBrownouts } from './brownouts';
import { Driver } from './driver';
import { checkInvariants } from './invariants';
import { mutants } from './mutants';
import { CampaignStack, inboxOf, OUTBOXES } from './stack';
import { workload } from './workload';
import { Random, Simulation } from '../../../simulator/src';
import { itemsOf, messagesOf } from '../../simulate';
import { type Campaign, Violations } from '../campaign';

export const transactionalOutbox: Campaign = {
  pattern: 'transactional-outbox',
  mutants,

  synthesize(handlers) {
    const app = new App({ outdir: mkdtempSync(path.join(tmpdir(), 'campaign-')) });
    new CampaignStack(app, 'Campaign', handlers);
    return app.synth().directory;
  },

  async run(assembly, seed) {
    const random = new Random(`transactional-outbox/${seed}`);
    const start = Date.UTC(2026, 0, 1);
    const plan = workload(random.fork('workload'), start);
    const faults = new FaultsWithBrownouts(random.fork('faults'), plan.brownouts, () => simulation.world.kernel.now - start);
    const simulation: Simulation = Simulation.load(assembly, { seed, start, faults });
    const books = new Books(simulation, plan);
    const driver = new Driver(simulation, plan, random.fork('driver'));
    await driver.settle();
    await driver.unparkUntilNoneIsLeft();
    await driver.passTime(plan.lastsMs);

    const deadLetters = new Map<string, string[]>();
    for (const outbox of OUTBOXES) deadLetters.set(outbox, await messagesOf(simulation, `${outbox}/DeadLetters`));
    const violations = new Violations();
    checkInvariants({
      books,
      outages: plan.outages,
      replays: driver.replays,
      deadLetters: (outbox) => deadLetters.get(outbox)!,
      claims: (outbox) => itemsOf(simulation, `${inboxOf(outbox)}/Table`).map(({ id }) => id),
      report: simulation.report(),
    }, violations);
    return violations.list;
  },
};
