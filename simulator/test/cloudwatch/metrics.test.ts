import { embeddedMetrics } from '../../src/services/cloudwatch/embedded-metrics';
import { MetricMath } from '../../src/services/cloudwatch/metric-math';
import { MetricStore, type TimeSeries } from '../../src/services/cloudwatch/metric-store';
import { bench } from '../events/harness';

const MINUTE = 60_000;

describe('the metric store', () => {
  const metric = { namespace: 'App', name: 'Latency' };
  const store = () => {
    const made = new MetricStore(() => 0);
    [1, 2, 3, 4, 100].forEach((value) => made.record({ ...metric, value }));
    made.record({ ...metric, value: 7, at: MINUTE });
    return made;
  };
  const query = (statistic: string) => [...store().statistics({ ...metric, statistic, periodSeconds: 60, start: 0, end: 2 * MINUTE })];

  it.each<[string, number]>([
    ['SampleCount', 5], ['Sum', 110], ['Average', 22], ['Minimum', 1], ['Maximum', 100], ['p50', 3], ['p0', 1], ['p100', 100], ['p90', 61.6],
  ])('answers %s for each period', (statistic, expected) => {
    const [[period, value], [, second]] = query(statistic);
    expect(period).toBe(0);
    expect(value).toBeCloseTo(expected);
    expect(second).toBe(statistic === 'SampleCount' ? 1 : 7);
  });

  it('keeps minutes of a gauge apart from what else is recorded', () => {
    const made = new MetricStore(() => 0);
    const gauge = made.gauge(metric);
    for (const minute of [0, 1, 2, 3]) gauge(minute === 3 ? 8 : 5, minute * MINUTE);
    made.record({ ...metric, value: 2, at: MINUTE });
    gauge(5, 2 * MINUTE);
    expect([...made.statistics({ ...metric, statistic: 'Sum', periodSeconds: 60, start: 0, end: 4 * MINUTE })]).toEqual([
      [0, 5], [MINUTE, 7], [2 * MINUTE, 10], [3 * MINUTE, 8],
    ]);
  });

  it('names a statistic that it does not know', () => {
    expect(() => query('TM(10%:90%)')).toThrow("statistic 'TM(10%:90%)' is not simulated");
    expect(() => query('p101')).toThrow("statistic 'p101' is not simulated");
  });

  it('joins minutes to longer periods and leaves out periods without values', () => {
    const made = store();
    made.record({ ...metric, value: 5, at: 20 * MINUTE });
    expect([...made.statistics({ ...metric, statistic: 'Sum', periodSeconds: 300, start: 0, end: 30 * MINUTE })]).toEqual([[0, 117], [20 * MINUTE, 5]]);
  });

  it('keeps metrics apart by their dimensions, in whatever order these come', () => {
    const made = new MetricStore(() => 0);
    made.record({ ...metric, dimensions: { a: '1', b: '2' }, value: 1 });
    made.record({ ...metric, dimensions: { b: '2', a: '1' }, value: 2 });
    made.record({ ...metric, dimensions: { a: '1' }, value: 4 });
    expect(made.total({ ...metric, dimensions: { a: '1', b: '2' } })).toBe(3);
    expect(made.total(metric)).toBeUndefined();
  });

  it('keeps seconds of high-resolution metrics', () => {
    const made = new MetricStore(() => 0);
    made.record({ ...metric, value: 1, at: 1_500, storageResolution: 1 });
    made.record({ ...metric, value: 2, at: 12_000, storageResolution: 1 });
    expect([...made.statistics({ ...metric, statistic: 'Sum', periodSeconds: 10, start: 0, end: MINUTE })]).toEqual([[0, 1], [10_000, 2]]);
  });

  it('refuses a value that is no number', () => {
    expect(() => store().record({ ...metric, value: NaN })).toThrow('metric App Latency cannot take the value NaN');
  });
});

describe('PutMetricData', () => {
  const put = async (input: unknown) => {
    const { world, cloudwatch } = bench();
    const call = world.call({ service: 'cloudwatch', operation: 'PutMetricData', input, caller: { name: 'me', principal: { kind: 'operator' } } });
    const settled = call.then(() => cloudwatch.metrics, (error) => error);
    await world.kernel.run();
    return settled;
  };

  it('records values and counts', async () => {
    const metrics = await put({
      Namespace: 'App', MetricData: [{ MetricName: 'M', Dimensions: [{ Name: 'd', Value: 'v' }], Values: [1, 5], Counts: [3, 1] }, { MetricName: 'N', Value: 2 }],
    });
    expect(metrics.total({ namespace: 'App', name: 'M', dimensions: { d: 'v' } })).toBe(8);
    expect(metrics.total({ namespace: 'App', name: 'N' })).toBe(2);
  });

  it('refuses namespaces of AWS, and data without values', async () => {
    expect(await put({ Namespace: 'AWS/SQS', MetricData: [] })).toMatchObject({ name: 'InvalidParameterValue' });
    expect(await put({ Namespace: 'App', MetricData: [{ MetricName: 'M' }] })).toMatchObject({ name: 'MissingParameter' });
    expect(await put({ Namespace: 'App', MetricData: [{ MetricName: 'M', StatisticValues: {} }] })).toMatchObject({ message: expect.stringContaining('not simulated') });
  });
});

describe('the embedded metric format', () => {
  const line = (more: object = {}, directive: object = {}) => JSON.stringify({
    _aws: { Timestamp: 5, CloudWatchMetrics: [{ Namespace: 'App', Dimensions: [['service'], []], Metrics: [{ Name: 'late', Unit: 'Count' }], ...directive }] },
    service: 'collect',
    late: 2,
    ...more,
  });

  it('makes one data point for each set of dimensions', () => {
    expect(embeddedMetrics(line())).toEqual([
      { namespace: 'App', name: 'late', dimensions: { service: 'collect' }, value: 2, unit: 'Count', at: 5, storageResolution: 60 },
      { namespace: 'App', name: 'late', dimensions: {}, value: 2, unit: 'Count', at: 5, storageResolution: 60 },
    ]);
  });

  it('takes several values, and the prefix of a runtime', () => {
    expect(embeddedMetrics(`2026-01-01T00:00:00Z\tid\tINFO\t${line({ late: [1, 2, 3] }, { Dimensions: [[]] })}`).map((record) => record.value)).toEqual([1, 2, 3]);
  });

  it('takes nothing from other lines', () => {
    expect(embeddedMetrics('hello')).toEqual([]);
    expect(embeddedMetrics('{"_aws":')).toEqual([]);
    expect(embeddedMetrics('{"_aws":{"CloudWatchMetrics":[]}}')).toEqual([]);
    expect(embeddedMetrics(line({ late: 'x' }))).toEqual([]);
    expect(embeddedMetrics(line({ service: undefined }, { Dimensions: [['service']] }))).toEqual([]);
  });
});

describe('metric math', () => {
  const a: TimeSeries = new Map([[0, 10], [60, 20], [120, 30]]);
  const b: TimeSeries = new Map([[0, 2], [120, 0]]);
  const evaluate = (expression: string) => {
    const metrics = new Map([['a', a], ['b', b]]);
    return [...new MetricMath(expression).evaluate({ metrics, resolve: (id) => metrics.get(id)!, periods: [0, 60, 120], periodSeconds: 60 })];
  };

  it.each<[string, Array<[number, number]>]>([
    ['a + 1', [[0, 11], [60, 21], [120, 31]]],
    ['a / b', [[0, 5]]],
    ['-a * 2 ^ 2', [[0, -40], [60, -80], [120, -120]]],
    ['1 + 2 * 3', [[0, 7], [60, 7], [120, 7]]],
    ['(a - 10) / 10', [[0, 0], [60, 1], [120, 2]]],
    ['SUM([a, b])', [[0, 12], [60, 20], [120, 30]]],
    ['SUM(METRICS())', [[0, 12], [60, 20], [120, 30]]],
    ['MAX(METRICS("b"))', [[0, 2], [120, 0]]],
    ['a / SUM(a)', [[0, 10 / 60], [60, 20 / 60], [120, 0.5]]],
    ['FILL(b, 0)', [[0, 2], [60, 0], [120, 0]]],
    ['FILL(b, REPEAT)', [[0, 2], [60, 2], [120, 0]]],
    ['FILL(b, LINEAR)', [[0, 2], [60, 1], [120, 0]]],
    ['FILL(b, a)', [[0, 2], [60, 20], [120, 0]]],
    ['IF(FILL(b, 0) > 0, a / b, 0)', [[0, 5], [60, 0], [120, 0]]],
    ['IF(a > 10 AND a < 30, 1, 0)', [[0, 0], [60, 1], [120, 0]]],
    ['a >= 20 || b == 2', [[0, 1], [120, 1]]],
    ['a / PERIOD(a)', [[0, 10 / 60], [60, 20 / 60], [120, 0.5]]],
    ['ABS(-a) + CEIL(0.2) + FLOOR(0.9) + AVG(a) + MIN(a)', [[0, 41], [60, 51], [120, 61]]],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression)).toEqual(expected);
  });

  it.each<[string, RegExp]>([
    ['ANOMALY_DETECTION_BAND(a, 2)', /function 'ANOMALY_DETECTION_BAND' in .* is not simulated; simulated: ABS/],
    ['a +', /it ends too early/],
    ['(a', /'\)' is missing/],
    ['a b', /unexpected 'b'/],
    ['METRICS()', /must make one time series, not several/],
    ['SUM(1)', /can aggregate time series only/],
  ])('refuses %s', (expression, message) => {
    expect(() => evaluate(expression)).toThrow(message);
  });
});
