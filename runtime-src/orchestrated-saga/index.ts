/**
 * A service's half of a saga, inside a function of one's own: an action and the compensation that undoes it take effect once, in whichever order and
 * however often they arrive. Nothing here imports the CDK; the AWS SDK is loaded when it is first needed.
 */
export {
  type ActionEffect, type ActionWork, type CompensationEffect, type CompensationWork, type Participant, sagaParticipant, type SagaParticipantOptions,
} from './participant';
export { type ActionRequest, type CompensationRequest, InvalidSagaRequest } from './request';
export { resolveResult, type ResultReference } from './result';
export { SagaAbort, SagaStepUndone } from './refusals';
export { type Undoing } from './claims';
export { type Client } from '../shared/client';
