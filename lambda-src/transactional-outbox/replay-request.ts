import { decodeCursor, type Cursor } from './cursor';
import {
  DEFAULT_EVENTS_PER_SECOND, ERROR, MAXIMUM_EVENTS_PER_SECOND, type ReplayRequest, type SourceKind,
} from '../../src/transactional-outbox/contract';
import { NamedError } from '../shared/errors';

/** What the outbox that is replayed can do. */
export interface ReplayAbilities {
  readonly sourceKind: SourceKind;
  /** Whether the destination's refusals park aggregates. */
  readonly parks: boolean;
}

/** A request that can be followed. Times are milliseconds since 1970. */
export interface Replay {
  readonly from: number;
  readonly to: number;
  readonly aggregate: string | undefined;
  readonly types: ReadonlySet<string> | undefined;
  readonly eventsPerSecond: number;
  readonly unpark: boolean;
  readonly cursor: Cursor | undefined;
}

const FIELDS: readonly (keyof ReplayRequest)[] = ['from', 'to', 'aggregate', 'types', 'eventsPerSecond', 'unpark', 'cursor'];
/** A date, or a date and time with its offset: a time without one would be the handler's own. */
const ISO_8601 = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** @throws `InvalidReplayRequest` with a sentence that says what is wrong */
export function parseReplayRequest(received: unknown, { sourceKind, parks }: ReplayAbilities): Replay {
  if (typeof received !== 'object' || received === null || Array.isArray(received)) {
    throw invalid(`a request is an object with some of the fields ${FIELDS.join(', ')}, received ${describe(received)}`);
  }
  const request = received as Record<keyof ReplayRequest, unknown>;
  const unknown = Object.keys(request).filter((field) => !FIELDS.includes(field as keyof ReplayRequest));
  if (unknown.length > 0) throw invalid(`the request has ${unknown.map(describe).join(', ')}; a request has ${FIELDS.join(', ')}`);
  const replay: Replay = {
    from: time('from', request.from) ?? -Infinity,
    to: time('to', request.to) ?? Infinity,
    aggregate: optional('aggregate', request.aggregate, isText, "an aggregate's pk, such as 'Order#42'"),
    types: typesIn(request.types),
    eventsPerSecond: optional('eventsPerSecond', request.eventsPerSecond, isRate, `a number from 1 to ${MAXIMUM_EVENTS_PER_SECOND}`) ?? DEFAULT_EVENTS_PER_SECOND,
    unpark: optional('unpark', request.unpark, (value) => typeof value === 'boolean', 'true or false') ?? false,
    cursor: cursorIn(request.cursor),
  };
  if (replay.from >= replay.to) throw invalid(`from is ${describe(request.from)}, which is not before to, ${describe(request.to)}`);
  if (sourceKind === 'CHANGES') refuseChoice(request);
  else if (request.from === undefined && request.aggregate === undefined) throw invalid('the request must say from when, or which aggregate: name from or aggregate');
  if (replay.unpark) checkUnpark(request, parks);
  return replay;
}

/** Items have no times and no events of their own: they are published as they are now, all of them. */
function refuseChoice(request: Record<string, unknown>): void {
  const given = ['from', 'aggregate', 'types', 'unpark'].filter((field) => request[field] !== undefined);
  if (given.length > 0) throw invalid(`this outbox publishes the changes of a table, and a replay all of its items as they are now: leave ${given.join(', ')} out`);
}

function checkUnpark(request: Record<string, unknown>, parks: boolean): void {
  if (!parks) throw invalid('unpark is true, and this outbox parks no aggregates: its onPoison is not PARK_KEY');
  if (request.aggregate === undefined) throw invalid('unpark is true: name the aggregate that is to be opened');
  const given = ['from', 'types'].filter((field) => request[field] !== undefined);
  if (given.length > 0) throw invalid(`unpark publishes all that waits, in order: leave ${given.join(', ')} out`);
}

function time(field: string, value: unknown): number | undefined {
  const text = optional(field, value, (each): each is string => typeof each === 'string' && ISO_8601.test(each) && !Number.isNaN(Date.parse(each)),
    "a moment in ISO 8601, such as '2026-11-20T06:00:00Z'");
  return text === undefined ? undefined : Date.parse(text);
}

function typesIn(value: unknown): ReadonlySet<string> | undefined {
  const isTypes = (each: unknown): each is string[] => Array.isArray(each) && each.length > 0 && each.every(isText);
  const types = optional('types', value, isTypes, 'a list of at least one event type');
  return types && new Set(types);
}

function cursorIn(value: unknown): Cursor | undefined {
  const text = optional('cursor', value, isText, 'the cursor of an earlier replay');
  if (text === undefined) return undefined;
  const cursor = decodeCursor(text);
  if (!cursor) throw invalid(`cursor must be the cursor of an earlier replay, received ${describe(value)}`);
  return cursor;
}

/** Null counts as absent: whoever repeats a failed replay by hand copies what is there. */
function optional<T>(field: string, value: unknown, isAllowed: (value: unknown) => value is T, allowed: string): T | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isAllowed(value)) throw invalid(`${field} must be ${allowed}, received ${describe(value)}`);
  return value;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isRate(value: unknown): value is number {
  return typeof value === 'number' && value >= 1 && value <= MAXIMUM_EVENTS_PER_SECOND;
}

function invalid(message: string): Error {
  return new NamedError(ERROR.INVALID_REPLAY_REQUEST, message);
}

function describe(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 100) ?? String(value);
}
