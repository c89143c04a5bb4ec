import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { WorkStealingPoolProps } from './props';
import { WorkerGroup } from './worker-group';
import { misuse, requireIntegerInRange, wholeSeconds } from '../shared/misuse';

/** The settings of more would not fit into a function's environment of 4 KB. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MOST_GROUPS = 10;
const ID = /^[A-Za-z0-9_-]{1,32}$/;
/** Groups are children of the pool beside these. */
const OWN_PARTS = [
  'Alarms', 'Coordinate', 'CoordinateLogs', 'CoordinateRole', 'Route', 'RouteLogs', 'RouteRole', 'Submit', 'SubmitDeadLetters', 'Table', 'Tick',
];
const SHORTEST_LEASE = 10;
const LONGEST_LEASE = Duration.minutes(10).toSeconds();
/** SQS's highest. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html */
const MOST_RECEIVES = 1000;
const LONGEST_RETRY_DELAY = Duration.minutes(15).toSeconds();
/** SQS's longest: a second message with the same task may come so late. */
const QUEUE_RETENTION = Duration.days(14).toSeconds();
/** Queues keep messages for 14 days, and what is too old has to be seen. */
const LONGEST_OLDEST_AGE = Duration.days(13).toSeconds();

/** Throws a sentence about the first thing that cannot work. */
export function validatePool(scope: Construct, { lease, maxReceiveCount, retryDelay, taskRetention, alarms }: WorkStealingPoolProps): void {
  const seconds = (name: string, duration: Duration | undefined, least: number, most: number) => {
    if (!duration) return;
    const value = wholeSeconds(scope, name, duration);
    if (value < least || value > most) throw misuse(scope, `${name} must be from ${least} s to ${most} s, received ${value} s`);
  };
  seconds('lease', lease, SHORTEST_LEASE, LONGEST_LEASE);
  seconds('retryDelay', retryDelay, 1, LONGEST_RETRY_DELAY);
  seconds('oldestAge', alarms?.oldestAge, 1, LONGEST_OLDEST_AGE);
  if (maxReceiveCount !== undefined) requireIntegerInRange(scope, 'maxReceiveCount', maxReceiveCount, 1, MOST_RECEIVES);
  if (taskRetention) {
    const retention = wholeSeconds(scope, 'taskRetention', taskRetention);
    if (retention < QUEUE_RETENTION) {
      throw misuse(scope, `taskRetention must be at least ${QUEUE_RETENTION} s, as long as a queue keeps a message, received ${retention} s; what is forgotten is done twice`);
    }
  }
}

/** Throws a sentence about the first thing of a new group that cannot work. */
export function validateGroup(scope: Construct, id: string, group: WorkerGroup, { count, steals }: { count: number; steals: boolean }): void {
  if (!ID.test(id)) throw misuse(scope, `the id of a group must be 1 to 32 letters, digits and any of _ -, received '${id}'`);
  if (OWN_PARTS.includes(id)) throw misuse(scope, `the id of a group must not be that of a part of the pool (${OWN_PARTS.join(', ')}), received '${id}'`);
  if (scope.node.tryFindChild(id)) throw misuse(scope, `there is a group '${id}' already; ids must be unique`);
  if (count >= MOST_GROUPS) throw misuse(scope, `a pool must have at most ${MOST_GROUPS} groups, received '${id}' as one more; give it to a second pool`);
  const { stealsFrom } = group._bind();
  if (stealsFrom?.includes(id)) throw misuse(scope, `stealsFrom of group '${id}' must name other groups, received its own; leave it out`);
  if (stealsFrom && !steals) throw misuse(scope, `stealsFrom of group '${id}' has no meaning with Stealing.disabled; leave one of them out`);
}

/** A sentence about each group that nobody has added. */
export function unknownVictims(groups: readonly { readonly groupName: string; readonly stealsFrom?: readonly string[] }[]): string[] {
  const names = groups.map(({ groupName }) => groupName);
  return groups.flatMap(({ groupName, stealsFrom = [] }) => stealsFrom
    .filter((victim) => !names.includes(victim))
    .map((victim) => `stealsFrom of group '${groupName}' must name groups of the pool (${names.map((name) => `'${name}'`).join(', ')}), received '${victim}'`));
}
