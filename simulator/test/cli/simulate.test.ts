import { execFileSync } from 'child_process';
import { writeFileSync } from 'fs';
import * as path from 'path';
import { main } from '../../src/cli/simulate-command';
import { shopFile, shopTemplate } from '../simulation/fixtures';

async function simulate(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(argv, { out: (line) => out.push(line), err: (line) => err.push(line) });
  return { code, out, err, last: out.length > 0 && !argv.includes('--help') ? JSON.parse(out[out.length - 1]) : undefined };
}

describe('npm run simulate', () => {
  it('prints what happened in columns, and one JSON object as its last line', async () => {
    const { code, out, err, last } = await simulate(shopFile(), '--start', 'Workflow', '--input', '{"n": 4}', '--seed', '3');
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(last).toMatchObject({ status: 'SUCCEEDED', output: { n: 8 }, report: { billable: { 'lambda.requests': 1 }, denials: [] } });
    const trace = out.slice(0, -1);
    expect(trace.length).toBeGreaterThan(3);
    for (const line of trace) expect(line).toMatch(/^ *\d+\.\d{3} s {2}\S/);
    expect(trace.find((line) => line.includes('lambda.start'))).toMatch(/s {2}Double +lambda\.start +requestId=/);
    const columns = new Set(trace.map((line) => / s {2}\S+ +(?=\S)/.exec(line)![0].length));
    expect(columns.size).toBe(1);
  });

  it('reads the input from a file', async () => {
    const file = shopFile();
    const input = path.join(path.dirname(file), 'input.json');
    writeFileSync(input, '{"n": 5}');
    expect((await simulate(file, '--start', 'Double', '--input', `@${input}`)).last).toMatchObject({ output: { n: 10 } });
  });

  it('gives the same last line for the same seed', async () => {
    const run = async (seed: string) => (await simulate(shopFile(), '--start', 'Workflow', '--input', '{"n":1}', '--seed', seed)).out.join('\n');
    expect(await run('5')).toBe(await run('5'));
    expect(await run('5')).not.toBe(await run('6'));
  });

  it('ends with 1 when it failed', async () => {
    const { code, last } = await simulate(shopFile(), '--start', 'Double', '--input', '{"n":-1}');
    expect(code).toBe(1);
    expect(last).toMatchObject({ status: 'FAILED', error: 'RangeError', cause: 'negative', report: expect.anything() });
  });

  it('ends with 1 when it never ends', async () => {
    const { code, last } = await simulate(shopFile(), '--start', 'Callback');
    expect(code).toBe(1);
    expect(last).toMatchObject({ status: 'RUNNING', error: 'it has not ended, and nothing is left to happen' });
  });

  it('explains itself', async () => {
    const { code, out } = await simulate('--help');
    expect(code).toBe(0);
    expect(out.join('\n')).toContain('--start TARGET');
  });

  it.each<[string, (file: string) => string[], string | RegExp]>([
    ['no assembly', () => ['--start', 'X'], 'give one cloud assembly directory, got none; see --help'],
    ['two assemblies', (file) => [file, 'other', '--start', 'X'], 'give one cloud assembly directory, got'],
    ['nothing to start', (file) => [file], '--start is missing'],
    ['an unknown option', (file) => [file, '--start', 'X', '--sede', '1'], "Unknown option '--sede'"],
    ['an option without value', (file) => [file, '--start'], '--start'],
    ['a seed that is no number', (file) => [file, '--start', 'X', '--seed', '1.5'], "--seed must be a whole number, got '1.5'"],
    ['input that is not JSON', (file) => [file, '--start', 'X', '--input', '{n:1}'], '--input is not valid JSON'],
    ['an input file that does not exist', (file) => [file, '--start', 'X', '--input', '@/nowhere.json'], '--input file /nowhere.json does not exist'],
    ['a place without assembly', () => ['/nowhere', '--start', 'X'], '/nowhere does not exist: give a cloud assembly directory (cdk.out) or a template file'],
    ['an unknown stack', (file) => [file, '--start', 'X', '--stack', 'Other'], 'has no stack Other; stacks: Shop'],
    ['an unknown target', (file) => [file, '--start', 'Ghost'], "nothing is called 'Ghost'; there are Shop/Double (Lambda::Function)"],
    ['something that cannot be started', (file) => [file, '--start', 'Rule'], "nothing is called 'Rule'"],
  ])('says one sentence about %s and ends with 2', async (_, argv, message) => {
    const { code, err, last } = await simulate(...argv(shopFile()));
    expect(code).toBe(2);
    expect(err).toHaveLength(1);
    expect(err[0]).toMatch(typeof message === 'string' ? new RegExp(message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : message);
    expect(err[0]).not.toContain('\n');
    expect(last).toEqual({ status: 'ERROR', error: err[0] });
  });

  it('names the resource, type and property that are not simulated', async () => {
    const template: any = shopTemplate();
    template.Resources.Inbox.Properties.Colour = 'red';
    const { code, last } = await simulate(shopFile(template), '--start', 'Workflow');
    expect(code).toBe(2);
    expect(last.error).toContain('stack Shop, resource Inbox of type AWS::SQS::Queue: property Colour is not simulated');
  });

  it('gives in another process and directory the same trace', async () => {
    const argv = ['--start', 'Workflow', '--input', '{"n":1}', '--seed', '9'];
    const here = await simulate(shopFile(), ...argv);
    const script = path.join(__dirname, '../../src/cli/simulate.ts');
    const there = execFileSync('npx', ['tsx', script, shopFile(), ...argv], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    expect(there.trimEnd().split('\n')).toEqual(here.out);
  });
});
