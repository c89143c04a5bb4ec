import jsonata from 'jsonata';
import { IntrinsicCall, parseIntrinsic } from './intrinsics/parser';
import { compileExpression } from './jsonata/expression';
import { parsePath } from './jsonpath/parser';
import { Path } from './jsonpath/path';

/** The parsed paths and expressions of one state machine: each text is parsed once, however many executions evaluate it. */
export class Expressions {
  private readonly paths = new Map<string, Path>();
  private readonly intrinsics = new Map<string, IntrinsicCall>();
  private readonly jsonatas = new Map<string, jsonata.Expression>();

  path(text: string): Path {
    return remembered(this.paths, text, parsePath);
  }

  intrinsic(text: string): IntrinsicCall {
    return remembered(this.intrinsics, text, parseIntrinsic);
  }

  jsonata(marked: string): jsonata.Expression {
    return remembered(this.jsonatas, marked, compileExpression);
  }
}

function remembered<T>(known: Map<string, T>, text: string, parse: (text: string) => T): T {
  let parsed = known.get(text);
  if (parsed === undefined) {
    parsed = parse(text);
    known.set(text, parsed);
  }
  return parsed;
}
