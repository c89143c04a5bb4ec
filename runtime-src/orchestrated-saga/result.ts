import { CLAIM } from '../../src/orchestrated-saga/contract';
import type { Client } from '../shared/client';
import { documentSdk } from '../shared/document-sdk';

/** A result that stays with the participant: `resolveResult` gets it. */
export interface ResultReference {
  readonly ref: {
    readonly tableName: string;
    readonly key: string;
  };
}

/** A workflow's state has at most 256 KiB, for the saga's input and all results: 40 steps with this many characters of JSON fit into it. */
const LARGEST_INLINE_CHARACTERS = 5_000;
/**
 * An item has at most 400 KB.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-items
 */
const LARGEST_STORED_BYTES = 350_000;

/** As it is remembered, which is also how it is answered: what JSON changes is changed the first time, too. */
export function resultText(result: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(result ?? null);
  } catch (error) {
    throw new TypeError(`a step's result must be a value that JSON can hold: ${(error as Error).message}`);
  }
  if (text === undefined) throw new TypeError(`a step's result must be a value that JSON can hold, received ${typeof result}`);
  const bytes = Buffer.byteLength(text);
  if (bytes <= LARGEST_STORED_BYTES) return text;
  throw new RangeError(`a step's result must have at most ${LARGEST_STORED_BYTES} bytes as JSON, received ${bytes}; keep it in S3 and return where it is`);
}

/** What the saga gets of a remembered result. */
export function answerOf(text: string, tableName: string, key: string): unknown {
  return text.length > LARGEST_INLINE_CHARACTERS ? { ref: { tableName, key } } satisfies ResultReference : JSON.parse(text);
}

/**
 * The result that another step returned: the value itself, or, when it is a reference, what that step's participant remembers. Let the function read it by
 * the participant's `grantReadResults`.
 */
export async function resolveResult<Result = unknown>(value: unknown, documentClient: Client): Promise<Result> {
  if (!isReference(value)) return value as Result;
  const { tableName, key } = value.ref;
  const { Item } = await documentClient.send(new (documentSdk().GetCommand)({
    TableName: tableName,
    Key: { [CLAIM.PARTITION_KEY]: key },
    ConsistentRead: true,
  }));
  if (typeof Item?.[CLAIM.RESULT] !== 'string') throw new Error(`there is no result '${key}' in table '${tableName}' (any more); its participant's retention may be too short`);
  return JSON.parse(Item[CLAIM.RESULT]) as Result;
}

function isReference(value: unknown): value is ResultReference {
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== 'ref') return false;
  const { tableName, key } = ((value as ResultReference).ref ?? {}) as Partial<ResultReference['ref']>;
  return typeof tableName === 'string' && typeof key === 'string';
}
