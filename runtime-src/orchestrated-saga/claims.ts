import type { SagaAbort } from './refusals';
import type { StepKeys } from './request';
import { CLAIM, type Direction } from '../../src/orchestrated-saga/contract';
import type { Client } from '../shared/client';
import { documentSdk } from '../shared/document-sdk';

/** What a compensation did. */
export type Undoing = 'UNDONE' | 'NOTHING_TO_UNDO';

/** An item that says that a direction of a step has happened: with the action's result, or that it was undone before it was done. */
export interface Claim {
  readonly [CLAIM.PARTITION_KEY]: string;
  readonly [CLAIM.EXPIRES_AT]: number;
  /** As JSON. */
  readonly [CLAIM.RESULT]: string;
  /** Of an undo's claim that the action itself has made: the refusal that every further attempt of it gets. */
  readonly aborted?: { readonly name: string; readonly message: string };
}

const NEW = `attribute_not_exists(${CLAIM.PARTITION_KEY})`;

/** What is remembered of a step. An expired claim that is not deleted yet still counts. */
export type Claims = Readonly<Partial<Record<Direction, Claim>>>;

/** Entries of `TransactItems` of lib-dynamodb's `TransactWriteCommand`: the claim, on condition that it is new, and that there is none of the other direction. */
export type ClaimEntries = readonly object[];

/** Where and how long claims are remembered. */
export interface Memory {
  readonly client: Client;
  readonly tableName: string;
  readonly expiresAt: number;
}

/**
 * Both claims, each as it is now. Read one after the other or at once, it is the same: the claim of an action is never written when that of its undo is
 * there, so that either alone tells what to answer.
 */
export async function readClaims({ client, tableName }: Memory, keys: StepKeys): Promise<Claims> {
  const read = async (direction: Direction): Promise<Claim | undefined> => {
    const { Item } = await client.send(new (documentSdk().GetCommand)({
      TableName: tableName,
      Key: { [CLAIM.PARTITION_KEY]: keys[direction] },
      ConsistentRead: true,
    }));
    return Item;
  };
  const [done, undone] = await Promise.all([read('DO'), read('UNDO')]);
  return { ...done && { DO: done }, ...undone && { UNDO: undone } };
}

/** The action happens now, and was never undone. */
export function claimAction(memory: Memory, keys: StepKeys, result: string): ClaimEntries {
  return [put(memory, { id: keys.DO, expiration: memory.expiresAt, result }), isNew(memory, keys.UNDO)];
}

/** What was done is undone now. It was read that it was done, and that does not change. */
export function claimUndo(memory: Memory, keys: StepKeys): ClaimEntries {
  return [putUndo(memory, keys, 'UNDONE')];
}

/** What was never done will never be. */
export function claimTombstone(memory: Memory, keys: StepKeys, abort?: SagaAbort): ClaimEntries {
  const aborted = abort && { name: abort.name, message: abort.message };
  return [putUndo(memory, keys, 'NOTHING_TO_UNDO', aborted), isNew(memory, keys.DO)];
}

function putUndo(memory: Memory, { UNDO }: StepKeys, undoing: Undoing, aborted?: Claim['aborted']): object {
  return put(memory, { id: UNDO, expiration: memory.expiresAt, result: JSON.stringify(undoing), ...aborted && { aborted } });
}

function put({ tableName }: Memory, Item: Claim): object {
  return { Put: { TableName: tableName, Item, ConditionExpression: NEW } };
}

function isNew({ tableName }: Memory, key: string): object {
  return { ConditionCheck: { TableName: tableName, Key: { [CLAIM.PARTITION_KEY]: key }, ConditionExpression: NEW } };
}
