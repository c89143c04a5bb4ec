import { ERROR, type GatheringInput } from '../../src/scatter-gather/contract';
import { NamedError } from '../shared/errors';

const MAXIMUM_ID_LENGTH = 256;

/** Whom this gathering asks: the candidates whose condition holds, narrowed to the caller's own list if it gave one. */
export function selectRecipients(input: GatheringInput): string[] {
  validate(input);
  const { recipients } = input;
  return input.candidates
    .filter((candidate) => candidate.selected && (!recipients || recipients.includes(candidate.responder)))
    .map((candidate) => candidate.responder);
}

function validate(input: GatheringInput) {
  const { correlationId, recipients, candidates } = input;
  if (typeof correlationId !== 'string' || correlationId.length === 0 || correlationId.length > MAXIMUM_ID_LENGTH) {
    throw invalid(`correlationId must be a string of 1 to ${MAXIMUM_ID_LENGTH} characters, received ${describe(correlationId)}`);
  }
  if (input.request === undefined || input.request === null) {
    throw invalid('the input has no request; it must be { correlationId?, request, recipients? }');
  }
  if (recipients === undefined || recipients === null) return;
  if (!Array.isArray(recipients)) throw invalid(`recipients must be a list of responder ids, received ${describe(recipients)}`);
  const known = candidates.map((candidate) => candidate.responder);
  const unknown = recipients.filter((recipient) => !known.includes(recipient));
  if (unknown.length > 0) {
    throw invalid(`recipients names ${unknown.map(describe).join(', ')}, which is no responder; responders are ${known.join(', ')}`);
  }
}

function invalid(message: string): Error {
  return new NamedError(ERROR.INVALID_REQUEST, message);
}

function describe(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 100) ?? String(value);
}
