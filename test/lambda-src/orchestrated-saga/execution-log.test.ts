import { HistoryWriter } from './history';
import { ExecutionLog } from '../../../lambda-src/orchestrated-saga/execution-log';

const history = () => new HistoryWriter().call('A', { result: 1 }).call('B', undefined).aborted();
const reading = (...pages: unknown[][]) => {
  const asked: any[] = [];
  const client = { send: async ({ input }: any) => { asked.push(input); return { events: pages[asked.length - 1], ...(asked.length < pages.length && { nextToken: `page ${asked.length + 1}` }) }; } };
  return { log: new ExecutionLog(client as never), asked };
};
const describing = (answer: object) => new ExecutionLog({ send: async () => answer } as never);

test('reads all pages, with the payloads', async () => {
  const events = history();
  const { log, asked } = reading(events.slice(0, 3), [], events.slice(3));
  expect(await log.events('arn')).toEqual(events);
  expect(asked).toMatchObject([{ includeExecutionData: true, maxResults: 1000 }, { nextToken: 'page 2' }, { nextToken: 'page 3' }]);
});

test('puts events in the order of their ids', async () => {
  const events = history();
  expect(await reading([...events].reverse()).log.events('arn')).toEqual(events);
});

test('takes no part of a history for the whole: each gap and each missing end is an error', async () => {
  const events = history();
  for (let missing = 0; missing < events.length; missing++) {
    await expect(reading(events.filter((_, index) => index !== missing)).log.events('arn')).rejects.toThrow(/has no event \d+ yet|does not show its end yet/);
  }
  await expect(reading([]).log.events('arn')).rejects.toThrow('does not show its end yet');
});

test.each(['RUNNING', 'PENDING_REDRIVE'])('does not describe an execution that is %s', async (status) => {
  await expect(describing({ status }).describe('arn')).rejects.toThrow(`has not ended, its status is ${status}`);
});

test('describes what has ended, with its input as a value', async () => {
  expect(await describing({ status: 'FAILED', input: '{"n":1}', error: 'E', cause: 'c' }).describe('arn')).toEqual({ executionArn: 'arn', status: 'FAILED', input: { n: 1 }, error: 'E', cause: 'c' });
});
