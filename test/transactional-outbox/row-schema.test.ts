import { spawnSync } from 'child_process';
import { readFileSync } from 'fs';
import * as path from 'path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { ROW } from '../../src/transactional-outbox/contract';
import { outboxPut, outboxPutWithClaimCheck } from 'cdk-integration-patterns/runtime/transactional-outbox';

const ROOT = path.join(__dirname, '../..');
const PYTHON = path.join(ROOT, 'examples/transactional-outbox/python');
const schema = JSON.parse(readFileSync(path.join(ROOT, 'schemas/outbox-row.schema.json'), 'utf8'));
const validate = addFormats(new Ajv({ allErrors: true })).compile(schema);
const options = { tableName: 'outbox', retentionSeconds: 60 };

const ROW_OF_THE_LIBRARY = outboxPut({ aggregateType: 'Order', aggregateId: '17', type: 'OrderPlaced', payload: { total: 5 } }, options).Put.Item;

function problems(row: unknown): string[] {
  return validate(row) ? [] : validate.errors!.map(({ instancePath, keyword }) => `${instancePath.slice(1)} ${keyword}`.trim());
}

describe('the schema of outbox rows', () => {
  it('describes each attribute that the outbox reads, and no other', () => {
    expect(Object.keys(schema.properties).sort()).toEqual(Object.values(ROW).sort());
  });

  it('holds for whatever the runtime library writes', () => {
    const id = fc.string({ minLength: 1, maxLength: 60, unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    fc.assert(fc.property(
      id.filter((text) => !text.includes('#')), id, id, fc.json(), fc.option(fc.bigInt({ min: 0n, max: 10n ** 20n - 1n })),
      fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
      (aggregateType, aggregateId, type, payloadText, sequence, occurredAt) => {
        const { Item } = outboxPut({ aggregateType, aggregateId, type, payloadText, sequence: sequence ?? undefined, occurredAt }, options).Put;
        expect(problems(Item)).toEqual([]);
      },
    ));
  });

  it('holds for rows with a claim check', async () => {
    const s3 = { send: async () => ({}) };
    const event = { aggregateType: 'Order', aggregateId: '17', type: 'OrderPlaced', payload: 'x'.repeat(300_000) };
    const { Put } = await outboxPutWithClaimCheck(event, { ...options, s3, bucketName: 'checks' });
    expect(problems(Put.Item)).toEqual([]);
    expect(problems({ ...Put.Item, payload: '"x"' })).toContain('payload maxLength');
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['an aggregate without a type', { pk: '17' }, 'pk pattern'],
    ['an aggregate that SQS would refuse as a group', { pk: 'Order#no 17' }, 'pk pattern'],
    ['an aggregate that is too long for a group', { pk: `Order#${'1'.repeat(123)}` }, 'pk maxLength'],
    ['a sequence that does not sort as text', { sk: '17' }, 'sk pattern'],
    ['a time that does not compare as text', { occurredAt: '2026-11-21T10:00:00Z' }, 'occurredAt pattern'],
    ['a day that does not exist', { occurredAt: '2026-02-30T10:00:00.000Z' }, 'occurredAt format'],
    ['a type that is too long for a bus', { type: 'x'.repeat(129) }, 'type maxLength'],
    ['a payload that is too large for an event', { payload: `"${'x'.repeat(240_000)}"` }, 'payload maxLength'],
    ['no payload', { payload: '' }, 'payload minLength'],
    ['milliseconds where DynamoDB wants seconds as a number', { expiresAt: '1780000000' }, 'expiresAt type'],
    ['a trace context that is none', { traceParent: '00-0-0-01' }, 'traceParent pattern'],
  ])('refuses %s', (_, change, problem) => {
    expect(problems(ROW_OF_THE_LIBRARY)).toEqual([]);
    expect(problems({ ...ROW_OF_THE_LIBRARY, ...change })).toContain(problem);
  });

  it('asks for no attribute that may be left out', () => {
    const { payloadRef, traceParent, ...rest } = ROW_OF_THE_LIBRARY;
    expect(problems(rest)).toEqual([]);
    expect(problems({ ...rest, eventId: undefined })).toEqual(['required']);
  });
});

describe('the example in Python', () => {
  const run = (program: string, ...args: string[]) => {
    const { error, status, stdout, stderr } = spawnSync('python3', ['-c', program, ...args], { cwd: PYTHON, encoding: 'utf8', env: { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1' } });
    if (error) return undefined;
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  };

  const hasPython = run('print("true")') === true;
  if (!hasPython) process.stderr.write('\nNOT TESTED: there is no python3 here, so nobody knows whether examples/transactional-outbox/python writes rows of the schema\n\n');

  (hasPython ? it : it.skip)('writes rows that the schema allows, whose payload arrives as it was dumped', () => {
    const payload = { title: 'Müßiggang "1"\n𝄞', price: 12.5, copies: 9007199254740993n.toString() };
    const row = run(
      'import json, sys; from outbox_row import outbox_row; '
      + 'print(json.dumps(outbox_row("Book", "978-0", "BookAdded", json.loads(sys.argv[1]), sequence=1, retention_seconds=60)))',
      JSON.stringify(payload),
    );
    expect(problems(row)).toEqual([]);
    expect(Object.keys(row).sort()).toEqual(Object.keys(ROW_OF_THE_LIBRARY).sort());
    expect(JSON.parse(row.payload)).toEqual(payload);
  });

  (hasPython ? it : it.skip)('puts the row into one transaction with the change, typed as the table needs it', () => {
    const [change, event] = run([
      'import json, os',
      'from outbox_row import add_book',
      'os.environ.update(OUTBOX_RETENTION_SECONDS="60", BOOKS_TABLE_NAME="books", OUTBOX_TABLE_NAME="outbox")',
      'class Client:',
      '    def transact_write_items(self, TransactItems): print(json.dumps(TransactItems))',
      'add_book(Client(), "978-0", "Emma")',
    ].join('\n'));
    expect(change.Put).toMatchObject({ TableName: 'books', Item: { isbn: { S: '978-0' } } });
    expect(event.Put).toMatchObject({
      TableName: 'outbox',
      Item: { pk: { S: 'Book#978-0' }, sk: { S: '00000000000000000001' }, expiresAt: { N: expect.stringMatching(/^\d{10}$/) } },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
  });

  (hasPython ? it : it.skip)('refuses a payload that is too large for an event', () => {
    expect(() => run('from outbox_row import outbox_row; outbox_row("Book", "1", "BookAdded", "x" * 240000, sequence=1, retention_seconds=60)'))
      .toThrow('the payload is too large for an event');
  });
});
