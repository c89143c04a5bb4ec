import { compileFilterPattern } from '../../src/services/cloudwatch/filter-pattern';
import { LogStore } from '../../src/services/cloudwatch/log-store';
import { bench } from '../events/harness';

describe('log groups', () => {
  it('keep their latest lines only', () => {
    const store = new LogStore(10);
    for (let n = 0; n < 1_000; n++) store.append('g', { at: n, message: `${n}` });
    expect(store.lines('g').map((line) => line.message)).toEqual(['990', '991', '992', '993', '994', '995', '996', '997', '998', '999']);
    expect(store.count('g')).toBe(1_000);
  });

  it('give embedded metrics to CloudWatch', () => {
    const on = bench();
    on.cloudwatch.ingestLogLine('/aws/lambda/f', JSON.stringify({
      _aws: { Timestamp: on.world.kernel.now, CloudWatchMetrics: [{ Namespace: 'App', Dimensions: [[]], Metrics: [{ Name: 'late' }] }] }, late: 3,
    }));
    expect(on.cloudwatch.metrics.total({ namespace: 'App', name: 'late' })).toBe(3);
    expect(on.logs.lines('/aws/lambda/f')).toHaveLength(1);
  });

  it('answer with their name and ARN', () => {
    const on = bench();
    expect(on.create(on.logs, 'AWS::Logs::LogGroup', {}, 'Group')).toEqual({
      ref: 'Stack-Group', attributes: { Arn: 'arn:aws:logs:us-east-1:123456789012:log-group:Stack-Group:*' },
    });
    expect(on.logs.groups()).toEqual(['Stack-Group']);
  });
});

describe('a metric filter', () => {
  const filter = (pattern: string, transformation: Record<string, unknown> = {}) => {
    const on = bench();
    on.create(on.logs, 'AWS::Logs::MetricFilter', {
      LogGroupName: 'g', FilterPattern: pattern, MetricTransformations: [{ MetricName: 'M', MetricNamespace: 'App', MetricValue: '1', ...transformation }],
    }, 'Filter');
    return on;
  };

  it('counts the lines that match', () => {
    const on = filter('ERROR');
    ['ERROR one', 'INFO two', 'ERROR three'].forEach((line) => on.cloudwatch.ingestLogLine('g', line));
    expect(on.cloudwatch.metrics.total({ namespace: 'App', name: 'M' })).toBe(2);
  });

  it('takes value and dimensions from the line, and the default where it does not match', () => {
    const on = filter('{ $.kind = "reply" }', { MetricValue: '$.ms', Dimensions: [{ Key: 'bank', Value: '$.bank' }], DefaultValue: 0 });
    on.cloudwatch.ingestLogLine('g', '{"kind":"reply","ms":12,"bank":"big"}');
    on.cloudwatch.ingestLogLine('g', '{"kind":"reply","ms":"12","bank":"big"}');
    on.cloudwatch.ingestLogLine('g', '{"kind":"other"}');
    expect(on.cloudwatch.metrics.total({ namespace: 'App', name: 'M', dimensions: { bank: 'big' } })).toBe(12);
    expect(on.cloudwatch.metrics.total({ namespace: 'App', name: 'M' }, 'SampleCount')).toBe(1);
  });

  it.each<[string, string, boolean]>([
    ['', 'anything', true],
    ['ERROR late', 'late ERROR', true],
    ['ERROR late', 'ERROR', false],
    ['?ERROR ?WARN', 'WARN', true],
    ['?ERROR ?WARN', 'INFO', false],
    ['ERROR -retry', 'ERROR retry', false],
    ['"two words"', 'these two words', true],
    ['{ $.a = 1 }', '{"a":1}', true],
    ['{ $.a = 1 }', '{"a":"1"}', false],
    ['{ $.a = 1 }', 'a=1', false],
    ['{ ($.a > 1) && ($.b = "x*") }', '{"a":2,"b":"xyz"}', true],
    ['{ $.a <= 1 || $.b != "x" }', '{"a":2,"b":"x"}', false],
    ['{ $.a NOT EXISTS }', '{"b":1}', true],
    ['{ $.a IS NULL }', '{"a":null}', true],
    ['{ $.a[0].b IS TRUE }', '{"a":[{"b":true}]}', true],
  ])('understands %s', (pattern, line, expected) => {
    let document: unknown;
    try {
      document = JSON.parse(line);
    } catch {
      document = undefined;
    }
    expect(compileFilterPattern(pattern)(line, document)).toBe(expected);
  });

  it.each<[string, RegExp]>([
    ['[ip, user, ...]', /is not simulated: only terms and JSON patterns are/],
    ['%ERR.*%', /is not simulated/],
    ['{ $.a }', /is not valid/],
    ['{ $.a ~ 1 }', /is not valid/],
    ['{ a = 1 }', /is not valid/],
  ])('refuses %s', (pattern, message) => {
    expect(() => compileFilterPattern(pattern)).toThrow(message);
  });

  it('refuses a value that is neither a number nor a path', () => {
    expect(() => filter('', { MetricValue: 'many' })).toThrow("MetricValue of 'M' must be a number or a JSON path, not 'many'");
  });
});
