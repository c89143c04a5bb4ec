import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { type Behaviour, DECLINED, EFFECT, effectId, type ParticipantEnv, type SagaInput } from './environment';
import { type ActionRequest, type CompensationRequest, SagaAbort, sagaParticipant } from '../../../runtime-src/orchestrated-saga';
import type { QueryAnswer } from '../../../src/orchestrated-saga/contract';

type Action = ActionRequest<SagaInput>;
type Compensation = CompensationRequest<SagaInput, Result>;

interface Result {
  readonly effect: string;
  readonly blob: string;
}

/** More than the runtime library hands on by value. */
const LARGE_CHARACTERS = 6_000;

const { EFFECTS_TABLE } = process.env as ParticipantEnv & NodeJS.ProcessEnv;
const client = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 4 }));
const participant = sagaParticipant({ client });

/** A service as the README shows it, that misbehaves as the saga's input says. */
export async function action(request: Action): Promise<unknown> {
  return misbehaving(request, 'DO', () => take(request));
}

export async function compensation(request: Compensation): Promise<unknown> {
  return misbehaving(request, 'UNDO', () => takeBack(request));
}

/** A question or a check: nothing of it stays. */
export async function check(request: Action): Promise<unknown> {
  return misbehaving(request, 'DO', async () => 'checked');
}

export async function query(request: Action): Promise<QueryAnswer> {
  return misbehaving(request, 'QUERY', async () => {
    const { Item } = await client.send(new GetCommand({ TableName: EFFECTS_TABLE, Key: keyOf(request), ConsistentRead: true }));
    return Item?.[EFFECT.TIMES] === 1 ? { outcome: 'DONE', result: resultOf(request) } : { outcome: 'NOT_DONE' };
  });
}

const take = participant.action<SagaInput, Result>(async (request) => {
  await slow(behavioursOf(request, 'DO'), 'SLOW_INSIDE');
  if (behavioursOf(request, 'DO').some(({ kind }) => kind === 'DECLINE')) throw new SagaAbort(DECLINED, `${request.step} says no`);
  return { writes: [add(request, 1)], result: resultOf(request) };
});

const takeBack = participant.compensation<SagaInput, Result>(async (request) => {
  await slow(behavioursOf(request, 'UNDO'), 'SLOW_INSIDE');
  if (request.result.effect !== effectId(request.sagaId, request.step)) throw new Error(`the result of another step came back: ${JSON.stringify(request.result)}`);
  return { writes: [add(request, -1)] };
});

async function misbehaving<T>(request: Action, direction: Behaviour['direction'], work: () => Promise<T>): Promise<T> {
  const behaviours = behavioursOf(request, direction);
  await slow(behaviours, 'SLOW_BEFORE');
  if (behaviours.some(({ kind }) => kind === 'FAIL')) throw new Error(`${request.step} is down`);
  const answer = await work();
  await slow(behaviours, 'SLOW_AFTER');
  if (behaviours.some(({ kind }) => kind === 'FAIL_AFTER')) throw new Error(`${request.step} is down after it has done its work`);
  return answer;
}

async function slow(behaviours: readonly Behaviour[], wanted: Behaviour['kind']): Promise<void> {
  for (const { kind, ms } of behaviours) if (kind === wanted) await new Promise((resolve) => setTimeout(resolve, ms));
}

function behavioursOf({ step, input }: Action, direction: Behaviour['direction']): Behaviour[] {
  return input.behaviours.filter((behaviour) => behaviour.step === step && behaviour.direction === direction && Date.now() < behaviour.until);
}

function resultOf({ sagaId, step, input }: Action): Result {
  return { effect: effectId(sagaId, step), blob: input.large ? 'x'.repeat(LARGE_CHARACTERS) : '' };
}

/** Counted rather than noted, so that an effect that is taken or taken back twice shows. */
function add(request: Action, times: number): object {
  return {
    Update: {
      TableName: EFFECTS_TABLE,
      Key: keyOf(request),
      UpdateExpression: 'ADD #times :times',
      ExpressionAttributeNames: { '#times': EFFECT.TIMES },
      ExpressionAttributeValues: { ':times': times },
    },
  };
}

function keyOf({ sagaId, step }: Action) {
  return { [EFFECT.PARTITION_KEY]: effectId(sagaId, step) };
}
