import { allSteps, SagaDescription } from './description';
import { literal } from './states';
import { READABLE_CAUSE } from '../../shared/asl';
import { Direction } from '../contract';

/**
 * What a workflow hands on has at most 256 KiB: a saga's input, all of its results, and some words around them. So every call fits, those of
 * compensations too.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const LARGEST_INPUT_BYTES = 100_000;
const ALL_RESULTS_BYTES = 150_000;
const LARGEST_RESULT_BYTES = 60_000;
const CAUSE_CHARACTERS = 1_000;

/** How many bytes of JSON a step's result may have. */
export function resultLimit(description: Pick<SagaDescription, 'steps'>): number {
  return Math.min(LARGEST_RESULT_BYTES, Math.floor(ALL_RESULTS_BYTES / allSteps(description).length));
}

/** Bytes of a text as UTF-8, or some more: JSONata knows no bytes, so that each character beyond ASCII counts as four, the most that one can have. */
export function bytesOf(text: string): string {
  return `($text := ${text}; $length($text) + 3 * $length($replace($text, /[\\x00-\\x7F]+/, "")))`;
}

/** A step's result as it is kept: one that is too long is left out, and said to be. */
export function keptResult(result: string, limit: number): string {
  return `($result := ${result}; $exists($result) ? ($bytes := ${bytesOf('$string($result)')}; `
    + `$bytes > ${limit} ? {"omitted": true, "bytes": $bytes} : $result) : null)`;
}

/** What an action or a compensation gets. */
export function request(step: string, direction: Direction): string {
  const fields = [
    '"sagaId": $sagaId',
    `"step": ${literal(step)}`,
    `"idempotencyKey": $sagaId & ${literal(`#${step}#${direction}`)}`,
    '"input": $input',
    // A compensation gets no more than its action: it must fit, too.
    ...(direction === 'DO' ? ['"results": $results'] : [`"results": ${resultsBut(step)}`, `"result": ${resultOf(step)}`]),
  ];
  return `{${fields.join(', ')}}`;
}

/** Null when nobody knows it. */
function resultOf(step: string): string {
  return `($own := $lookup($results, ${literal(step)}); $exists($own) ? $own : null)`;
}

function resultsBut(step: string): string {
  return `($others := $sift($results, function($result, $step) { $step != ${literal(step)} }); $exists($others) ? $others : {})`;
}

/** Inside a Catch. */
export function failureOf(step: string): string {
  return `{"step": ${literal(step)}, "error": $states.errorOutput.Error, "cause": $substring(${READABLE_CAUSE}, 0, ${CAUSE_CHARACTERS})}`;
}

/** Whether the execution has ended before and was redriven, so that another one may have gone on with its saga. */
export const REDRIVEN = '$states.context.Execution.RedriveCount > $redrives';

/**
 * Seconds that an attempt may take: the step's own, and no more than the saga has left. Neither a step that would only begin behind the deadline is called,
 * nor any by a redriven execution; a further attempt of one that has begun gets a second, because its outcome is unknown anyway.
 */
export function secondsLeft(timeoutSeconds: number): string {
  return unlessRedriven('$states.context.State.RetryCount = 0 and $millis() >= $deadline ? $error("the saga\'s deadline has passed") : '
    + `$max([1, $min([${timeoutSeconds}, $floor(($deadline - $millis()) / 1000)])])`);
}

/** Fails where a redriven execution might go on with what somebody else has undone. */
export function unlessRedriven(seconds: string): string {
  return `${REDRIVEN} ? $error("the execution was redriven: it calls no step up to the pivot any more") : ${seconds}`;
}
