import { spawnSync } from 'child_process';
import { mkdtempSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { AslCase, runAslCase } from '../../../src/conformance/asl-case';
import { readCases } from '../../../src/conformance/case-files';
import { causeAgrees, hasPlaceholder, matchesRecorded } from '../../../src/conformance/placeholders';

const ROOT = path.join(__dirname, '../../../..');
const TASK_CASE: AslCase = {
  id: 'task',
  definition: { StartAt: 'T', States: { T: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { 'x.$': '$.x' }, End: true } } },
  input: { x: 1 },
  path: ['T'],
  tasks: [{ state: 'T', parameters: { x: 1 }, output: { y: 2 } }],
  expected: { status: 'SUCCEEDED', output: { y: 2 } },
};

function directoryOf(files: Record<string, string>): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'conformance-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text);
  return directory;
}

function command(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(ROOT, 'node_modules/tsx/dist/cli.mjs'), 'simulator/src/cli/conformance.ts', ...args], { cwd: ROOT, encoding: 'utf8' });
  return { status, stdout, stderr: stderr.trim() };
}

describe('a recorded value', () => {
  it('matches anything where a placeholder stands, and nothing else but itself elsewhere', () => {
    expect(matchesRecorded({ a: '<uuid:1>', TableName: 'table-name', StartDate: 'start-date', n: [1] }, { a: 'x', TableName: 't', StartDate: 5, n: [1] })).toBe(true);
    expect(matchesRecorded({ a: 1 }, { a: 2 })).toBe(false);
    expect(matchesRecorded({ a: 1 }, { a: 1, b: 2 })).toBe(false);
    expect(matchesRecorded('text', 'other')).toBe(false);
    expect(matchesRecorded('{"a": 1}', '{"a":1}')).toBe(true);
    expect(matchesRecorded(null, undefined)).toBe(false);
    expect(hasPlaceholder({ a: [{ b: 'arn:<region>:x' }] })).toBe(true);
    expect(hasPlaceholder({ a: 'a < b > c' })).toBe(false);
  });

  it('of a cause agrees with one that says the same in most of its words', () => {
    expect(causeAgrees('The table t was not found (Request ID: 1)', 'The table t was not found (Request ID: 2)')).toBe(true);
    expect(causeAgrees('The table t was not found', 'No such queue')).toBe(false);
    expect(causeAgrees(null, undefined)).toBe(true);
    expect(causeAgrees(null, 'why')).toBe(false);
    expect(causeAgrees({ a: 1 }, '{"a":1}')).toBe(true);
  });
});

describe('a recorded execution', () => {
  it('passes when status, output, path and what its tasks were given are as recorded', async () => {
    expect(await runAslCase(TASK_CASE)).toMatchObject({ passed: true });
  });

  it.each<[string, Partial<AslCase>]>([
    ['output', { expected: { status: 'SUCCEEDED', output: { y: 3 } } }],
    ['status', { expected: { status: 'FAILED', error: 'E' } }],
    ['path', { path: ['T', 'T'] }],
    ['parameters', { tasks: [{ state: 'T', parameters: { x: 2 }, output: { y: 2 } }] }],
    ['tasks, of which there were fewer,', { tasks: [] }],
    ['error', { tasks: [{ state: 'T', error: { type: 'TaskFailed', error: 'A', cause: null } }], expected: { status: 'FAILED', error: 'B', cause: null } }],
  ])('fails when its %s differ', async (_, change) => {
    expect(await runAslCase({ ...TASK_CASE, ...change })).toMatchObject({ passed: false });
  });

  it('fails, and does not hang, when it never ends', async () => {
    const result = await runAslCase({ ...TASK_CASE, tasks: [{ state: 'T', parameters: { x: 1 } }] });
    expect(result).toMatchObject({ passed: false, actual: { complaints: ['the execution never ended'] } });
  });
});

describe('the conformance command', () => {
  const pattern = { id: 'p', event: { source: 'a' }, pattern: { source: ['a'] }, expected: 'match' };

  it('lists each failing case with what was expected and what came, and ends with the numbers', () => {
    const failing = { ...TASK_CASE, id: 'wrong', expected: { status: 'SUCCEEDED', output: { y: 3 } } };
    const directory = directoryOf({ 'asl.jsonl': `${JSON.stringify(TASK_CASE)}\n${JSON.stringify(failing)}\n`, 'event-patterns.jsonl': JSON.stringify(pattern) });
    const { status, stdout } = command(directory);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^wrong\n {2}expected .*"y":3.*\n {2}actual .*"y":2.*\n2 passed, 1 failed\n$/);
  });

  it('exits with 0 when all pass', () => {
    const directory = directoryOf({ 'asl.jsonl': JSON.stringify(TASK_CASE), 'event-patterns.jsonl': JSON.stringify(pattern) });
    expect(command(directory)).toMatchObject({ status: 0, stdout: '2 passed, 0 failed\n' });
  });

  it('exits with 2 and one sentence when there is no directory', () => {
    expect(command('/does/not/exist')).toMatchObject({ status: 2, stdout: '', stderr: "the directory of recorded cases does not exist: '/does/not/exist'" });
    expect(command()).toMatchObject({ status: 2, stderr: expect.stringContaining('usage:') as string });
  });

  it('names the file that is missing and the line that is malformed', () => {
    const empty = directoryOf({});
    expect(() => readCases(empty, 'asl.jsonl', [])).toThrow(`the directory '${empty}' has no file 'asl.jsonl'`);
    const broken = directoryOf({ 'asl.jsonl': '{"id":1}\n{' });
    expect(() => readCases(broken, 'asl.jsonl', [])).toThrow(/^line 2 of '.*asl.jsonl' is not JSON: /);
    expect(() => readCases(directoryOf({ a: '{"id":1}\n[]' }), 'a', [])).toThrow(/^line 2 of .* must be a JSON object$/);
    expect(() => readCases(directoryOf({ a: '{"id":1}' }), 'a', ['id', 'event'])).toThrow(/^line 1 of .* has no field 'event'$/);
  });
});
