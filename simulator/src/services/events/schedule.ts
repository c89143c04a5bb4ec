/** When a scheduled rule fires. */
export interface Schedule {
  /** The first instant after `after` (milliseconds since 1970), or undefined when it never fires again. */
  next(after: number): number | undefined;
}

const RATE_UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const DAY_MS = 86_400_000;
/** Years beyond this are out of range in EventBridge. */
const LAST_YEAR = 2199;

/**
 * Reads `rate(5 minutes)` or `cron(0 12 * * ? *)`; cron runs in UTC and has six fields.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
export function parseSchedule(expression: string): Schedule {
  const rate = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression);
  if (rate) return rateSchedule(expression, Number(rate[1]), RATE_UNITS[rate[2]], rate[3] === 's');
  const cron = /^cron\(([^()]+)\)$/.exec(expression);
  if (cron) return cronSchedule(expression, cron[1].trim().split(/\s+/));
  throw new Error(`schedule expression '${expression}' is not valid: use rate(5 minutes) or cron(0 12 * * ? *)`);
}

function rateSchedule(expression: string, value: number, unit: number, plural: boolean): Schedule {
  if (value < 1) throw new Error(`schedule expression '${expression}' is not valid: the rate must be at least 1`);
  if (plural !== value > 1) throw new Error(`schedule expression '${expression}' is not valid: the unit must be ${plural ? 'singular' : 'plural'}`);
  return { next: (after) => after + value * unit };
}

/** Whether a field holds for a day; `?` means that the other day field decides. */
type DayTest = (day: Date) => boolean;

function cronSchedule(expression: string, fields: readonly string[]): Schedule {
  const fail = (why: string): never => {
    throw new Error(`schedule expression '${expression}' is not valid: ${why}`);
  };
  if (fields.length !== 6) fail(`cron has 6 fields, not ${fields.length}`);
  const [minuteField, hourField, dayOfMonth, monthField, dayOfWeek, yearField] = fields;
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) fail('exactly one of day-of-month and day-of-week must be ?');
  const minutes = values(minuteField, 0, 59, [], fail);
  const hours = values(hourField, 0, 23, [], fail);
  const months = values(monthField, 1, 12, MONTHS, fail);
  const years = values(yearField, 1970, LAST_YEAR, [], fail);
  const isDay = dayOfMonth === '?' ? weekDayTest(dayOfWeek, fail) : monthDayTest(dayOfMonth, fail);
  const isDate = (day: Date) => years.has(day.getUTCFullYear()) && months.has(day.getUTCMonth() + 1) && isDay(day);
  return {
    next: (after) => {
      const start = Math.floor(after / 60_000) * 60_000 + 60_000;
      for (let day = Math.floor(start / DAY_MS) * DAY_MS; new Date(day).getUTCFullYear() <= LAST_YEAR; day += DAY_MS) {
        if (!isDate(new Date(day))) continue;
        for (const hour of hours) {
          for (const minute of minutes) {
            const at = day + hour * 3_600_000 + minute * 60_000;
            if (at >= start) return at;
          }
        }
      }
      return undefined;
    },
  };
}

/** The numbers that a field of lists, ranges, steps and names stands for, in order. */
function values(field: string, first: number, last: number, names: readonly string[], fail: (why: string) => never): Set<number> {
  const read = (text: string): number => {
    const named = names.indexOf(text.toUpperCase());
    const value = named >= 0 ? named + first : Number(text);
    if (!/^\w+$/.test(text) || !Number.isInteger(value) || value < first || value > last) fail(`'${text}' is not between ${first} and ${last}`);
    return value;
  };
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const [range, step] = part.split('/');
    const [from, to] = range === '*' ? [first, last] : range.split('-').map(read);
    const end = to ?? (step === undefined ? from : last);
    const stride = step === undefined ? 1 : Number(step);
    if (!Number.isInteger(stride) || stride < 1) fail(`'${part}' has a step that is no positive integer`);
    for (let value = from; value <= end; value += stride) found.add(value);
  }
  return new Set([...found].sort((a, b) => a - b));
}

function daysInMonth(day: Date): number {
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
}

/** `L` is the last day, `15W` the weekday nearest to the 15th. */
function monthDayTest(field: string, fail: (why: string) => never): DayTest {
  if (field === 'L') return (day) => day.getUTCDate() === daysInMonth(day);
  const nearest = /^(\d+)W$/.exec(field);
  if (nearest) return (day) => day.getUTCDate() === nearestWeekday(day, Number(nearest[1]));
  const days = values(field, 1, 31, [], fail);
  return (day) => days.has(day.getUTCDate());
}

function nearestWeekday(month: Date, wanted: number): number {
  const last = daysInMonth(month);
  const target = Math.min(wanted, last);
  const weekday = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth(), target)).getUTCDay();
  if (weekday === 6) return target > 1 ? target - 1 : target + 2;
  if (weekday === 0) return target < last ? target + 1 : target - 2;
  return target;
}

/** 1 is Sunday; `3#2` is the second Tuesday, `6L` the last Friday. */
function weekDayTest(field: string, fail: (why: string) => never): DayTest {
  const nth = /^(\w+)#([1-5])$/.exec(field);
  const last = /^(\w+)L$/.exec(field);
  if (field === 'L') return (day) => day.getUTCDay() === 6;
  const days = values(nth?.[1] ?? last?.[1] ?? field, 1, 7, DAYS, fail);
  return (day) => days.has(day.getUTCDay() + 1)
    && (!nth || Math.ceil(day.getUTCDate() / 7) === Number(nth[2]))
    && (!last || day.getUTCDate() + 7 > daysInMonth(day));
}
