/** Parsing with a cache by text: programs send few different expressions, many times. */
import type { ConditionNode, PathNode, UpdateAction } from './ast';
import { parseCondition } from './condition-parser';
import { type ExpressionKind, TokenReader } from './lexer';
import { parsePathList } from './path-parser';
import { Problems } from './problems';
import { parseUpdate } from './update-parser';
import { validationError } from '../errors';

/** A program that builds its expressions with literals in them must not fill the memory. */
const CACHE_LIMIT = 2000;

type Parser<T> = (reader: TokenReader, problems: Problems) => T;

function cached<T>(parser: Parser<T>): (kind: ExpressionKind, text: unknown) => T {
  const cache = new Map<string, T>();
  return (kind, text) => {
    if (typeof text !== 'string') throw validationError(`Invalid ${kind}: The expression must be a string, received ${typeof text}`);
    const key = `${kind} ${text}`;
    const known = cache.get(key);
    if (known) return known;
    const problems = new Problems(kind);
    const parsed = parser(new TokenReader(kind, text), problems);
    problems.throwFirst();
    if (cache.size >= CACHE_LIMIT) cache.clear();
    cache.set(key, parsed);
    return parsed;
  };
}

export const parseConditionExpression: (kind: ExpressionKind, text: unknown) => ConditionNode = cached(parseCondition);
export const parseUpdateExpression: (kind: ExpressionKind, text: unknown) => readonly UpdateAction[] = cached(parseUpdate);
export const parseProjectionExpression: (kind: ExpressionKind, text: unknown) => readonly PathNode[] = cached(parsePathList);
