import { Duration, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { leastConcurrency } from './concurrency';
import { PRIORITY_ATTRIBUTE } from './contract';
import { FanOutTarget } from './fan-out-target';
import { DEFAULT_DELIVERY_TIMEOUT, DEFAULT_MAX_AGE, ThrottledFanOutProps, ThrottledTargetOptions } from './props';
import { misuse, requireIntegerInRange, wholeSeconds } from '../shared/misuse';

/** The settings of more would not fit into a function's environment of 4 KB. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MOST_PRIORITIES = 5;
const NAME = /^[A-Za-z0-9_-]{1,32}$/;
/** Targets are children of the fan-out beside these. */
const OWN_PARTS = ['Alarms', 'Bus', 'Table', 'Topic', 'Undelivered'];
/** @see https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const MOST_FILTER_ATTRIBUTES = 5;
const MOST_CONCURRENCY = 10_000;
const MOST_ATTEMPTS = 100;
const LONGEST_DELIVERY = 60;
const LONGEST_RETRY_DELAY = Duration.minutes(15).toSeconds();
const SHORTEST_MAX_AGE = Duration.minutes(1).toSeconds();
/** Queues keep messages for 14 days, and what is too old has to be seen. */
const LONGEST_MAX_AGE = Duration.days(13).toSeconds();

/** Throws a sentence about the first thing that cannot work. */
export function validateFanOut(scope: Construct, priorities: readonly string[], { topic }: ThrottledFanOutProps): void {
  if (priorities.length < 1 || priorities.length > MOST_PRIORITIES) {
    throw misuse(scope, `priorities must be 1 to ${MOST_PRIORITIES} names, highest first, received ${priorities.length}`);
  }
  for (const [index, name] of priorities.entries()) {
    if (!NAME.test(name)) throw misuse(scope, `a priority must be 1 to 32 letters, digits and any of _ -, received '${name}'`);
    if (priorities.indexOf(name) !== index) throw misuse(scope, `priorities must be different names, received '${name}' twice`);
  }
  if (topic?.fifo) {
    // https://docs.aws.amazon.com/sns/latest/dg/fifo-message-grouping.html
    throw misuse(scope, `topic must be a standard one, received '${topic.node.path}', a FIFO topic, which does not hand message groups on to standard queues`);
  }
}

/** Throws a sentence about the first thing of a target that cannot work. */
export function validateTarget(
  scope: Construct, id: string, priorities: readonly string[], target: FanOutTarget, options: ThrottledTargetOptions,
): void {
  if (!NAME.test(id)) throw misuse(scope, `the id of a target must be 1 to 32 letters, digits and any of _ -, received '${id}'`);
  if (OWN_PARTS.includes(id)) throw misuse(scope, `the id of a target must not be that of a part of the fan-out (${OWN_PARTS.join(', ')}), received '${id}'`);
  if (scope.node.tryFindChild(id)) throw misuse(scope, `there is a target '${id}' already; ids must be unique`);
  const refuse = (sentence: string) => misuse(scope, `${sentence}, of target '${id}'`);
  validateLimits(scope, id, priorities, options);
  validateReserve(refuse, priorities, options);
  validateFilter(refuse, priorities, options);
  validateTimes(scope, id, options);
  validateAdaptation(refuse, target, options);
}

type Refuse = (sentence: string) => Error;

function validateLimits(scope: Construct, id: string, priorities: readonly string[], { maxConcurrency, maxAttempts }: ThrottledTargetOptions): void {
  if (maxConcurrency !== undefined) {
    requireKnown(scope, `maxConcurrency of target '${id}'`, maxConcurrency);
    requireIntegerInRange(scope, `maxConcurrency of target '${id}' with ${priorities.length} priorities`, maxConcurrency, leastConcurrency(priorities.length), MOST_CONCURRENCY);
  }
  if (maxAttempts !== undefined) {
    requireKnown(scope, `maxAttempts of target '${id}'`, maxAttempts);
    requireIntegerInRange(scope, `maxAttempts of target '${id}'`, maxAttempts, 1, MOST_ATTEMPTS);
  }
}

function validateReserve(refuse: Refuse, priorities: readonly string[], { rate, reserve = {} }: ThrottledTargetOptions): void {
  for (const [priority, share] of Object.entries(reserve)) {
    if (!priorities.includes(priority)) throw refuse(`reserve must name one of the priorities ${quoted(priorities)}, received '${priority}'`);
    if (priority === priorities[priorities.length - 1]) throw refuse(`reserve of the lowest priority has no meaning, received ${share} for '${priority}'; leave it out`);
    if (!(share >= 0 && share < 1)) throw refuse(`reserve of '${priority}' must be at least 0 and below 1, received ${share}`);
  }
  const reserved = Object.values(reserve).reduce((sum, share) => sum + share, 0);
  if (reserved >= 1) throw refuse(`reserve must be below 1 together, received ${reserved}`);
  const { burst, shards } = rate._bind();
  if ((burst / shards) * (1 - reserved) < 1) {
    throw refuse(`reserve must leave the lowest priority 1 of the burst of ${burst / shards}, received ${reserved} together; reserve less or give the rate a burst of ${Math.ceil(shards / (1 - reserved))}`);
  }
}

function validateFilter(refuse: Refuse, priorities: readonly string[], { filter = {}, filterPolicy = {} }: ThrottledTargetOptions): void {
  const attributes = [...Object.keys(filter), ...Object.keys(filterPolicy)];
  const twice = attributes.find((attribute, index) => attributes.indexOf(attribute) !== index);
  if (twice !== undefined) throw refuse(`filter and filterPolicy must be about different attributes, received '${twice}' in both`);
  if (attributes.includes(PRIORITY_ATTRIBUTE)) throw refuse(`filter cannot ask for '${PRIORITY_ATTRIBUTE}', which decides about the queue; name another attribute`);
  const empty = Object.entries(filter).find(([, values]) => values.length === 0);
  if (empty) throw refuse(`filter must have at least one value for '${empty[0]}', received none`);
  const most = priorities.length > 1 ? MOST_FILTER_ATTRIBUTES - 1 : MOST_FILTER_ATTRIBUTES;
  if (attributes.length > most) throw refuse(`filter and filterPolicy must have at most ${most} attributes together, received ${attributes.length}`);
}

function validateTimes(scope: Construct, id: string, options: ThrottledTargetOptions): void {
  const seconds = (name: string, duration: Duration | undefined, least: number, most: number) => {
    if (!duration) return;
    const value = wholeSeconds(scope, `${name} of target '${id}'`, duration);
    if (value < least || value > most) throw misuse(scope, `${name} of target '${id}' must be from ${least} s to ${most} s, received ${value} s`);
  };
  seconds('maxAge', options.maxAge, SHORTEST_MAX_AGE, LONGEST_MAX_AGE);
  seconds('deliveryTimeout', options.deliveryTimeout, 1, LONGEST_DELIVERY);
  seconds('retryDelay', options.retryDelay, 1, LONGEST_RETRY_DELAY);
  const belowMaxAge = (options.maxAge ?? DEFAULT_MAX_AGE).toSeconds() - 1;
  seconds('ageing', options.ageing, 1, belowMaxAge);
  seconds('oldestAge', options.alarms?.oldestAge, 1, belowMaxAge);
}

function validateAdaptation(refuse: Refuse, target: FanOutTarget, { rate, adaptive, killSwitch, deliveryTimeout }: ThrottledTargetOptions): void {
  if (!target._tellsOutcomes) {
    const given = adaptive ? 'adaptive' : killSwitch?._bind() ? 'killSwitch' : undefined;
    if (given) throw refuse(`${given} has no meaning with FanOutTarget.apiDestination, for EventBridge does not tell how a request ended; use FanOutTarget.http`);
  }
  if (!adaptive) return;
  const { perSecond } = rate._bind();
  const { floorPerSecond, latencyTargetMs = 0 } = adaptive._bind(perSecond);
  if (floorPerSecond >= perSecond) throw refuse(`floor of AdaptiveRate.aimd must be below the rate of ${perSecond} a second, received ${floorPerSecond} a second`);
  const timeoutMs = (deliveryTimeout ?? DEFAULT_DELIVERY_TIMEOUT).toMilliseconds();
  if (latencyTargetMs >= timeoutMs) {
    throw refuse(`latencyTarget of AdaptiveRate.aimd must be below deliveryTimeout (${timeoutMs} ms), received ${latencyTargetMs} ms`);
  }
}

function requireKnown(scope: Construct, name: string, value: number): void {
  if (Token.isUnresolved(value)) throw misuse(scope, `${name} must be known at synthesis, received a token; give a number`);
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ');
}
