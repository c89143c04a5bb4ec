import { ServiceError } from '../../service';

/** One entry of a PutEvents call. */
export interface PutEventsEntry {
  readonly Time?: unknown;
  readonly Source?: string;
  readonly Resources?: readonly string[];
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly EventBusName?: string;
}

/** An event as rules and targets see it. */
export interface EventEnvelope {
  readonly 'version': '0';
  readonly 'id': string;
  readonly 'detail-type': string;
  readonly 'source': string;
  readonly 'account': string;
  readonly 'time': string;
  readonly 'region': string;
  readonly 'resources': readonly string[];
  readonly 'detail': unknown;
}

export interface EntryError {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MOST_ENTRIES = 10;
/** 1 MB since January 2026. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
const LARGEST_REQUEST_BYTES = 1_048_576;

/** The page says so; that such an entry fails by itself is assumed. @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
const LONGEST_DETAIL_TYPE = 128;

/** Throws a ValidationException when the request as a whole is not valid; single entries fail on their own. */
export function checkRequest(entries: unknown): readonly PutEventsEntry[] {
  if (!Array.isArray(entries) || entries.length < 1 || entries.length > MOST_ENTRIES) {
    const received = Array.isArray(entries) ? `${entries.length} entries` : JSON.stringify(entries);
    throw new ServiceError('ValidationException', `PutEvents takes 1 to ${MOST_ENTRIES} entries, not ${received}`);
  }
  const bytes = (entries as PutEventsEntry[]).reduce((sum, entry) => sum + entryBytes(entry), 0);
  if (bytes > LARGEST_REQUEST_BYTES) {
    throw new ServiceError('ValidationException', `the entries of the request have ${bytes} bytes, at most ${LARGEST_REQUEST_BYTES} are allowed`);
  }
  return entries as PutEventsEntry[];
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
export function entryBytes(entry: PutEventsEntry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(String(text ?? '')), entry.Time === undefined ? 0 : 14);
}

/** What is wrong with one entry, as PutEvents answers it, or undefined. */
export function entryError(entry: PutEventsEntry): EntryError | undefined {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (!entry[name]) {
      return { ErrorCode: 'InvalidArgument', ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.` };
    }
  }
  if (entry.Source!.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  if (entry.DetailType!.length > LONGEST_DETAIL_TYPE) {
    const reason = `DetailType must have at most ${LONGEST_DETAIL_TYPE} characters.`;
    return { ErrorCode: 'InvalidArgument', ErrorMessage: `Parameter DetailType is not valid. Reason: ${reason}` };
  }
  if (detailOf(entry) === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  return undefined;
}

/** The detail must be a JSON object. */
export function detailOf(entry: PutEventsEntry): object | undefined {
  try {
    const detail: unknown = JSON.parse(entry.Detail!);
    return detail !== null && typeof detail === 'object' && !Array.isArray(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}

/** Event times have whole seconds. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
export function eventTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The `Time` of an entry in milliseconds: a date of any realm, a number of seconds, or text. */
export function entryTime(time: unknown, now: number): number {
  if (time === undefined || time === null) return now;
  if (typeof time === 'number') return time * 1000;
  const milliseconds = typeof time === 'string' ? Date.parse(time) : Number((time as Date).getTime());
  if (!Number.isFinite(milliseconds)) throw new ServiceError('ValidationException', `Time is no timestamp: ${JSON.stringify(time)}`);
  return milliseconds;
}
