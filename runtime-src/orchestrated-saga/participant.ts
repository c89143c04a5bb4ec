import { type Claim, claimAction, claimTombstone, claimUndo, type Memory, type Undoing } from './claims';
import { SagaAbort, SagaStepUndone } from './refusals';
import { type ActionRequest, type CompensationRequest, keysOf, type StepKeys } from './request';
import { answerOf, type ResultReference, resultText } from './result';
import { settle } from './settle';
import { PARTICIPANT_ENV } from '../../src/orchestrated-saga/contract';
import type { Client } from '../shared/client';
import { commit, type Pause } from '../shared/commit';
import { positiveInteger, setting } from '../shared/environment';

/** Options of a participant; `SagaParticipant.addFunction` gives the table and the retention by the environment. */
export interface SagaParticipantOptions {
  /** A `DynamoDBDocumentClient`. */
  readonly client: Client;
  /** `SAGA_PARTICIPANT_TABLE_NAME` unless given. */
  readonly tableName?: string | undefined;
  /** How long it is remembered what was done and undone; `SAGA_PARTICIPANT_RETENTION_SECONDS`, or 180 days, unless given. */
  readonly retentionSeconds?: number | undefined;
  /** The time; the clock's unless given. */
  readonly now?: (() => Date) | undefined;
}

/** What an action does. Nothing of it has happened yet. */
export interface ActionEffect<Result = unknown> {
  /** At most 98 entries of `TransactItems` of lib-dynamodb's `TransactWriteCommand`, made in one transaction with the claim. */
  readonly writes: readonly object[];
  /** What the saga gets: anything that JSON can hold, 350,000 bytes of it at most. */
  readonly result?: Result;
  /** What is thrown when a condition of the writes does not hold; without it, DynamoDB's error, and the saga tries again. */
  readonly orAbort?: SagaAbort | undefined;
}

/** What a compensation does. */
export interface CompensationEffect {
  /** As those of an action. */
  readonly writes: readonly object[];
}

/** Says what an action does. It may be asked more than once, so it only reads. To refuse for good it throws a `SagaAbort`. */
export type ActionWork<Input, Result> = (request: ActionRequest<Input>) => ActionEffect<Result> | Promise<ActionEffect<Result>>;

/** Says what undoes an action that has happened. It may be asked more than once, so it only reads. */
export type CompensationWork<Input, Result> = (request: CompensationRequest<Input, Result>) => CompensationEffect | Promise<CompensationEffect>;

/** Makes handlers of what a service does and undoes. */
export interface Participant {
  /**
   * A handler that does what `work` says, once. The same request again gets the same answer, without any work. A result of over 5,000 characters of JSON is
   * answered by reference: `resolveResult` gets it.
   * @throws SagaStepUndone when the step was undone before
   */
  action<Input = unknown, Result = unknown>(work: ActionWork<Input, Result>): (request: ActionRequest) => Promise<Result | ResultReference>;

  /**
   * A handler that undoes what the action did, once, if it did. `work` is not asked when there is nothing to undo; the action will be refused when it comes
   * after all.
   */
  compensation<Input = unknown, Result = unknown>(work: CompensationWork<Input, Result>): (request: CompensationRequest) => Promise<Undoing>;
}

const DEFAULT_RETENTION_SECONDS = 180 * 24 * 60 * 60;

/**
 * A service's half of a saga, whose effects are writes to DynamoDB. What was done and undone is remembered in the transactions that do and undo it.
 *
 * @example
 * import { type ActionRequest, type CompensationRequest, SagaAbort, sagaParticipant } from 'cdk-integration-patterns/runtime/orchestrated-saga';
 *
 * const participant = sagaParticipant({ client: DynamoDBDocumentClient.from(new DynamoDBClient({})) });
 *
 * export const reserve = participant.action(async ({ sagaId, input }: ActionRequest<Trip>) => ({
 *   writes: [{ Put: { TableName: 'seats', Item: { seat: input.seat, sagaId }, ConditionExpression: 'attribute_not_exists(seat)' } }],
 *   result: { seat: input.seat },
 *   orAbort: new SagaAbort('SeatTaken', `seat ${input.seat} is taken`),
 * }));
 *
 * export const release = participant.compensation(async ({ result }: CompensationRequest<Trip, { seat: string }>) => ({
 *   writes: [{ Delete: { TableName: 'seats', Key: { seat: result.seat } } }],
 * }));
 */
export function sagaParticipant(options: SagaParticipantOptions): Participant {
  return participantThatPauses(options, (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)));
}

/** The same with another way of waiting. */
export function participantThatPauses(options: SagaParticipantOptions, pause: Pause): Participant {
  return {
    action: <Input, Result>(work: ActionWork<Input, Result>) => async (request: ActionRequest) => {
      const keys = keysOf(request, 'DO');
      return act(memoryOf(options), keys, async () => work(request as ActionRequest<Input>), pause) as Promise<Result | ResultReference>;
    },
    compensation: <Input, Result>(work: CompensationWork<Input, Result>) => async (request: CompensationRequest) => {
      const keys = keysOf(request, 'UNDO');
      return undo(memoryOf(options), keys, async (result) => work({ ...request, result } as CompensationRequest<Input, Result>), pause);
    },
  };
}

function memoryOf({ client, tableName, retentionSeconds, now = () => new Date() }: SagaParticipantOptions): Memory {
  const retention = positiveInteger('retentionSeconds', retentionSeconds, PARTICIPANT_ENV.RETENTION_SECONDS, DEFAULT_RETENTION_SECONDS);
  return {
    client,
    tableName: setting(tableName, PARTICIPANT_ENV.TABLE_NAME, 'SagaParticipant.addFunction'),
    expiresAt: Math.floor(now().getTime() / 1000) + retention,
  };
}

function act(memory: Memory, keys: StepKeys, work: () => Promise<ActionEffect>, pause: Pause): Promise<unknown> {
  const answer = (text: string) => ({ answer: answerOf(text, memory.tableName, keys.DO) });
  return settle<unknown>(memory, keys, ({ DO, UNDO }) => {
    if (UNDO) throw refusalOf(UNDO, keys);
    return DO && answer(DO.result);
  }, async () => {
    try {
      const { writes, result, orAbort } = await work();
      const text = resultText(result);
      const made = await commit(memory.client, claimAction(memory, keys, text), writes, pause);
      if (made.outcome === 'REFUSED') throw orAbort ?? made.error;
      return made.outcome === 'COMMITTED' ? answer(text) : undefined;
    } catch (error) {
      if (!(error instanceof SagaAbort)) throw error;
      // It is thrown when it is read again, unless another attempt has done the step meanwhile.
      await commit(memory.client, claimTombstone(memory, keys, error), [], pause);
      return undefined;
    }
  });
}

function refusalOf({ aborted }: Claim, keys: StepKeys): Error {
  return aborted ? new SagaAbort(aborted.name, aborted.message) : new SagaStepUndone(`'${keys.DO}' comes after '${keys.UNDO}', and is not done any more`);
}

function undo(memory: Memory, keys: StepKeys, work: (result: unknown) => Promise<CompensationEffect>, pause: Pause): Promise<Undoing> {
  return settle<Undoing>(memory, keys, ({ UNDO }) => UNDO && { answer: JSON.parse(UNDO.result) }, async ({ DO }) => {
    const made = DO
      ? await commit(memory.client, claimUndo(memory, keys), (await work(JSON.parse(DO.result))).writes, pause)
      : await commit(memory.client, claimTombstone(memory, keys), [], pause);
    if (made.outcome === 'REFUSED') throw made.error;
    return made.outcome === 'COMMITTED' ? { answer: DO ? 'UNDONE' : 'NOTHING_TO_UNDO' } : undefined;
  });
}
