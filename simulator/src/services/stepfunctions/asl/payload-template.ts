import { EvaluationFailure, ErrorName } from './errors';
import { Expressions } from './expressions';
import { applyIntrinsic, format, IntrinsicError } from './intrinsics/functions';
import { Argument, IntrinsicCall, isIntrinsic, unescapeText } from './intrinsics/parser';
import { isObject, Json, JsonObject, setKey } from './json';
import { evaluatePath, PathNotFound, PathRoots } from './jsonpath/evaluate';
import { Randomness } from './randomness';

/**
 * A payload template: a key that ends in `.$` takes the value of the path or intrinsic function beside it, everything else is as written.
 * @see https://states-language.net/spec.html#payload-template
 */
export class PayloadTemplates {
  constructor(private readonly expressions: Expressions, private readonly randomness: Randomness) {}

  evaluate(template: Json, roots: PathRoots): Json {
    if (Array.isArray(template)) return template.map((item) => this.evaluate(item, roots));
    if (!isObject(template)) return template;
    const result: JsonObject = {};
    for (const [key, value] of Object.entries(template)) {
      if (key.endsWith('.$') && typeof value === 'string') setKey(result, key.slice(0, -2), this.query(value, key, roots));
      else setKey(result, key, this.evaluate(value, roots));
    }
    return result;
  }

  /** A path or an intrinsic function, as it may stand in a template or where a field takes either. */
  query(text: string, field: string, roots: PathRoots): Json {
    if (isIntrinsic(text)) return this.call(this.expressions.intrinsic(text), roots);
    try {
      return evaluatePath(this.expressions.path(text), roots);
    } catch (thrown) {
      if (!(thrown instanceof PathNotFound)) throw thrown;
      throw new EvaluationFailure(
        `The JSONPath '${text}' specified for the field '${field}' could not be found in the input '${JSON.stringify(roots.input)}'`);
    }
  }

  private call(call: IntrinsicCall, roots: PathRoots): Json {
    try {
      if (call.name === 'States.Format') {
        const [template, ...values] = call.arguments;
        return format(this.template(template, call, roots), values.map((value) => this.argument(value, call, roots)));
      }
      return applyIntrinsic(call.name, call.arguments.map((argument) => this.argument(argument, call, roots)), this.randomness);
    } catch (thrown) {
      if (!(thrown instanceof IntrinsicError)) throw thrown;
      throw new EvaluationFailure(`The function '${call.text}' had the following error: ${thrown.message}`, ErrorName.INTRINSIC_FAILURE);
    }
  }

  private template(argument: Argument, call: IntrinsicCall, roots: PathRoots): string {
    if (argument.kind === 'text') return argument.raw;
    const value = this.argument(argument, call, roots);
    if (typeof value !== 'string') throw new IntrinsicError('The first argument must be a string');
    return value;
  }

  private argument(argument: Argument, call: IntrinsicCall, roots: PathRoots): Json {
    switch (argument.kind) {
      case 'text': return unescapeText(argument.raw);
      case 'value': return argument.value;
      case 'call': return this.call(argument.call, roots);
      case 'path':
        try {
          return evaluatePath(argument.path, roots);
        } catch (thrown) {
          if (!(thrown instanceof PathNotFound)) throw thrown;
          throw new EvaluationFailure(`The function '${call.text}' had the following error: ` +
            `The JsonPath argument for the field '${argument.path.text}' could not be found in the input '${JSON.stringify(roots.input)}'`);
        }
    }
  }
}
