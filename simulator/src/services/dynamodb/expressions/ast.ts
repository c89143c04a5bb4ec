/** Parsed expressions. Placeholders are still in place, so that one parse serves every request with the same text. */

/** A step of a document path: an attribute (by name or `#` placeholder) or a list index. */
export type PathPart =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'placeholder'; readonly placeholder: string }
  | { readonly kind: 'index'; readonly index: number };

export interface PathNode {
  readonly kind: 'path';
  readonly parts: readonly PathPart[];
  /** The path when it has no placeholder. */
  readonly literal?: Path;
}

export interface ValueNode {
  readonly kind: 'value';
  readonly placeholder: string;
}

export interface FunctionNode {
  readonly kind: 'function';
  readonly name: string;
  readonly args: readonly OperandNode[];
}

export type OperandNode = PathNode | ValueNode | FunctionNode;

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type ConditionNode =
  | { readonly kind: 'and' | 'or'; readonly left: ConditionNode; readonly right: ConditionNode }
  | { readonly kind: 'not'; readonly condition: ConditionNode }
  | { readonly kind: 'compare'; readonly comparator: Comparator; readonly left: OperandNode; readonly right: OperandNode }
  | { readonly kind: 'between'; readonly operand: OperandNode; readonly low: OperandNode; readonly high: OperandNode }
  | { readonly kind: 'in'; readonly operand: OperandNode; readonly candidates: readonly OperandNode[] }
  | FunctionNode;

export type UpdateOperand =
  | PathNode
  | ValueNode
  | { readonly kind: 'function'; readonly name: string; readonly args: readonly UpdateOperand[] }
  | { readonly kind: 'arithmetic'; readonly operator: '+' | '-'; readonly left: UpdateOperand; readonly right: UpdateOperand };

export type UpdateAction =
  | { readonly kind: 'SET'; readonly path: PathNode; readonly value: UpdateOperand }
  | { readonly kind: 'REMOVE'; readonly path: PathNode }
  | { readonly kind: 'ADD' | 'DELETE'; readonly path: PathNode; readonly value: ValueNode };

/** A resolved document path: attribute names and list indexes. */
export type Path = readonly (string | number)[];

/** As DynamoDB shows paths in its messages. */
export function showPath(path: Path): string {
  return `[${path.map(part => typeof part === 'number' ? `[${part}]` : part).join(', ')}]`;
}
