import { mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { CfnParameter, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { type FaultPlan, ScriptedFaults, type Simulation } from '../../simulator/src';
import type { ActionRequest, CompensationRequest, SagaResult } from '../../src/orchestrated-saga/contract';
import { OrchestratedSaga } from '../../src/orchestrated-saga/orchestrated-saga';
import { SagaParticipant, SagaParticipantProps } from '../../src/orchestrated-saga/saga-participant';
import { SagaStep } from '../../src/orchestrated-saga/saga-step';
import { doRequest, undoRequest } from '../runtime-src/orchestrated-saga/table';
import { inlineFunction, newStack } from '../scatter-gather/fixtures';
import { itemsOf, simulate } from '../simulate';

const ROOT = path.join(__dirname, '../..');

function participantTable(props: SagaParticipantProps = {}, stack = newStack()) {
  new SagaParticipant(stack, 'Participant', props);
  return Object.values(Template.fromStack(stack).findResources('AWS::DynamoDB::Table'))[0];
}

describe('the table of a participant', () => {
  it("has the names that are Powertools' defaults, is billed by request, recoverable, and outlives its stack", () => {
    expect(participantTable()).toMatchObject({
      Properties: {
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        TimeToLiveSpecification: { AttributeName: 'expiration', Enabled: true },
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: false },
      },
      DeletionPolicy: 'Retain',
    });
  });

  it('is encrypted with the key that is given, and goes with its stack when told so', () => {
    const stack = newStack();
    const given = participantTable({ encryptionKey: new Key(stack, 'Key'), removalPolicy: RemovalPolicy.DESTROY }, stack);
    expect(given).toMatchObject({ Properties: { SSESpecification: { SSEEnabled: true, SSEType: 'KMS' } }, DeletionPolicy: 'Delete' });
  });
});

describe('a function of a participant', () => {
  it.each<[string, Duration | undefined, number]>([
    ['for 180 days', undefined, 180],
    ['for as long as it is told', Duration.days(365), 365],
  ])('is told where to remember what it did, %s, and may do just that', (_, retention, days) => {
    const stack = newStack();
    new SagaParticipant(stack, 'Participant', { retention }).addFunction(inlineFunction(stack, 'Reserve'));
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: { SAGA_PARTICIPANT_TABLE_NAME: { Ref: Match.stringLikeRegexp('^ParticipantTable') }, SAGA_PARTICIPANT_RETENTION_SECONDS: String(days * 86_400) },
      },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [{
          Effect: 'Allow',
          Action: ['dynamodb:ConditionCheckItem', 'dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
          Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ParticipantTable'), 'Arn'] },
        }],
      },
    });
  });

  it('has one participant: its environment names no more', () => {
    const stack = newStack();
    const reserve = inlineFunction(stack, 'Reserve');
    const participant = new SagaParticipant(stack, 'Participant');
    participant.addFunction(reserve);
    participant.addFunction(reserve);
    expect(() => new SagaParticipant(stack, 'Other').addFunction(reserve)).toThrow(
      "function 'Test/Reserve' belongs to 'Test/Participant' already, and its environment names one participant; use grantRemember and name the table in its code [Test/Other]",
    );
  });

  it.each([
    [Duration.millis(500), 'retention must be whole seconds and at least 1, received 0.5 s [Test/Participant]'],
    [Duration.seconds(0), 'retention must be whole seconds and at least 1, received 0 s [Test/Participant]'],
  ])('does not remember it for %p', (retention, sentence) => {
    expect(() => new SagaParticipant(newStack(), 'Participant', { retention })).toThrow(sentence);
  });

  it('does not remember it for nobody knows how long', () => {
    const stack = newStack();
    const retention = Duration.seconds(new CfnParameter(stack, 'Retention', { type: 'Number' }).valueAsNumber);
    expect(() => new SagaParticipant(stack, 'Participant', { retention })).toThrow('retention must be known at synthesis, received a token; give it as a number [Test/Participant]');
  });
});

const bundles = new Map<string, string>();

/** Functions as their author bundles them. */
function bundled(name: string): string {
  const directory = bundles.get(name) ?? mkdtempSync(path.join(tmpdir(), `${name}-`));
  if (!bundles.has(name)) {
    buildSync({
      entryPoints: [path.join(__dirname, 'functions', `${name}.ts`)], outfile: path.join(directory, 'index.js'), bundle: true, platform: 'node',
      target: 'node22', external: ['@aws-sdk/*'], mainFields: ['module', 'main'], tsconfig: path.join(ROOT, 'test/tsconfig.json'), logLevel: 'error',
    });
    bundles.set(name, directory);
  }
  return directory;
}

/** A service that has seats, and what is built around it. */
function seats(stack: Stack, file = 'seats') {
  const table = new Table(stack, 'Seats', { partitionKey: { name: 'id', type: AttributeType.STRING } });
  const participant = new SagaParticipant(stack, 'Participant');
  const functionOf = (id: string, handler: string) => new lambda.Function(stack, id, {
    runtime: lambda.Runtime.NODEJS_22_X, handler: `index.${handler}`, code: lambda.Code.fromAsset(bundled(file)), timeout: Duration.seconds(20),
    environment: { SEATS_TABLE_NAME: table.tableName },
  });
  const member = (id: string, handler: string) => {
    const made = functionOf(id, handler);
    table.grant(made, 'dynamodb:UpdateItem');
    participant.addFunction(made);
    return made;
  };
  return { participant, functionOf, member };
}

function serving(faults?: FaultPlan, file?: string): Simulation {
  return simulate((stack) => {
    const { member } = seats(stack, file);
    if (file) return void member('Charge', 'handler');
    member('Reserve', 'reserve');
    return void member('Release', 'release');
  }, { faults });
}

const TRIP = { seat: '17A' };
const RESERVE: ActionRequest = doRequest({ step: 'Reserve', idempotencyKey: 's-1#Reserve#DO', input: TRIP });
const RELEASE: CompensationRequest = undoRequest({ step: 'Reserve', idempotencyKey: 's-1#Reserve#UNDO', input: TRIP });
const crash = (operation: string, kind: 'crash-before' | 'crash-after', caller = '') => new ScriptedFaults([{ service: 'dynamodb', operation, caller, nth: 1, fault: { kind } }]);

describe('a service that uses the runtime library', () => {
  it('reserves and releases once, and needs what its grant says', async () => {
    const simulation = serving();
    for (const _ of [1, 2]) expect(await simulation.complete('Reserve', RESERVE)).toEqual({ status: 'SUCCEEDED', output: { seat: '17A', pass: '' } });
    expect(itemsOf(simulation, 'Seats')).toEqual([{ id: '17A', taken: 'yes', times: '1' }]);
    for (const _ of [1, 2]) expect(await simulation.complete('Release', RELEASE)).toEqual({ status: 'SUCCEEDED', output: 'UNDONE' });
    expect(itemsOf(simulation, 'Seats')).toEqual([{ id: '17A', times: '1', released: '1' }]);
    expect(await simulation.complete('Reserve', RESERVE)).toMatchObject({ status: 'FAILED', error: 'SagaStepUndone' });
    const neverReserved = { ...RELEASE, sagaId: 's-2', idempotencyKey: 's-2#Reserve#UNDO' };
    expect(await simulation.complete('Release', neverReserved)).toEqual({ status: 'SUCCEEDED', output: 'NOTHING_TO_UNDO' });
    for (const { expiration } of itemsOf(simulation, 'Participant/Table')) {
      expect(Number(expiration) - simulation.world.kernel.now / 1000).toBeCloseTo(180 * 86_400, -3);
    }
    expect(simulation.report().denials).toEqual([]);
    const unused = simulation.report().unusedGrants.filter(({ action }) => action.startsWith('dynamodb:')).map(({ name, action }) => `${name} ${action}`);
    // What Powertools' idempotency needs. The seats' own UpdateItem is not among them.
    expect(unused.map((one) => one.split(' ').pop()).sort()).toEqual(['dynamodb:DeleteItem', 'dynamodb:DeleteItem', 'dynamodb:UpdateItem', 'dynamodb:UpdateItem']);
  });

  it.each(['crash-before', 'crash-after'] as const)('has reserved once when its function died: %s', async (kind) => {
    const simulation = serving(crash('TransactWriteItems', kind, 'Reserve'));
    expect(await simulation.complete('Reserve', RESERVE)).toMatchObject({ status: 'FAILED' });
    expect(itemsOf(simulation, 'Seats')).toHaveLength(kind === 'crash-after' ? 1 : 0);
    expect(await simulation.complete('Reserve', RESERVE)).toMatchObject({ status: 'SUCCEEDED' });
    expect(itemsOf(simulation, 'Seats')).toEqual([{ id: '17A', taken: 'yes', times: '1' }]);
  });

  it('lets one of two sagas have the seat, and the other knows that it has none', async () => {
    const simulation = serving();
    const runs = [RESERVE, { ...RESERVE, sagaId: 's-2', idempotencyKey: 's-2#Reserve#DO' }].map((request) => simulation.start('Reserve', request));
    await simulation.run();
    expect(runs.map(({ outcome }) => outcome!.error ?? outcome!.status).sort()).toEqual(['SUCCEEDED', 'SeatTaken']);
    expect(itemsOf(simulation, 'Seats')).toMatchObject([{ id: '17A', times: '1' }]);
  });

  it('has no seat taken when reserving and releasing meet', async () => {
    const ends = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const simulation = simulate((stack) => {
        const { member } = seats(stack);
        member('Reserve', 'reserve');
        member('Release', 'release');
      }, { seed });
      const runs = [simulation.start('Reserve', RESERVE), simulation.start('Release', RELEASE), simulation.start('Reserve', RESERVE)];
      await simulation.run();
      const [seat] = itemsOf(simulation, 'Seats');
      expect(runs[1].outcome).toEqual({ status: 'SUCCEEDED', output: seat ? 'UNDONE' : 'NOTHING_TO_UNDO' });
      if (seat) expect(seat).toEqual({ id: '17A', times: '1', released: '1' });
      ends.add(seat ? 'done and undone' : 'never done');
    }
    expect([...ends].sort()).toEqual(['done and undone', 'never done']);
  }, 120_000);
});

describe('a saga of such services', () => {
  function saga(faults?: FaultPlan): Simulation {
    return simulate((stack) => {
      const { participant, functionOf, member } = seats(stack);
      const print = functionOf('Print', 'print');
      participant.grantReadResults(print);
      new OrchestratedSaga(stack, 'Trip', {
        steps: [
          SagaStep.function('Reserve', { action: member('Reserve', 'reserve'), compensation: member('Release', 'release'), abortOn: ['SeatTaken'] }),
          SagaStep.function('Print', { action: print, noCompensation: 'paper', timeout: Duration.seconds(30) }),
        ],
        deadline: Duration.minutes(10),
      });
    }, { faults });
  }

  const run = async (simulation: Simulation, input: object) => (await simulation.complete('Trip/StateMachine', input)).output as SagaResult;

  it('hands a large result on by reference, which another service may resolve', async () => {
    const simulation = saga();
    const { status, results } = await run(simulation, { sagaId: 's-1', seat: '17A', pass: 100_000 });
    expect({ status, results }).toEqual({
      status: 'COMPLETED',
      results: { Reserve: { ref: { tableName: simulation.find('Participant/Table', ['AWS::DynamoDB::Table']).provisioned.ref, key: 's-1#Reserve#DO' } }, Print: { characters: 100_000 } },
    });
    const used = simulation.report().unusedGrants.filter(({ name, action }) => name.startsWith('Print') && action.startsWith('dynamodb:'));
    expect(used).toEqual([]);
  });

  it('ends at once when the service refuses, and undoes nothing', async () => {
    const simulation = saga();
    await run(simulation, { sagaId: 's-1', seat: '17A' });
    expect(await run(simulation, { sagaId: 's-2', seat: '17A' })).toMatchObject({ status: 'COMPENSATED', failure: { step: 'Reserve', error: 'SeatTaken' }, compensations: [] });
  });

  it('reserves once when the answer was lost with its function', async () => {
    const simulation = saga(crash('TransactWriteItems', 'crash-after', 'Reserve'));
    expect(await run(simulation, { sagaId: 's-1', seat: '17A' })).toMatchObject({ status: 'COMPLETED', results: { Reserve: { seat: '17A' } } });
    expect(itemsOf(simulation, 'Seats')).toEqual([{ id: '17A', taken: 'yes', times: '1' }]);
  });
});

describe("a service that uses Powertools' idempotency on the participant's table", () => {
  it('takes effect once for a key, and gets the first answer again', async () => {
    const simulation = serving(undefined, 'charge-by-powertools');
    const answers = [];
    for (const request of [doRequest(), doRequest({ input: { other: 'input' } }), doRequest({ idempotencyKey: 's-1#Tip#DO' })]) {
      answers.push((await simulation.complete('Charge', request)).output);
    }
    const first = { receipt: 's-1#Charge#DO', times: 1 };
    expect(answers).toEqual([first, first, { receipt: 's-1#Tip#DO', times: 2 }]);
    const claims = itemsOf(simulation, 'Participant/Table');
    expect(claims).toHaveLength(2);
    for (const { expiration } of claims) expect(Number(expiration) - simulation.world.kernel.now / 1000).toBeCloseTo(180 * 86_400, -3);
    expect(simulation.report().denials).toEqual([]);
  });
});
