import { spawn, spawnSync } from 'child_process';
import { readFileSync } from 'fs';
import * as path from 'path';
import { createInterface } from 'readline';
import { CLAIM, PARTICIPANT_ENV, STEP_UNDONE_ERROR } from '../../src/orchestrated-saga/contract';
import { CLAIMS, count, doRequest, EFFECTS, Tables, undoRequest } from '../runtime-src/orchestrated-saga/table';
import { sagaParticipant } from 'cdk-integration-patterns/runtime/orchestrated-saga';

/** The sketch in the documentation keeps the contract, also beside functions that use the library. */

const page = readFileSync(path.join(__dirname, '../../docs/saga-participants.md'), 'utf8');
const [, sketch] = /```python\n([\s\S]+?)```/.exec(page)!;

const hasPython = spawnSync('python3', ['-c', 'pass']).status === 0;
if (!hasPython) process.stderr.write('\nNOT TESTED: there is no python3 here, so nobody knows whether the sketch in docs/saga-participants.md keeps its contract\n\n');

/** Says each request on a line, and is told the answer on another. `work` counts an effect, or raises a refusal or an error. */
const DRIVER = `
class Refusal(SagaAbort): pass
class Client:
    def call(self, operation, **given):
        print(json.dumps({"operation": operation, "input": given}), flush=True)
        answer = json.loads(input())
        if "error" in answer: raise type(answer["error"], (Exception,), {})(answer["error"])
        return answer["output"]
    def get_item(self, **given): return self.call("GetItem", **given)
    def transact_write_items(self, **given): return self.call("TransactWriteItems", **given)

asked = []
def work(request, *result):
    asked.append(list(result))
    if request["input"].get("raises") == "refusal": raise Refusal("no")
    if request["input"].get("raises") == "error": raise RuntimeError("failed")
    writes = request["input"]["writes"]
    return writes if result else (writes, {"by": "Python"})

call = json.loads(input())
try:
    answer = {"answer": (action if call["run"] == "action" else compensation)(Client(), call["request"], work)}
except Exception as error:
    answer = {"error": type(error).__name__}
print(json.dumps({**answer, "asked": asked}), flush=True)
`;

/** The effect as boto3's low-level client takes it. */
function counted(attribute: 'times' | 'undone') {
  const { Update } = count(attribute) as any;
  return { Update: { ...Update, Key: { id: { S: 'Charge' } }, ExpressionAttributeValues: { ':one': { N: '1' } } } };
}

function call(
  tables: Tables, run: 'action' | 'compensation', request: { input: unknown }, before: (operation: string) => Promise<unknown> = async () => {},
): Promise<any> {
  const python = spawn('python3', ['-c', sketch + DRIVER], {
    env: { PATH: process.env.PATH, [PARTICIPANT_ENV.TABLE_NAME]: CLAIMS, [PARTICIPANT_ENV.RETENTION_SECONDS]: '60' },
  });
  const say = (line: object) => python.stdin.write(`${JSON.stringify(line)}\n`);
  const writes = [counted(run === 'action' ? 'times' : 'undone')];
  say({ run, request: { ...request, input: { writes, ...request.input as object } } });
  return new Promise((resolve, reject) => {
    let complaint = '';
    python.stderr.on('data', (text) => { complaint += text; });
    python.on('close', () => reject(new Error(complaint)));
    createInterface({ input: python.stdout }).on('line', async (line) => {
      const { operation, input, ...ended } = JSON.parse(line);
      if (!operation) return resolve(ended);
      await before(operation);
      try {
        say({ output: tables.engine.execute(operation, input) });
      } catch (error: any) {
        say({ error: error.name });
      }
    });
  });
}

(hasPython ? describe : describe.skip)('the sketch in Python', () => {
  let tables: Tables;
  beforeEach(() => { tables = new Tables(); });
  const effect = () => tables.item(EFFECTS, 'Charge');
  const library = () => sagaParticipant({ client: tables.client, tableName: CLAIMS });
  const chargeByLibrary = () => library().action(() => ({ writes: [count('times')], result: { by: 'the library' } }))(doRequest());
  const refundByLibrary = () => library().compensation(() => ({ writes: [count('undone')] }))(undoRequest());
  /** Something that happens once the work is done, just before its transaction. */
  const meanwhile = (happens: () => Promise<unknown>) => {
    let first = true;
    return async (operation: string) => {
      if (operation === 'TransactWriteItems' && first) {
        first = false;
        await happens();
      }
    };
  };

  it('takes effect once, and gives the stored result again, to the library, too', async () => {
    expect(await call(tables, 'action', doRequest())).toEqual({ answer: { by: 'Python' }, asked: [[]] });
    expect(await call(tables, 'action', doRequest())).toEqual({ answer: { by: 'Python' }, asked: [] });
    expect(await chargeByLibrary()).toEqual({ by: 'Python' });
    expect(effect()).toEqual({ id: 'Charge', times: '1' });
  });

  it('gives the answer of an attempt of the library that was quicker', async () => {
    expect(await call(tables, 'action', doRequest(), meanwhile(chargeByLibrary))).toMatchObject({ answer: { by: 'the library' } });
    expect(effect()).toEqual({ id: 'Charge', times: '1' });
  });

  it('undoes once, what the library has done, by its result', async () => {
    await chargeByLibrary();
    expect(await call(tables, 'compensation', undoRequest())).toEqual({ answer: null, asked: [[{ by: 'the library' }]] });
    expect(await call(tables, 'compensation', undoRequest())).toEqual({ answer: null, asked: [] });
    expect(await refundByLibrary()).toBe('UNDONE');
    expect(effect()).toEqual({ id: 'Charge', times: '1', undone: '1' });
  });

  it('leaves a tombstone where there is nothing to undo, and then refuses to do it', async () => {
    expect(await call(tables, 'compensation', undoRequest())).toEqual({ answer: null, asked: [] });
    expect(await call(tables, 'action', doRequest())).toEqual({ error: STEP_UNDONE_ERROR, asked: [] });
    await expect(chargeByLibrary()).rejects.toThrow(expect.objectContaining({ name: STEP_UNDONE_ERROR }));
    expect(await refundByLibrary()).toBe('NOTHING_TO_UNDO');
    expect(effect()).toBeUndefined();
  });

  it('refuses an action that was undone while it was under way', async () => {
    expect(await call(tables, 'action', doRequest(), meanwhile(refundByLibrary))).toEqual({ error: STEP_UNDONE_ERROR, asked: [[]] });
    expect(effect()).toBeUndefined();
  });

  it('never says that there is nothing to undo when it was done meanwhile', async () => {
    const ended = await call(tables, 'compensation', undoRequest(), meanwhile(chargeByLibrary));
    expect(ended.error).toBe('TransactionCanceledException');
    expect(await call(tables, 'compensation', undoRequest())).toMatchObject({ answer: null });
    expect(effect()).toEqual({ id: 'Charge', times: '1', undone: '1' });
  });

  it('refuses for good, and is right about it', async () => {
    const refusing = doRequest({ input: { raises: 'refusal' } });
    expect(await call(tables, 'action', refusing)).toMatchObject({ error: 'Refusal' });
    await expect(chargeByLibrary()).rejects.toThrow(expect.objectContaining({ name: STEP_UNDONE_ERROR }));
    tables = new Tables();
    expect(await call(tables, 'action', refusing, meanwhile(chargeByLibrary))).toMatchObject({ answer: { by: 'the library' } });
  });

  it('fails without a trace, and may be tried again', async () => {
    for (const run of ['action', 'compensation'] as const) {
      const request = run === 'action' ? doRequest : undoRequest;
      expect(await call(tables, run, request({ input: { raises: 'error' } }))).toMatchObject({ error: 'RuntimeError' });
      expect(await call(tables, run, request())).not.toHaveProperty('error');
    }
    expect(effect()).toEqual({ id: 'Charge', times: '1', undone: '1' });
  });

  it('refuses the key of the other direction', async () => {
    expect(await call(tables, 'action', undoRequest())).toEqual({ error: 'ValueError', asked: [] });
    expect(await call(tables, 'compensation', doRequest())).toEqual({ error: 'ValueError', asked: [] });
  });
});

it('the page names what the code names', () => {
  for (const name of [STEP_UNDONE_ERROR, ...Object.values(PARTICIPANT_ENV), ...Object.values(CLAIM)]) expect(page).toContain(`\`${name}\``);
});
