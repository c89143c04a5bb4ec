import { parseSchedule } from '../events/schedule';

/** The instants at which a schedule is due. */
export interface Recurrence {
  readonly once: boolean;
  /** The first instant after `after`, in milliseconds since 1970; undefined when there is none. */
  next(after: number): number | undefined;
}

/** At a change of clocks a local time may be an hour off; none is off by more than a day. */
const DAY_MS = 86_400_000;

/**
 * Reads `at(…)`, `rate(…)` and `cron(…)`, the first and the last in the schedule's time zone. `origin` is when a rate begins.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function parseRecurrence(expression: string, timeZone: string, origin: number): Recurrence {
  const zone = new TimeZone(timeZone);
  const at = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(expression);
  if (at) return once(expression, at[1], zone);
  if (expression.startsWith('rate(')) {
    const interval = parseSchedule(expression).next(0)!;
    // "If you don't provide a StartDate, your schedule starts invoking the target immediately."
    return { once: false, next: (after) => (after < origin ? origin : origin + (Math.floor((after - origin) / interval) + 1) * interval) };
  }
  if (!expression.startsWith('cron(')) {
    throw new Error(`schedule expression '${expression}' is not valid: use at(2026-01-31T12:00:00), rate(5 minutes) or cron(0 12 * * ? *)`);
  }
  const local = parseSchedule(expression);
  return {
    once: false,
    next: (after) => {
      for (let wall = zone.wallClock(after - DAY_MS); ;) {
        const found = local.next(wall);
        if (found === undefined) return undefined;
        // "If the invocation falls on a time that does not exist, it is skipped"; one that comes twice happens once.
        const instant = zone.instant(found);
        if (instant !== undefined && instant > after) return instant;
        wall = found;
      }
    },
  };
}

function once(expression: string, time: string, zone: TimeZone): Recurrence {
  const wall = Date.parse(`${time}Z`);
  // The 31st of February would be read as the 3rd of March.
  if (Number.isNaN(wall) || !new Date(wall).toISOString().startsWith(time)) throw new Error(`schedule expression '${expression}' is not valid: there is no such date`);
  const instant = zone.instant(wall);
  if (instant === undefined) throw new Error(`schedule expression '${expression}' is not valid: the clocks skip that time`);
  return { once: true, next: (after) => (instant > after ? instant : undefined) };
}

/** Wall clocks are written as milliseconds since 1970, as if they were UTC. */
class TimeZone {
  private readonly format?: Intl.DateTimeFormat;

  constructor(readonly name: string) {
    if (name === 'UTC') return;
    try {
      this.format = new Intl.DateTimeFormat('en-US', {
        timeZone: name, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
      });
    } catch {
      throw new Error(`time zone '${name}' is not known: use a name such as Europe/Berlin`);
    }
  }

  wallClock(instant: number): number {
    if (!this.format) return instant;
    const parts = Object.fromEntries(this.format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
  }

  /** The first instant at which the clocks show this time; undefined when they skip it. */
  instant(wall: number): number | undefined {
    if (!this.format) return wall;
    const candidates = [-DAY_MS, DAY_MS].map((away) => wall - (this.wallClock(wall + away) - (wall + away)));
    return candidates.sort((a, b) => a - b).find((instant) => this.wallClock(instant) === wall);
  }
}
