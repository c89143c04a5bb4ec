import { mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { type DynamoDbService, Random, Simulation } from '../../../simulator/src';
import { DETAIL_TYPE } from '../../../src/scatter-gather/contract';
import { itemsOf, messagesOf, plain } from '../../simulate';
import { type Campaign, Violations } from '../campaign';
import { Banks } from './banks';
import { CampaignFaults } from '../faults';
import { checkInvariants } from './invariants';
import { CampaignStack, type GatheringId, GATHERINGS } from './stack';
import { workload } from './workload';

const STORE = 'lambda-src/scatter-gather/gathering-store.ts';
const COLLECTOR = 'lambda-src/scatter-gather/collector.ts';

export const scatterGather: Campaign = {
  pattern: 'scatter-gather',

  synthesize() {
    const app = new App({ outdir: mkdtempSync(path.join(tmpdir(), 'campaign-')) });
    new CampaignStack(app, 'Campaign');
    return app.synth().directory;
  },

  async run(assembly, seed) {
    const random = new Random(`scatter-gather/${seed}`);
    const { starts, strays } = workload(random.fork('workload'));
    const banks = new Banks();
    const simulation: Simulation = Simulation.load(assembly, {
      seed,
      faults: new CampaignFaults(random.fork('faults')),
      functionOverrides: banks.overrides(Object.fromEntries(GATHERINGS.map((gathering) => [
        gathering, () => simulation.find(`${gathering}/Bus`, ['AWS::Events::EventBus']).provisioned.ref,
      ])) as Record<GatheringId, () => string>),
    });
    const { kernel } = simulation.world;
    const changesAfterClose: string[] = [];
    for (const gathering of GATHERINGS) watchClosed(simulation, gathering, changesAfterClose);
    const runs = starts.map((start) => ({ start, run: undefined as ReturnType<Simulation['start']> | undefined, tookMs: 0 }));
    for (const entry of runs) {
      kernel.schedule(entry.start.atMs, () => {
        const { gathering, correlationId, request, recipients } = entry.start;
        const startedAt = kernel.now;
        entry.run = simulation.start(gathering, { correlationId, request, recipients });
        void entry.run.result().then(() => entry.tookMs = kernel.now - startedAt);
      });
    }
    for (const { gathering, atMs, detail } of strays) {
      kernel.schedule(atMs, () => {
        const name = simulation.outputs.Campaign[`${gathering}Name`];
        simulation.start(`${gathering}/Bus`, { 'source': 'stray', 'detail-type': DETAIL_TYPE.REPLY, 'detail': { gathering: name, ...detail } });
      });
    }
    await simulation.run();

    const late = new Map<GatheringId, Record<string, any>[]>();
    const deadLetters = new Map<GatheringId, string[]>();
    for (const gathering of GATHERINGS) {
      late.set(gathering, (await messagesOf(simulation, `${gathering}Late`)).map((text) => JSON.parse(text).detail));
      deadLetters.set(gathering, await messagesOf(simulation, `${gathering}/DeadLetters`));
    }
    const violations = new Violations();
    checkInvariants({
      starts: runs.map(({ start, run, tookMs }) => ({ start, outcome: run?.outcome, tookMs })),
      strays,
      banks,
      items: (gathering) => itemsOf(simulation, `${gathering}/Gatherings`),
      changesAfterClose,
      late: (gathering) => late.get(gathering)!,
      deadLetters: (gathering) => deadLetters.get(gathering)!,
    }, violations);
    for (const denial of simulation.report().denials) violations.list.push(`access was denied: ${denial.name} ${denial.action} ${denial.resource}`);
    return violations.list;
  },

  mutants: {
    'close-without-condition': {
      kind: 'source',
      description: 'a gathering is closed whether it is open or not',
      file: STORE,
      replace: [
        ["condition: '#status = :open AND #revision = :revision',\n      values: { ':open': 'OPEN', ':revision': gathering.revision },",
          "condition: 'attribute_exists(#correlationId)',\n      values: {},"],
        ["status: 'CLOSED', closedBy: 'DEADLINE' },\n      condition: 'attribute_not_exists(#correlationId) OR (#status = :open AND #executionArn = :executionArn)',\n      values: { ':open': 'OPEN' },",
          "status: 'CLOSED', closedBy: 'DEADLINE' },\n      condition: 'attribute_exists(#correlationId)',\n      values: {},"],
      ],
    },
    'reply-without-condition': {
      kind: 'source',
      description: 'a reply replaces the one that is there',
      file: STORE,
      replace: [[
        "        ConditionExpression: 'attribute_not_exists(#key)',\n        ExpressionAttributeNames: { '#key': ATTRIBUTE.PARTITION_KEY },\n        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',",
        '',
      ]],
    },
    'token-before-close': {
      kind: 'source',
      description: 'the workflow is woken before the gathering is closed',
      file: COLLECTOR,
      replace: [['      gathering = await store.closeAt(gathering);', '      await this.wake(gathering);\n      gathering = await store.closeAt(gathering);']],
    },
    'put-events-unread': {
      kind: 'source',
      description: 'what PutEvents says of single entries is not read',
      file: 'lambda-src/shared/event-publisher.ts',
      replace: [['if (failed === 0) return;', 'if (failed >= 0) return;']],
    },
  },
};

/** A closed gathering never changes: that is what makes a result true. */
function watchClosed(simulation: Simulation, gathering: GatheringId, changes: string[]) {
  const table = simulation.find(`${gathering}/Gatherings`, ['AWS::DynamoDB::Table']).provisioned.ref;
  simulation.world.service<DynamoDbService>('dynamodb').onChange(table, ({ oldImage, newImage }) => {
    const before = oldImage && plain(oldImage);
    if (before?.status !== 'CLOSED') return;
    const after = newImage ? plain(newImage) : {};
    changes.push(`${gathering}/${before.correlationId}: changed after its close from ${JSON.stringify(before)} to ${JSON.stringify(after)}`);
  });
}
