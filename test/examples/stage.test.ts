import { spawnSync } from 'child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { Duration } from 'aws-cdk-lib';
import { patterns, readExample } from '../../examples/example';
import { hours, seconds, table } from '../../examples/print';
import { type Scene, Stage } from '../../examples/stage';
import { NO_FAULTS } from '../../simulator/src';

const TEMPLATE = {
  Resources: {
    Books: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      },
    },
    Orders: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 60 } },
    Diary: { Type: 'AWS::Logs::LogGroup' },
  },
};

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'stage-'));
  writeFileSync(path.join(directory, 'template.json'), JSON.stringify(TEMPLATE));
  writeFileSync(path.join(directory, 'input.json'), '{"id":"emma"}');
});

afterAll(() => rmSync(directory, { recursive: true }));

function stageWith(scene?: Scene) {
  const lines: string[] = [];
  const stage = new Stage({ pattern: 'shop', directory, title: 'A shop', app: 'app.ts' }, (line) => lines.push(line));
  if (scene) stage.load(path.join(directory, 'template.json'), scene);
  return { stage, lines };
}

it.each(patterns())('%s has a story', (pattern) => {
  expect(existsSync(path.join(readExample(pattern).directory, 'demo.ts'))).toBe(true);
});

it.each(['demo', 'synth'])('%s refuses an unknown pattern in a sentence that names the others, and fails', (command) => {
  const root = path.join(__dirname, '../..');
  const { status, stderr, stdout } = spawnSync(process.execPath, ['--import', 'tsx', `examples/${command}.ts`, 'scater-gather'], { cwd: root, encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: `there is no pattern 'scater-gather'; patterns: ${patterns().join(', ')}\n` });
});

describe('a story', () => {
  it('fails when something that it expects does not hold, and says what', () => {
    const { stage, lines } = stageWith();
    stage.expect('the sun rises', true);
    expect(stage.failed).toBe(false);
    stage.expect('the sun sets', false);
    expect(stage.failed).toBe(true);
    expect(lines).toEqual(['holds       the sun rises', 'BROKEN      the sun sets']);
  });

  it('fails when its result is a failure, and ends in it', () => {
    const { stage, lines } = stageWith();
    stage.result({ status: 'FAILED', error: 'NoQuotes', cause: 'no bank answered' });
    expect(stage.failed).toBe(true);
    expect(lines).toEqual(['\nresult  FAILED', JSON.stringify({ error: 'NoQuotes', cause: 'no bank answered' }, null, 2)]);
  });

  it('counts what held in its last line', () => {
    const { stage, lines } = stageWith();
    stage.expect('the sun rises', true);
    stage.expect('the sun sets', false);
    stage.result({ status: 'SUCCEEDED', output: 1 });
    expect(lines.at(-1)).toBe('1 of 2 expectations hold');
  });

  it('reads the files of its example', () => {
    expect(stageWith().stage.read('input.json')).toEqual({ id: 'emma' });
  });

  it('leaves files that people look at below its example', () => {
    const written = stageWith().stage.write('cdk.out/picture.svg', '<svg/>');
    expect(path.resolve(written)).toBe(path.join(directory, 'cdk.out/picture.svg'));
    expect(readFileSync(written, 'utf8')).toBe('<svg/>');
  });

  it('cannot play before something is deployed', () => {
    expect(() => stageWith().stage.now).toThrow('nothing is deployed yet');
  });
});

describe('on stage', () => {
  it('an operation answers, and its items are plain values', async () => {
    const { stage } = stageWith({});
    const nested = { M: { price: { N: '7.5' }, exact: { N: '0.1234567890123456789' }, gone: { NULL: true }, tags: { L: [{ S: 'novel' }, { BOOL: true }] } } };
    await stage.call('dynamodb', 'PutItem', { TableName: stage.nameOf('Books'), Item: { id: { S: 'emma' }, nested } });
    expect(stage.items('Books')).toEqual([{ id: 'emma', nested: { price: 7.5, exact: '0.1234567890123456789', gone: null, tags: ['novel', true] } }]);
  });

  it('an operation that fails throws its error', async () => {
    const { stage } = stageWith({});
    await expect(stage.call('dynamodb', 'GetItem', { TableName: 'Nothing', Key: { id: { S: 'emma' } } })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('time passes as long as the story says, and its lines say when', async () => {
    const { stage, lines } = stageWith({ clock: hours });
    stage.tell('opens');
    await stage.pass(Duration.hours(30));
    stage.tell('closes');
    expect(lines.slice(1)).toEqual(['  0:00:00.0  opens', ' 30:00:00.0  closes']);
  });

  it('tells what it has words for, counts everything, and sees what is in a queue', async () => {
    const { stage, lines } = stageWith({ tell: { 'sqs.SendMessage': () => 'sends', 'sqs.expire': () => undefined } });
    await stage.call('sqs', 'SendMessage', { QueueUrl: stage.nameOf('Orders'), MessageBody: 'one' });
    expect(stage.depth('Orders')).toBe(1);
    await stage.pass(Duration.minutes(5));
    expect(stage.depth('Orders')).toBe(0);
    expect(lines.slice(1)).toEqual([`   0.000 s  ${'operator'.padEnd(32)} sends`]);
    expect(stage.happened('sqs.SendMessage', 'operator')).toHaveLength(1);
    expect(stage.happened('sqs.SendMessage', 'somebody')).toHaveLength(0);
  });

  it('goes on before what it has started has ended, and fails when what it waits for never comes', async () => {
    const { stage } = stageWith({});
    const run = stage.start('Orders', 'one');
    expect(stage.depth('Orders')).toBe(0);
    await stage.until('the order', () => stage.depth('Orders') === 1);
    await stage.until('its end', () => run.outcome !== undefined);
    expect(run.outcome?.status).toBe('SUCCEEDED');
    await expect(stage.until('another order', () => stage.depth('Orders') === 2)).rejects.toThrow('the story waits for another order, and nothing is left to happen');
  });

  it('reads what was logged, and what has been since', async () => {
    const { stage } = stageWith({});
    const write = (message: string) => stage.call('logs', 'PutLogEvents', {
      logGroupName: stage.nameOf('Diary'), logStreamName: 'all', logEvents: [{ timestamp: 1, message }],
    });
    await write('one');
    expect(stage.linesOf('Diary')).toEqual([{ at: 1, message: 'one' }]);
    const seen = stage.lineCount('Diary');
    expect(stage.linesOf('Diary', seen)).toEqual([]);
    await write('two');
    expect(stage.linesOf('Diary', seen)).toEqual([{ at: 1, message: 'two' }]);
  });

  it('things go wrong as the scene says', async () => {
    const { stage } = stageWith({ faults: { ...NO_FAULTS, onEventuallyConsistentRead: () => true } });
    const TableName = stage.nameOf('Books');
    const emma = { id: { S: 'emma' } };
    await stage.call('dynamodb', 'PutItem', { TableName, Item: emma });
    expect(await stage.call('dynamodb', 'GetItem', { TableName, Key: emma })).not.toHaveProperty('Item');
    expect(await stage.call('dynamodb', 'GetItem', { TableName, Key: emma, ConsistentRead: true })).toMatchObject({ Item: emma });
  });

  it('no more and no less may be lost than the story tells', async () => {
    const { stage } = stageWith({});
    await stage.call('sqs', 'SendMessage', { QueueUrl: stage.nameOf('Orders'), MessageBody: 'one' });
    expect(() => stage.close()).not.toThrow();
    await stage.pass(Duration.minutes(5));
    expect(() => stage.close({ lost: 1 })).not.toThrow();
    expect(() => stage.close()).toThrow('0 requests were denied and 1 deliveries lost');
    expect(() => stage.close({ lost: 2 })).toThrow('1 deliveries lost');
  });
});

describe('what is printed', () => {
  it('has its times in columns', () => {
    expect([seconds(1234), seconds(0)]).toEqual(['   1.234 s', '   0.000 s']);
    expect([hours(0), hours(59_999), hours(3_600_000), hours(108_061_250)]).toEqual(['  0:00:00.0', '  0:00:59.9', '  1:00:00.0', ' 30:01:01.2']);
  });

  it('has its rows in columns, also where a row lacks one', () => {
    expect(table([{ author: 'Jane Austen', books: 6 }, { author: 'Verne', note: null }])).toEqual([
      'author       books  note',
      'Jane Austen  6',
      'Verne               null',
    ]);
  });
});
