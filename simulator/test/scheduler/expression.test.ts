import { parseRecurrence } from '../../src/services/scheduler/expression';

const at = (text: string) => Date.parse(text);
const iso = (instant: number | undefined) => (instant === undefined ? undefined : new Date(instant).toISOString().replace('.000Z', 'Z'));

/** The next instants after a moment. */
function upcoming(expression: string, zone: string, after: string, count: number, origin: string = after) {
  const recurrence = parseRecurrence(expression, zone, at(origin));
  const found: (string | undefined)[] = [];
  for (let from: number | undefined = at(after); found.length < count && from !== undefined;) {
    from = recurrence.next(from);
    found.push(iso(from));
  }
  return found;
}

// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
describe('a schedule expression', () => {
  it('happens once', () => {
    expect(upcoming('at(2026-01-31T12:00:00)', 'UTC', '2026-01-01T00:00:00Z', 2)).toEqual(['2026-01-31T12:00:00Z', undefined]);
    expect(upcoming('at(2026-07-01T12:00:00)', 'Europe/Berlin', '2026-01-01T00:00:00Z', 1)).toEqual(['2026-07-01T10:00:00Z']);
    expect(upcoming('at(2026-01-01T12:00:00)', 'America/New_York', '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-01T17:00:00Z']);
  });

  it('has a rate that begins at its start', () => {
    expect(upcoming('rate(20 minutes)', 'UTC', '2025-12-31T23:59:59Z', 3, '2026-01-01T00:00:00Z')).toEqual([
      '2026-01-01T00:00:00Z', '2026-01-01T00:20:00Z', '2026-01-01T00:40:00Z',
    ]);
    expect(upcoming('rate(1 day)', 'UTC', '2026-01-05T12:00:00Z', 1, '2026-01-01T06:00:00Z')).toEqual(['2026-01-06T06:00:00Z']);
  });

  it('follows the clocks of its time zone', () => {
    expect(upcoming('cron(0 9 * * ? *)', 'Europe/Berlin', '2026-03-27T12:00:00Z', 3)).toEqual([
      '2026-03-28T08:00:00Z', '2026-03-29T07:00:00Z', '2026-03-30T07:00:00Z',
    ]);
    expect(upcoming('cron(30 23 ? * MON *)', 'Pacific/Kiritimati', '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-05T09:30:00Z']);
  });

  it('skips a time that the clocks skip, and happens once where they repeat it', () => {
    expect(upcoming('cron(30 2 * * ? *)', 'Europe/Berlin', '2026-03-28T00:00:00Z', 2)).toEqual(['2026-03-28T01:30:00Z', '2026-03-30T00:30:00Z']);
    expect(upcoming('cron(30 2 * * ? *)', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual(['2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z']);
  });

  it.each([
    ['every(5 minutes)', 'UTC', 'use at(2026-01-31T12:00:00), rate(5 minutes) or cron(0 12 * * ? *)'],
    ['at(2026-02-31T12:00:00)', 'UTC', 'there is no such date'],
    ['at(2026-03-29T02:30:00)', 'Europe/Berlin', 'the clocks skip that time'],
    ['rate(5 minute)', 'UTC', 'the unit must be'],
    ['cron(0 12 * * ? *)', 'Mars/Olympus', "time zone 'Mars/Olympus' is not known"],
  ])('%s in %s is refused', (expression, zone, message) => {
    expect(() => parseRecurrence(expression, zone, 0)).toThrow(message);
  });
});
