import { createObservability } from '../../../lambda-src/shared/observability';
import { RunnerReport } from '../../../lambda-src/work-stealing-pool/runner-report';
import type { WorkerEvent } from '../../../runtime-src/work-stealing-pool/worker-events';
import { METRIC } from '../../../src/work-stealing-pool/contract';

const NOON = Date.parse('2026-11-20T12:00:00Z');

const DONE: WorkerEvent = { kind: 'DONE', task: 't-1', home: 'Gpu', stolen: false, seconds: 2 };
const EVENTS: readonly WorkerEvent[] = [
  DONE,
  { ...DONE, task: 't-2', home: 'Cpu', stolen: true },
  { kind: 'FAILED', task: 't-3', home: 'Gpu', attempt: 2, error: 'RenderFailed' },
  { kind: 'REFUSED', task: 't-4', home: 'Gpu' },
  { kind: 'DUPLICATE', task: 't-5', home: 'Gpu' },
  { kind: 'INVALID', messageId: 'm-6', home: 'Gpu' },
  { kind: 'TROUBLE', doing: 'receiving', error: 'TimeoutError' },
];

function scene() {
  const observability = createObservability(METRIC.NAMESPACE, 'Render');
  const told: any[] = [];
  const logged: any[] = [];
  (observability.metrics as any).console = { log: (text: string) => told.push(JSON.parse(text)) };
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    jest.spyOn(observability.logger, level).mockImplementation((...line: unknown[]) => void logged.push([level, ...line]));
  }
  let time = NOON;
  const report = new RunnerReport(observability, 'Gpu', () => time);
  return { report, told, logged, pass: (ms: number) => void (time += ms) };
}

it('counts what becomes of tasks, by pool and group', () => {
  const { report, told } = scene();
  EVENTS.forEach(report.observe);
  report.tell(true);
  expect(told).toMatchObject([{ service: 'Render', group: 'Gpu', Done: 2, Stolen: 1, FailedAttempts: 1, RefusedCommits: 1, Duplicates: 1 }]);
  const [{ Dimensions, Namespace }] = told[0]._aws.CloudWatchMetrics;
  expect([Namespace, Dimensions.map((each: string[]) => [...each].sort())]).toEqual([METRIC.NAMESPACE, [['group', 'service']]]);
});

it('tells once a minute, what there is, and at the end what is left', () => {
  const { report, told, pass } = scene();
  report.observe(DONE);
  pass(59_999);
  report.tell();
  expect(told).toEqual([]);
  pass(1);
  report.tell();
  report.observe(DONE);
  report.observe(DONE);
  pass(59_999);
  report.tell();
  report.tell(true);
  report.tell(true);
  expect(told.map(({ Done, group }) => [Done, group])).toEqual([[1, 'Gpu'], [2, 'Gpu']]);
});

it('tells nothing of an idle minute', () => {
  const { report, told, pass } = scene();
  pass(120_000);
  report.tell();
  report.tell(true);
  expect(told).toEqual([]);
});

it('logs what went wrong at once, and nothing of what went well', () => {
  const { report, logged } = scene();
  EVENTS.forEach(report.observe);
  expect(logged).toEqual([
    ['warn', 'an attempt failed; the task comes again', { task: 't-3', home: 'Gpu', attempt: 2, error: 'RenderFailed' }],
    ['warn', 'somebody else has taken the task: this attempt counts nothing', { task: 't-4', home: 'Gpu' }],
    ['error', 'a message is no task; its queue gives up on it', { messageId: 'm-6', home: 'Gpu' }],
    ['warn', 'a call failed; it is tried again', { doing: 'receiving', error: 'TimeoutError' }],
  ]);
});
