import { allSteps, SagaDescription } from './description';
import { literal } from './states';
import { READABLE_CAUSE } from '../../shared/asl';
import { Direction } from '../contract';

/** All results of a saga have this many characters at most: what a workflow hands on has at most 256 KiB, the saga's input included. */
const ALL_RESULTS_CHARACTERS = 200_000;
const LARGEST_RESULT_CHARACTERS = 60_000;
const CAUSE_CHARACTERS = 1_000;

/** How many characters of JSON a step's result may have. */
export function resultLimit(description: Pick<SagaDescription, 'steps'>): number {
  return Math.min(LARGEST_RESULT_CHARACTERS, Math.floor(ALL_RESULTS_CHARACTERS / allSteps(description).length));
}

/** A step's result as it is kept: one that is too long is left out, and said to be. */
export function keptResult(result: string, limit: number): string {
  return `($result := ${result}; $characters := $length($string($result)); `
    + `$characters > ${limit} ? {"omitted": true, "characters": $characters} : $exists($result) ? $result : null)`;
}

/** What an action or a compensation gets. */
export function request(step: string, direction: Direction): string {
  const fields = [
    '"sagaId": $sagaId',
    `"step": ${literal(step)}`,
    `"idempotencyKey": $sagaId & ${literal(`#${step}#${direction}`)}`,
    '"input": $input',
    '"results": $results',
    ...(direction === 'UNDO' ? [`"result": ${resultOf(step)}`] : []),
  ];
  return `{${fields.join(', ')}}`;
}

/** Null when nobody knows it. */
function resultOf(step: string): string {
  return `($own := $lookup($results, ${literal(step)}); $exists($own) ? $own : null)`;
}

/** Inside a Catch. */
export function failureOf(step: string): string {
  return `{"step": ${literal(step)}, "error": $states.errorOutput.Error, "cause": $substring(${READABLE_CAUSE}, 0, ${CAUSE_CHARACTERS})}`;
}

/**
 * Seconds that an attempt may take: the step's own, and no more than the saga has left. A step that would only begin behind the deadline fails before
 * anything is called; a further attempt of one that has begun gets a second, because its outcome is unknown anyway.
 */
export function secondsLeft(timeoutSeconds: number): string {
  return '$states.context.State.RetryCount = 0 and $millis() >= $deadline ? $error("the saga\'s deadline has passed") : '
    + `$max([1, $min([${timeoutSeconds}, $floor(($deadline - $millis()) / 1000)])])`;
}
