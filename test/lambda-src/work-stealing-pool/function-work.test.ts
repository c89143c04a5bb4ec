import { awsError } from './fakes';
import { functionWork } from '../../../lambda-src/work-stealing-pool/function-work';
import type { Assignment } from '../../../src/work-stealing-pool/contract';

const ASSIGNMENT: Assignment = {
  pool: 'Render', task: { id: 't-1', payload: { frame: 7 }, submittedAt: '2026-11-20T12:00:00.000Z' }, group: 'Cpu', home: 'Gpu', attempt: 2, fence: 3,
};

const payload = (value: unknown) => Buffer.from(JSON.stringify(value));

/** A function that answers so, one after the other; time passes while the work sleeps. */
function scene(...answers: unknown[]) {
  const inputs: any[] = [];
  const signals: unknown[] = [];
  let time = 0;
  const slept: number[] = [];
  const client = {
    send: async ({ input }: { input: unknown }, { abortSignal }: { abortSignal: AbortSignal }) => {
      inputs.push(input);
      signals.push(abortSignal);
      if (abortSignal.aborted) throw awsError('AbortError');
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const abort = new AbortController();
  const work = functionWork({
    client: client as never, functionArn: 'arn:gpu', until: 60_000, now: () => time,
    sleep: async (ms) => {
      slept.push(ms);
      time += ms;
    },
  });
  return { inputs, signals, slept, abort, work: () => work(ASSIGNMENT, abort.signal), at: (ms: number) => void (time = ms) };
}

it('gives the function the assignment, and waits for its answer', async () => {
  const { work, inputs, signals, abort } = scene({ Payload: payload(null) });
  await work();
  expect(inputs).toEqual([{ FunctionName: 'arn:gpu', Payload: JSON.stringify(ASSIGNMENT) }]);
  expect(signals).toEqual([abort.signal]);
});

it.each<[string, object]>([
  ['RenderFailed', { FunctionError: 'Unhandled', Payload: payload({ errorType: 'RenderFailed', errorMessage: 'it quotes {"secret":1}' }) }],
  ['Unhandled', { FunctionError: 'Unhandled', Payload: payload({ errorMessage: 'Task timed out after 3.00 seconds' }) }],
  ['Unhandled', { FunctionError: 'Unhandled', Payload: payload(null) }],
  ['Unhandled', { FunctionError: 'Unhandled', Payload: Buffer.from('not JSON') }],
  ['Unhandled', { FunctionError: 'Unhandled' }],
])('fails as %s, and quotes nothing', async (name, answer) => {
  const { work, inputs } = scene(answer);
  const failure = await work().then(() => undefined, (error: Error) => error);
  expect(failure).toMatchObject({ name, message: `the function failed with ${name}` });
  expect(inputs).toHaveLength(1);
});

it.each(['ServiceException', 'TimeoutError', 'AccessDeniedException', 'ResourceNotFoundException'])('fails at once by %s: the first one may still be running', async (name) => {
  const { work, inputs } = scene(awsError(name));
  await expect(work()).rejects.toMatchObject({ name });
  expect(inputs).toHaveLength(1);
});

it('waits in its place while Lambda has no room, longer and longer', async () => {
  const throttled = awsError('TooManyRequestsException');
  const { work, slept } = scene(throttled, throttled, throttled, throttled, throttled, throttled, throttled, { Payload: payload(null) });
  await work();
  expect(slept).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});

it('waits no longer than the shift', async () => {
  const { work, slept, at } = scene(awsError('TooManyRequestsException'));
  at(59_000);
  await expect(work()).rejects.toMatchObject({ name: 'TooManyRequestsException' });
  expect(slept).toEqual([500]);
});

it('fails after a wait as it would without', async () => {
  const { work } = scene(awsError('TooManyRequestsException'), { FunctionError: 'Unhandled', Payload: payload({ errorType: 'RenderFailed' }) });
  await expect(work()).rejects.toMatchObject({ name: 'RenderFailed' });
});

it('is given up when the task was taken from this worker', async () => {
  const { work, abort } = scene({});
  abort.abort();
  await expect(work()).rejects.toMatchObject({ name: 'AbortError' });
});
