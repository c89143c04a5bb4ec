import { parseSchedule } from '../../src/services/events/schedule';

const next = (expression: string, after: string) => {
  const at = parseSchedule(expression).next(Date.parse(after));
  return at === undefined ? undefined : new Date(at).toISOString();
};

describe('a schedule', () => {
  it.each<[string, string, string | undefined]>([
    ['rate(1 minute)', '2026-01-01T00:00:00Z', '2026-01-01T00:01:00.000Z'],
    ['rate(2 hours)', '2026-01-01T00:00:30Z', '2026-01-01T02:00:30.000Z'],
    ['cron(0 12 * * ? *)', '2026-01-01T12:00:00Z', '2026-01-02T12:00:00.000Z'],
    ['cron(5,35 14 * * ? *)', '2026-01-01T14:05:01Z', '2026-01-01T14:35:00.000Z'],
    ['cron(0/15 * * * ? *)', '2026-01-01T00:16:00Z', '2026-01-01T00:30:00.000Z'],
    ['cron(0 8 1 JAN-MAR ? *)', '2026-01-02T00:00:00Z', '2026-02-01T08:00:00.000Z'],
    ['cron(15 10 ? * 6L 2026-2027)', '2026-01-01T00:00:00Z', '2026-01-30T10:15:00.000Z'],
    ['cron(0 0 L * ? *)', '2026-02-01T00:00:00Z', '2026-02-28T00:00:00.000Z'],
    ['cron(0 0 ? * 3#2 *)', '2026-01-01T00:00:00Z', '2026-01-13T00:00:00.000Z'],
    ['cron(0 0 1W * ? *)', '2026-01-02T00:00:00Z', '2026-02-02T00:00:00.000Z'],
    ['cron(0 18 ? * MON-FRI *)', '2026-01-02T18:00:00Z', '2026-01-05T18:00:00.000Z'],
    ['cron(0 0 1 1 ? 2025)', '2026-01-01T00:00:00Z', undefined],
  ])('%s after %s fires at %s', (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected);
  });

  it.each<[string, RegExp]>([
    ['rate(1 minutes)', /the unit must be singular/],
    ['rate(5 minute)', /the unit must be plural/],
    ['rate(0 minutes)', /at least 1/],
    ['every minute', /use rate\(5 minutes\) or cron/],
    ['cron(0 12 * * *)', /6 fields, not 5/],
    ['cron(0 12 * * * *)', /exactly one of day-of-month and day-of-week/],
    ['cron(60 12 * * ? *)', /'60' is not between 0 and 59/],
    ['cron(0/0 12 * * ? *)', /no positive integer/],
  ])('%s is refused', (expression, message) => {
    expect(() => parseSchedule(expression)).toThrow(message);
  });
});
