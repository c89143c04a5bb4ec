import { Bill } from '../../bench/work-stealing-pool/bill';
import { type Burst, measureBurst } from '../../bench/work-stealing-pool/burst';
import type { Design } from '../../bench/work-stealing-pool/design';
import { besideBound } from '../../bench/work-stealing-pool/figures';
import { fixedQueues } from '../../bench/work-stealing-pool/fixed-queues-stack';
import { missedGains, missedIdle, missedMakespans, missedRecovery, missedWrites } from '../../bench/work-stealing-pool/goals';
import { IDLE_POLLS, measureIdle } from '../../bench/work-stealing-pool/idle';
import { ours } from '../../bench/work-stealing-pool/ours-stack';
import { begunAnew, measureRecovery, UNDER_WAY } from '../../bench/work-stealing-pool/recovery';
import type { Case } from '../../bench/work-stealing-pool/runs';
import { sharedQueue } from '../../bench/work-stealing-pool/shared-queue-stack';

process.env.CDK_VALIDATION = 'false';

const SHAPE = { groups: 2, placesEach: 2 };
const SMALL = { shape: SHAPE, burst: 'bimodal costs', coldPenalty: 0.3, seed: 0 } as const;

describe('the bench of the work-stealing pool', () => {
  it('names each goal that is missed, and no other', () => {
    const burst = (makespanSeconds: number, failed = 0) => (
      { makespanSeconds, boundSeconds: 100, conditionalWrites: { made: 100, failed } } as Burst
    );
    const caseOf = (...runs: readonly (readonly [number, number, number?])[]): Case[] => [{
      shape: SHAPE,
      burst: 'Zipf costs',
      runs: runs.map(([its, shared, failed]) => ({ ours: burst(its, failed), shared: burst(shared), fixed: burst(200) })),
    }];
    expect(missedMakespans(caseOf([115, 120], [105, 100], [105, 90]))).toEqual([]);
    expect(missedMakespans(caseOf([116, 100], [106, 100], [100, 100]))).toEqual([
      'the makespan of 2 × 2 places with Zipf costs is 1.160 of the bound, more than 1.15',
      'the makespan of 2 × 2 places with Zipf costs is 1.060 of the shared queue\'s, more than 1.05',
    ]);
    expect(missedGains(caseOf([99, 100]))).toEqual([]);
    expect(missedGains(caseOf([99, 100], [100, 100]))).toEqual(['with caches 2 × 2 places with Zipf costs take 1.000 of the shared queue\'s time, not less']);
    expect(missedWrites(caseOf([1, 1, 4], [1, 1, 5]))).toEqual([]);
    expect(missedWrites(caseOf([1, 1, 5]))).toEqual(['5 of 100 conditional writes have failed, less than 5 % are allowed']);
    const design = { name: 'ours' } as Design;
    expect(missedIdle({ design, group: 0.1, pool: 1 })).toEqual([]);
    expect(missedIdle({ design, group: 0.11, pool: 0 })).toEqual(['an idle group of ours costs $ 0.11 a month, at most $ 0.10 are allowed']);
    expect(missedRecovery({ deaths: 1, seconds: [40] })).toEqual([]);
    expect(missedRecovery({ deaths: 1, seconds: [1, Infinity] })).toEqual(['tasks of a runner that died are begun anew after Infinity s, at most 40 s are allowed']);
    expect(missedRecovery({ deaths: 1, seconds: [] })).toEqual(['no runner died with tasks under way']);
  });

  it('does the same tasks in each design, a task longer where its caches are cold', async () => {
    const measure = (design: Design) => measureBurst(design, SMALL, 100);
    const [fixed, shared, pool] = [await measure(fixedQueues), await measure(sharedQueue), await measure(ours)];
    expect(new Set([fixed, shared, pool].map(({ tasks, boundSeconds }) => `${tasks} ${boundSeconds}`)).size).toBe(1);
    expect(Math.min(...[fixed, shared, pool].map(besideBound))).toBeGreaterThan(1);
    expect(fixed.coldShare).toBe(0);
    expect(shared.coldShare).toBeGreaterThan(0.35);
    expect(pool.coldShare).toBeLessThan(0.25);
    // Each second billed for a task is a second in which it was done, and a cold one takes 30 % more.
    const worked = fixed.bill.tasks['lambda.gbSeconds'];
    expect(shared.bill.tasks['lambda.gbSeconds'] / worked).toBeGreaterThan(1.08);
    expect(shared.bill.tasks['lambda.gbSeconds'] / worked).toBeLessThan(1.25);
    for (const { bill: { queues, table, runner, coordinator } } of [fixed, shared]) {
      // Each is received and deleted by itself.
      expect(queues['sqs.requests']).toBeGreaterThanOrEqual(2 * fixed.tasks);
      expect(queues['sqs.requests']).toBeLessThan(2.2 * fixed.tasks);
      expect([table, runner['lambda.requests'], coordinator['lambda.requests']]).toEqual([{}, 0, 0]);
    }
    const { submit, queues, table, runner, coordinator } = pool.bill;
    expect(submit['sqs.requests']).toBeGreaterThan(0.3 * pool.tasks);
    // Each task is received and deleted, claimed and committed.
    expect(queues['sqs.requests']).toBeGreaterThan(2 * pool.tasks);
    expect(table['dynamodb.writeUnits']).toBeGreaterThan(2 * pool.tasks);
    expect(pool.conditionalWrites.made).toBeGreaterThan(2 * pool.tasks);
    expect(runner['lambda.gbSeconds']).toBeGreaterThan(0.25 * pool.makespanSeconds);
    expect(coordinator['lambda.gbSeconds']).toBeGreaterThan(0.25 * pool.makespanSeconds);
  }, 60_000);

  it('bills every request to a queue once', () => {
    const entry = (subject: string, event: string) => ({ at: 0, subject, event });
    const seen = [
      entry('submitter', 'sqs.SendMessageBatch'), entry('Pool/Route', 'sqs.SendMessageBatch'), entry('Pool/Route', 'sqs.DeleteMessageBatch'),
      entry('Pool/Group1/Run', 'sqs.ReceiveMessage'), entry('Pool/Coordinate', 'sqs.GetQueueAttributes'), entry('Pool/Group1/Queue', 'sqs.dead-letter'),
    ];
    const requests = (routes: boolean) => {
      const bill = new Bill(routes);
      for (const each of seen) bill.observe(each);
      const { submit, queues } = bill.parts({ 'sqs.requests': 10 });
      return [submit['sqs.requests'], queues['sqs.requests']];
    };
    expect(requests(true)).toEqual([7, 3]);
    expect(requests(false)).toEqual([1, 9]);
    expect(() => new Bill(true).parts({ 'lambda.requests': 1 })).toThrow('0 of 1 invocations belong to a part of the bill');
  });

  it('tells what a group adds to an idle month from what the pool costs', async () => {
    const shared = await measureIdle(sharedQueue);
    expect([shared.group, shared.pool]).toEqual([0, IDLE_POLLS]);
    expect(IDLE_POLLS).toBeCloseTo(15 * 60 * 730 * 0.4e-6, 5);
    const { group, pool } = await measureIdle(ours);
    expect(missedIdle({ design: ours, group, pool })).toEqual([]);
    // A depth each minute.
    expect(group).toBeGreaterThan(60 * 730 * 0.4e-6);
    expect(pool).toBeGreaterThan(IDLE_POLLS);
  }, 60_000);

  it('sees when a task of a runner that died is begun anew, and when none is', async () => {
    const beginnings = [{ id: 'one', at: 0, cold: false }, { id: 'two', at: 0, cold: false }, { id: 'one', at: 35_000, cold: false }];
    expect(begunAnew({ at: 10_000, underWay: ['one', 'two'] }, beginnings)).toEqual([25, Infinity]);
    const { deaths, seconds } = await measureRecovery(ours, [12_000]);
    expect([deaths, seconds.length]).toEqual([1, UNDER_WAY.tasks]);
    expect(missedRecovery({ deaths, seconds })).toEqual([]);
    expect(Math.min(...seconds)).toBeGreaterThan(10);
  }, 60_000);
});
