import { Duration, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { PoisonPolicy } from './poison-policy';
import { DEFAULT_MAXIMUM_AGE, DEFAULT_RETENTION, TransactionalOutboxProps } from './props';
import { misuse, requireIntegerInRange } from '../shared/misuse';

const SHORTEST_RETENTION = Duration.days(1);
const SHORTEST_AGE = Duration.minutes(1);
/** What is left of the stream's 24 hours is for the events behind. */
const LONGEST_AGE = Duration.hours(18);
const MOST_RETRIES = 10_000;
/** @see https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_PipeTargetEventBridgeEventBusParameters.html */
const EVENT_SOURCE = /^(?!aws\.)[A-Za-z0-9._/-][A-Za-z0-9._/:-]{0,255}$/;

/** Throws a sentence about the first thing that cannot work. */
export function validateProps(scope: Construct, props: TransactionalOutboxProps): void {
  validateRetention(scope, props.retention ?? DEFAULT_RETENTION);
  validateAge(scope, props.maximumAge ?? DEFAULT_MAXIMUM_AGE);
  validateSource(scope, props);
  validatePoison(scope, props);
  const { eventSource } = props;
  if (eventSource !== undefined && !Token.isUnresolved(eventSource) && !EVENT_SOURCE.test(eventSource)) {
    throw misuse(scope, `eventSource must be 1 to 256 letters, digits and any of . _ - / :, not beginning with 'aws.' or ':', received '${eventSource}'`);
  }
}

function validateRetention(scope: Construct, retention: Duration): void {
  const seconds = secondsOf(scope, 'retention', retention);
  if (seconds < SHORTEST_RETENTION.toSeconds()) {
    throw misuse(scope, `retention must be at least 1 day, received ${seconds} s; what the stream has forgotten can only be published from rows`);
  }
}

function validateAge(scope: Construct, maximumAge: Duration): void {
  const seconds = secondsOf(scope, 'maximumAge', maximumAge);
  if (seconds < SHORTEST_AGE.toSeconds() || seconds > LONGEST_AGE.toSeconds()) {
    throw misuse(scope, `maximumAge must be from 1 minute to 18 hours, received ${seconds} s; the stream forgets events after 24 hours`);
  }
}

function validateSource(scope: Construct, { source, payloadFormat, onPoison }: TransactionalOutboxProps): void {
  if (source?._bind().kind !== 'CHANGES') return;
  if (payloadFormat !== undefined) throw misuse(scope, `payloadFormat has no meaning for changes of a table, which are JSON, received ${payloadFormat}; leave it out`);
  if (onPoison === PoisonPolicy.PARK_KEY) {
    throw misuse(scope, 'onPoison PARK_KEY needs outbox rows, in which what is parked can wait, and the source is changes of a table; use SKIP');
  }
}

function validatePoison(scope: Construct, { onPoison, retryAttempts, destination }: TransactionalOutboxProps): void {
  if (retryAttempts !== undefined) requireIntegerInRange(scope, 'retryAttempts', retryAttempts, 0, MOST_RETRIES);
  if (onPoison !== PoisonPolicy.PARK_KEY) return;
  if (retryAttempts !== undefined) {
    throw misuse(scope, `retryAttempts has no meaning with PARK_KEY, which parks what the destination refuses, received ${retryAttempts}; leave it out`);
  }
  const { kind, batchSize } = destination._bind();
  if (kind === 'FUNCTION' && batchSize > 1) {
    throw misuse(scope, `batchSize of OutboxDestination.function must be 1 with PARK_KEY, which publishes event by event, received ${batchSize}; leave it out`);
  }
}

function secondsOf(scope: Construct, name: string, duration: Duration): number {
  if (duration.isUnresolved()) throw misuse(scope, `${name} must be known at synthesis, received a token; give it as a number`);
  const seconds = duration.toSeconds({ integral: false });
  if (!Number.isInteger(seconds)) throw misuse(scope, `${name} must be whole seconds, received ${seconds} s`);
  return seconds;
}
