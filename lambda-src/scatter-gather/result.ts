import { aggregate } from './aggregation';
import { completedBy, type CompletedBy, isSatisfied, recordedFailures, recordedReplies } from './completion';
import type { GatheringStore, GatheringWithAnswers } from './gathering-store';
import { selectRecipients } from './recipients';
import { duplicateCorrelationId } from './scatter';
import { ERROR, type GatherInput, type GatheringResult, type Reply, RESULT_LIMIT_BYTES } from '../../src/scatter-gather/contract';
import { NamedError } from '../shared/errors';

/**
 * The result of a gathering, which is closed first if the deadline has come and no collector has closed it. After the
 * close nothing that counts can change, so a repeated call answers the same.
 */
export async function gather(input: GatherInput, store: GatheringStore, tableName: string): Promise<GatheringResult> {
  const closed = await closedGathering(input, store);
  const gathering = closed.gathering!;
  const by: CompletedBy = await completedBy(gathering, async () => closed) ?? 'TIMEOUT';
  const replies: Reply[] = recordedReplies(gathering, closed.answers).map((answer) => ({
    responder: answer.responder,
    receivedAt: new Date(answer.receivedAt).toISOString(),
    latencyMs: Math.max(0, Math.round(answer.receivedAt - gathering.openedAt)),
    payload: JSON.parse(answer.payload!) as unknown,
  }));
  const failures = recordedFailures(gathering, closed.answers)
    .map((answer) => ({ responder: answer.responder, error: answer.error!, cause: answer.cause ?? '' }));
  const missing = gathering.expected.filter((responder) => !gathering.replied.has(responder) && !gathering.failed.has(responder));
  return withinLimit({
    correlationId: input.correlationId,
    status: replies.length === 0 ? 'EMPTY' : isSatisfied(gathering.completion, by, replies.length, gathering.expected.length) ? 'COMPLETE' : 'PARTIAL',
    completedBy: by,
    replies,
    failures,
    missing,
    result: await aggregate(input.aggregation, { replies, failures, missing, request: input.request }),
  }, tableName);
}

async function closedGathering(input: GatherInput, store: GatheringStore): Promise<GatheringWithAnswers> {
  let found = await store.findWithAnswers(input.correlationId);
  if (found.gathering?.status !== 'CLOSED') {
    await store.closeAtDeadline(input, selectRecipients(input));
    found = await store.findWithAnswers(input.correlationId);
  }
  const { gathering } = found;
  if (!gathering) throw new NamedError(ERROR.INVALID_REQUEST, `the gathering of correlation id '${input.correlationId}' has expired`);
  if (gathering.executionArn !== input.executionArn) throw duplicateCorrelationId(input.correlationId, gathering.executionArn);
  return found;
}

/** A result that a workflow cannot carry refers to the table instead. */
function withinLimit(result: GatheringResult, tableName: string): GatheringResult {
  if (bytesOf(result) <= RESULT_LIMIT_BYTES) return result;
  const replies = result.replies.map(({ payload: _, ...reply }) => reply);
  const reference = { ...result, replies, resultsRef: { tableName, correlationId: result.correlationId } };
  if (bytesOf(reference) <= RESULT_LIMIT_BYTES) return reference;
  const withoutResult = { ...reference, result: null };
  if (bytesOf(withoutResult) <= RESULT_LIMIT_BYTES) return withoutResult;
  return { ...withoutResult, failures: result.failures.map((failure) => ({ ...failure, cause: '' })) };
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
