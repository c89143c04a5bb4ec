import { invalidInput, invalidName, validationError } from './errors';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const MAX_PAYLOAD_BYTES = 262_144;
export const MAX_DEFINITION_BYTES = 1_048_576;
/** "You can reuse names after 90 days." https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
export const NAME_KEPT_MS = 90 * 24 * 60 * 60 * 1000;

/** White space, brackets, wildcards, special and control characters, surrogates: what a name must not have. */
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff\ud800-\udfff]/; // eslint-disable-line no-control-regex

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html#StepFunctions-StartExecution-request-name */
export function checkName(name: unknown): string {
  if (typeof name !== 'string' || name.length < 1 || name.length > 80 || FORBIDDEN.test(name)) throw invalidName(name);
  return name;
}

/** The text of an execution's input; `{}` when the caller gives none. */
export function checkInput(input: unknown): string {
  if (input === undefined || input === null) return '{}';
  if (typeof input !== 'string') throw invalidInput(`the input must be JSON text, not of type ${typeof input}`);
  checkSize('input', input);
  try {
    JSON.parse(input);
  } catch (error: any) {
    throw invalidInput(error.message);
  }
  return input;
}

export function checkSize(field: string, text: string, bytes: number = MAX_PAYLOAD_BYTES) {
  if (Buffer.byteLength(text, 'utf8') > bytes) {
    throw validationError(
      `1 validation error detected: Value at '${field}' failed to satisfy constraint: Member must have length less than or equal to ${bytes}`,
    );
  }
}
