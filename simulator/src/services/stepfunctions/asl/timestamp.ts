/** An instant as milliseconds since 1970 and the nanoseconds beyond them, so that comparisons keep what the text says. */
export interface Instant {
  readonly milliseconds: number;
  readonly nanoseconds: number;
}

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * The instant that an RFC 3339 text names, or `undefined`: the `T` and the offset are required, both letters in upper
 * case; the seconds may be missing, as in the ISO-8601 extended offset date-time that the error texts speak of.
 * @see https://states-language.net/spec.html#timestamps
 */
export function parseTimestamp(text: unknown): Instant | undefined {
  if (typeof text !== 'string') return undefined;
  const match = RFC3339.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const midnight = Date.UTC(year, month - 1, day);
  const date = new Date(midnight);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const offset = match[8] === 'Z' ? 0 : offsetMinutes(match[8]);
  if (offset === undefined) return undefined;
  const fraction = (match[7] ?? '').padEnd(9, '0');
  return {
    milliseconds: midnight + ((hour * 60 + minute - offset) * 60 + second) * 1000 + Number(fraction.slice(0, 3)),
    nanoseconds: Number(fraction.slice(3)),
  };
}

export function compareInstants(left: Instant, right: Instant): number {
  return left.milliseconds - right.milliseconds || left.nanoseconds - right.nanoseconds;
}

function offsetMinutes(text: string): number | undefined {
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(4, 6));
  if (hours > 18 || minutes > 59) return undefined;
  return (text[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
}
