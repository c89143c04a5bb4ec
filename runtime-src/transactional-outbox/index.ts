/**
 * Both halves of an outbox inside a function of one's own: writing an event in the transaction that it belongs to, and reading it so that
 * it takes effect once. Nothing here imports the CDK; the AWS SDK is loaded when it is first needed.
 */
export { applyOnce, inboxClaim, type Effect, type EventIdentity, type InboxClaim, type InboxOptions } from './inbox';
export { InvalidOutboxEvent } from './invalid-outbox-event';
export { type Client } from '../shared/client';
export { openOutboxEvent, readOutboxEvent, type OpenOptions, type OutboxEvent } from './outbox-event';
export { outboxPut, outboxPutWithClaimCheck, type ClaimCheckOptions, type OutboxPut, type OutboxPutOptions } from './outbox-put';
export { type NewEventAttributes, type NewOutboxEvent } from './new-outbox-event';
export { type OutboxRow } from '../../src/transactional-outbox/contract';
