/**
 * DynamoDB checks an expression in passes over the whole of it: a misused function at the end is reported before
 * an undefined placeholder at the start. Checks are collected and the one of the earliest pass is thrown.
 */
import type { ExpressionKind } from './lexer';
import { validationError } from '../errors';

export enum Pass {
  REDUNDANT_PARENTHESES,
  FUNCTION_NAME,
  FUNCTION_USE,
  RESERVED_WORD,
  REPEATED_SECTION,
  NAME_UNDEFINED,
  VALUE_UNDEFINED,
  OPERATOR_COUNT,
  OPERAND_COUNT,
  OPERAND_TYPE,
  TYPE_NAME,
  PATH_OVERLAP,
  PATH_CONFLICT,
  DISTINCT_OPERANDS,
  BOUNDS,
}

export class Problems {
  private pass = Number.POSITIVE_INFINITY;
  private message = '';

  constructor(private readonly kind: ExpressionKind) {}

  add(pass: Pass, message: string): void {
    if (pass >= this.pass) return;
    this.pass = pass;
    this.message = message;
  }

  throwFirst(): void {
    if (this.message !== '') throw validationError(`Invalid ${this.kind}: ${this.message}`);
  }
}
