/** Amazon States Language as JSON. */
export type Definition = { readonly [key: string]: any };

/**
 * A function's error comes as JSON text with a stack trace; people want its message. Long texts are cut by Step Functions,
 * and an expression that fails over them would hide the error: what does not end as JSON stays as it is.
 */
export const READABLE_CAUSE = [
  '($text := $string($states.errorOutput.Cause);',
  '$message := $substring($text, 0, 1) = "{" and $substring($text, -1) = "}" ? $parse($text).errorMessage : $text;',
  '$exists($message) ? $string($message) : $exists($text) ? $text : "")',
].join(' ');

/** Retries everything that may be transient; the named errors say that another attempt would end the same. */
export function retryUnless(finalErrors: readonly string[], maxAttempts: number): Definition[] {
  return [
    ...(finalErrors.length > 0 ? [{ ErrorEquals: finalErrors, MaxAttempts: 0 }] : []),
    { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, BackoffRate: 2, MaxDelaySeconds: 30, MaxAttempts: maxAttempts, JitterStrategy: 'FULL' },
  ];
}
