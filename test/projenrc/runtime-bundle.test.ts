import { execFileSync, spawnSync } from 'child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { bundleRuntimeLibraries, runtimeLibraries } from '../../projenrc/runtime-bundle';

const ROOT = path.join(__dirname, '../..');
const TSC = path.join(ROOT, 'node_modules/typescript/bin/tsc');

/** A project of somebody who installed the package, and nothing else: no AWS SDK, no types of Node.js. */
let consumer: string;
let runtime: string;

beforeAll(async () => {
  consumer = mkdtempSync(path.join(tmpdir(), 'runtime-'));
  const installed = path.join(consumer, 'node_modules/cdk-integration-patterns');
  runtime = path.join(installed, 'runtime');
  mkdirSync(installed, { recursive: true });
  const { name, version, exports } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  writeFileSync(path.join(installed, 'package.json'), JSON.stringify({ name, version, exports }));
  await bundleRuntimeLibraries({ sourceDir: path.join(ROOT, 'runtime-src'), outDir: runtime });
}, 60_000);

afterAll(() => rmSync(consumer, { recursive: true }));

const PROGRAMS: Readonly<Record<string, string>> = {
  'transactional-outbox': `
import { applyOnce, inboxClaim, openOutboxEvent, outboxPut, outboxPutWithClaimCheck, readOutboxEvent, type OutboxEvent } from 'cdk-integration-patterns/runtime/transactional-outbox';

interface Order { readonly total: number }
declare const client: { send(command: { input: object }): Promise<{ output: object }> };

export const pk: string = outboxPut({ aggregateType: 'Order', aggregateId: '17', type: 'OrderPlaced', payload: { total: 5 }, sequence: undefined }).Put.Item.pk;
// @ts-expect-error payload or payloadText, not both
outboxPut({ aggregateType: 'Order', aggregateId: '17', type: 'OrderPlaced', payload: 1, payloadText: '1' });
// @ts-expect-error one of them
outboxPut({ aggregateType: 'Order', aggregateId: '17', type: 'OrderPlaced' });

export async function handler(received: unknown): Promise<number> {
  const event: OutboxEvent<Order> = readOutboxEvent<Order>(received);
  const { data } = await openOutboxEvent<Order>(received, { s3: client });
  const { Put } = await outboxPutWithClaimCheck({ aggregateType: 'Order', aggregateId: '17', type: 'OrderPlaced', payload: data }, { s3: client });
  const effect = await applyOnce(client, event, [{ Put }, inboxClaim(event)]);
  return effect === 'DUPLICATE' ? 0 : data.total;
}
`,
  'orchestrated-saga': `
import { type ActionRequest, type CompensationRequest, resolveResult, SagaAbort, sagaParticipant, type Undoing } from 'cdk-integration-patterns/runtime/orchestrated-saga';

interface Trip { readonly seat: string }
interface Seat { readonly id: string }
declare const client: { send(command: { input: object }): Promise<{ output: object }> };
const participant = sagaParticipant({ client, tableName: undefined });

export const reserve = participant.action(async ({ input, sagaId, results }: ActionRequest<Trip>) => ({
  writes: [{ Put: { TableName: 'seats', Item: { id: input.seat, sagaId, hotel: await resolveResult<string>(results.ReserveHotel, client) } } }],
  result: { id: input.seat },
  orAbort: new SagaAbort('SeatTaken', 'the seat is taken'),
}));
export const release = participant.compensation(({ result }: CompensationRequest<Trip, Seat>) => ({ writes: [{ Delete: { Key: { id: result.id } } }] }));

export async function both(action: ActionRequest, compensation: CompensationRequest): Promise<Undoing> {
  const seat = await reserve(action);
  // @ts-expect-error a large result is answered by reference
  seat.id.trim();
  const id: string = 'ref' in seat ? seat.ref.key : seat.id;
  return id === '' ? 'UNDONE' : release(compensation);
}
// @ts-expect-error writes, if only none
participant.action(() => ({ result: 1 }));
// @ts-expect-error nobody has said what the input is
participant.action(({ input }) => ({ writes: [input.seat] }));
`,
  'work-stealing-pool': `
import { type Assignment, commitTask, PoolWorker, StaleTask, type WorkerEvent } from 'cdk-integration-patterns/runtime/work-stealing-pool';

declare const client: { send(command: { input: object }): Promise<{ output: object }> };

export async function handler(assignment: Assignment): Promise<string> {
  await commitTask({ client, tableName: undefined }, assignment, [{ Put: { TableName: 'frames', Item: { id: assignment.task.id } } }]);
  return new StaleTask('too late').message;
}
// @ts-expect-error a commit says of which assignment
commitTask({ client }, []);

const told: WorkerEvent[] = [];
export const worker = new PoolWorker({
  documents: client, sqs: client, capacity: 2, observe: (event) => told.push(event),
  work: async (assignment, signal) => (signal.aborted ? undefined : handler(assignment)),
});
export const end: Promise<boolean> = worker.run();
// @ts-expect-error a worker does at least one task at once
new PoolWorker({ documents: client, sqs: client, work: async () => undefined });
// @ts-expect-error shifts are the pool's own
new PoolWorker({ documents: client, sqs: client, capacity: 1, work: async () => undefined }, {});
`,
};

it('there is a program of each library', () => {
  expect(Object.keys(PROGRAMS).sort()).toEqual(runtimeLibraries(path.join(ROOT, 'runtime-src')));
});

describe.each(Object.keys(PROGRAMS))('%s', (name) => {
  it.each([
    ['CommonJS', 'Node16', 'node16', 'handler.cts'],
    ['an ES module', 'NodeNext', 'nodenext', 'handler.mts'],
    ['what is bundled', 'ESNext', 'bundler', 'handler.ts'],
  ])('its declarations compile in %s, strictly, without other packages', (_, module, moduleResolution, file) => {
    const directory = mkdtempSync(path.join(consumer, 'src-'));
    writeFileSync(path.join(directory, file), PROGRAMS[name]);
    writeFileSync(path.join(directory, 'tsconfig.json'), JSON.stringify({
      compilerOptions: { target: 'ES2022', module, moduleResolution, lib: ['ES2022'], types: [], strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true },
      files: [file],
    }));
    const { stdout, status } = spawnSync(process.execPath, [TSC, '--project', directory], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  it('its declarations import only one another', () => {
    const library = path.join(runtime, name);
    const declarations = readdirSync(library).filter((file) => file.endsWith('.d.ts'));
    const read = (file: string) => readFileSync(path.join(library, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    const imported = declarations.flatMap((file) => [...read(file).matchAll(/(?:from |import\()['"]([^'"]+)/g)].map(([, specifier]) => specifier));
    expect(new Set(imported).size).toBeGreaterThan(3);
    expect(imported.filter((specifier) => !declarations.includes(`${specifier.replace('./', '')}.d.ts`))).toEqual([]);
  });
});

describe.each([['require', 'commonjs'], ['import', 'module']])('by %s, where there is no AWS SDK,', (load, type) => {
  const run = (name: string, library: string, expression: string) => {
    const specifier = `cdk-integration-patterns/runtime/${library}`;
    const loaded = load === 'require' ? `const { ${name} } = require('${specifier}')` : `import { ${name} } from '${specifier}'`;
    return execFileSync(process.execPath, [`--input-type=${type}`, '-e', `${loaded}; ${expression}`], { cwd: consumer, encoding: 'utf8' });
  };

  it('transactional-outbox loads, and writes a row', () => {
    const event = "{ aggregateType: 'Order', aggregateId: '17', type: 'OrderPlaced', payload: 1 }, { tableName: 'outbox' }";
    expect(run('outboxPut', 'transactional-outbox', `console.log(outboxPut(${event}).Put.Item.pk)`)).toBe('Order#17\n');
  });

  it('orchestrated-saga loads, and refuses what no saga sends', () => {
    const refusal = 'sagaParticipant({}).action(() => 0)({}).catch(({ name }) => console.log(name))';
    expect(run('sagaParticipant', 'orchestrated-saga', refusal)).toBe('InvalidSagaRequest\n');
  });

  it('work-stealing-pool loads, and refuses writes that are none', () => {
    const refusal = "commitTask({ client: {}, tableName: 'pool' }, { task: { id: 'frame-1' }, fence: 1 }, 'none').catch(({ name }) => console.log(name))";
    expect(run('commitTask', 'work-stealing-pool', refusal)).toBe('TypeError\n');
  });
});

it.each([
  ['transactional-outbox', ['client-s3', 'lib-dynamodb']],
  ['orchestrated-saga', ['lib-dynamodb']],
  ['work-stealing-pool', ['client-sqs', 'lib-dynamodb']],
])('%s takes the AWS SDK from the function that it runs in, when it first needs it', (name, packages) => {
  expect(readFileSync(path.join(runtime, name, 'index.js'), 'utf8').match(/require\("@aws-sdk\/[^"]+"\)/g)!.sort()).toEqual(packages.map((one) => `require("@aws-sdk/${one}")`));
});

it('the licenses of what is inside lie beside it', () => {
  expect(readFileSync(path.join(runtime, 'THIRD-PARTY-LICENSES.txt'), 'utf8')).toMatch(/lossless-json [\d.]+ \(MIT\)\n\n[\s\S]*Permission is hereby granted/);
});

describe('a library that would not work elsewhere is not bundled:', () => {
  const bundle = async (source: string) => {
    const directory = mkdtempSync(path.join(tmpdir(), 'runtime-'));
    try {
      mkdirSync(path.join(directory, 'src/library'), { recursive: true });
      writeFileSync(path.join(directory, 'src/tsconfig.json'), JSON.stringify({
        compilerOptions: { target: 'ES2022', module: 'preserve', strict: true, types: ['node'], typeRoots: [path.join(ROOT, 'node_modules/@types')] },
        include: ['**/*.ts'],
      }));
      writeFileSync(path.join(directory, 'src/library/index.ts'), source);
      await bundleRuntimeLibraries({ sourceDir: path.join(directory, 'src'), outDir: path.join(directory, 'out') });
      return existsSync(path.join(directory, 'out/library/index.d.ts'));
    } finally {
      rmSync(directory, { recursive: true });
    }
  };

  it('declarations that need the types of another package', async () => {
    expect(await bundle('export const answer = 42;')).toBe(true);
    await expect(bundle("import { EventEmitter } from 'events'; export const emitter = new EventEmitter();"))
      .rejects.toThrow(/index\.d\.ts imports '(node:)?events', which its readers need not have/);
  });

  it('types that are wrong', async () => {
    await expect(bundle("export const answer: number = 'x';")).rejects.toThrow("Type 'string' is not assignable to type 'number'");
  });
});
