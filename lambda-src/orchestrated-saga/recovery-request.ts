import { ERROR } from '../../src/orchestrated-saga/contract';
import { NamedError } from '../shared/errors';

/** What a recovery was started with. */
export type ParsedRequest =
  | { readonly executionArn: string; readonly resume?: undefined }
  | { readonly resume: { readonly sagaId: string; readonly decision: 'RETRY' | 'COMPENSATE' } };

const SHAPE = '{ "resumeParked": { "sagaId": "…", "decision": "RETRY" or "COMPENSATE" } } or { "executionArn": "…" }';

/** @throws `InvalidRecoveryRequest` with a sentence that says what is wrong */
export function parseRecoveryRequest(received: unknown): ParsedRequest {
  if (typeof received !== 'object' || received === null) throw invalid(`a recovery takes ${SHAPE}, received ${describe(received)}`);
  const { executionArn, resumeParked, ...others } = received as { executionArn?: unknown; resumeParked?: unknown };
  const unknown = Object.keys(others);
  if (unknown.length > 0) throw invalid(`a recovery takes ${SHAPE}, received the field ${describe(unknown[0])}`);
  if ((executionArn === undefined) === (resumeParked === undefined)) throw invalid(`a recovery takes either ${SHAPE}`);
  if (resumeParked === undefined) {
    if (typeof executionArn !== 'string' || !/^arn:[^:]+:states:/.test(executionArn)) throw invalid(`executionArn must be the ARN of an execution, received ${describe(executionArn)}`);
    return { executionArn };
  }
  const { sagaId, decision = 'RETRY' } = (resumeParked ?? {}) as { sagaId?: unknown; decision?: unknown };
  if (typeof sagaId !== 'string' || sagaId === '') throw invalid(`resumeParked.sagaId must be the id of a saga, received ${describe(sagaId)}`);
  if (decision !== 'RETRY' && decision !== 'COMPENSATE') throw invalid(`resumeParked.decision must be RETRY or COMPENSATE, received ${describe(decision)}`);
  return { resume: { sagaId, decision } };
}

function invalid(message: string): Error {
  return new NamedError(ERROR.INVALID_RECOVERY, message);
}

function describe(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 100) ?? String(value);
}
