import { mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { Books, ENDS, machineOf } from './books';
import { SagaFaults } from './brownouts';
import { Driver } from './driver';
import { checkInvariants, type EndEvent } from './invariants';
import { mutants } from './mutants';
import { CampaignStack, ENDS_QUEUE } from './stack';
import { shortenTimeouts } from './timeouts';
import { uncalledSteps } from './uncalled';
import { workload } from './workload';
import { Random, Simulation } from '../../../simulator/src';
import { alarmsRinging, messagesOf } from '../../simulate';
import { type Campaign, Violations } from '../campaign';

export const orchestratedSaga: Campaign = {
  pattern: 'orchestrated-saga',
  mutants,

  synthesize(handlers) {
    const app = new App({ outdir: mkdtempSync(path.join(tmpdir(), 'campaign-')) });
    new CampaignStack(app, 'Campaign', handlers);
    const { directory } = app.synth();
    shortenTimeouts(directory);
    return directory;
  },

  async run(assembly, seed) {
    const random = new Random(`orchestrated-saga/${seed}`);
    const start = Date.UTC(2026, 0, 1);
    const plan = workload(random.fork('workload'), start);
    const faults = new SagaFaults(random.fork('faults'), plan, () => simulation.world.kernel.now - start);
    let driver: Driver | undefined;
    const simulation: Simulation = Simulation.load(assembly, { seed, start, faults, trace: { listener: (entry) => driver?.onTrace(entry) } });
    const books = new Books(simulation);
    driver = new Driver(simulation, plan, books, random.fork('driver'));
    await driver.settle();
    await driver.waitUntilMended();
    const sagas = [...books.sagas.values()].map((saga) => ({ ...saga }));
    const ringing = alarmsRinging(simulation);
    await driver.recoverWhatNobodyCould();
    await driver.resumeUntilNoneIsParked();
    await driver.readParked();

    const events: EndEvent[] = (await messagesOf(simulation, ENDS_QUEUE)).map((body) => JSON.parse(body).detail);
    const violations = new Violations();
    checkInvariants({
      books,
      started: driver.started,
      adrift: sagas.filter(({ status }) => !ENDS.includes(status)),
      parked: sagas.filter(({ status }) => status === 'PARKED'),
      ringing: (shape) => ringing.includes(simulation.find(`${shape}/Alarms/Parked`, ['AWS::CloudWatch::Alarm']).provisioned.ref),
      parkedMessages: driver.parkedMessages,
      events,
      undoneUncalled: await uncalledSteps(simulation, books),
      recovers: ({ stateMachineArn }) => machineOf(simulation, stateMachineArn).recovers,
      report: simulation.report(),
    }, violations);
    return violations.list;
  },
};
