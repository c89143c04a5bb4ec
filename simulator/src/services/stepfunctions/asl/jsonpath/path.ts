import { Filter } from './filter';

/** One step of a parsed path. */
export type Segment =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from?: number; readonly to?: number }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'filter'; readonly filter: Filter }
  | { readonly kind: 'descend' }
  | { readonly kind: 'call'; readonly name: string };

/** What a path starts from: `$` the value at hand, `$$` the context object, `$name` a variable, `@` the element under a filter. */
export type Root = { readonly kind: 'input' | 'context' | 'element' } | { readonly kind: 'variable'; readonly name: string };

export interface Path {
  readonly text: string;
  readonly root: Root;
  readonly segments: readonly Segment[];
  /** Selects at most one node; anything else yields an array of what it found, possibly empty. */
  readonly definite: boolean;
}

export function isDefinite(segment: Segment): boolean {
  switch (segment.kind) {
    case 'names': return segment.names.length === 1;
    case 'indexes': return segment.indexes.length === 1;
    case 'call': return true;
    default: return false;
  }
}

/** The path in the form of the error texts: `$['a'][0]`. */
export function canonicalText(root: Root, segments: readonly Segment[]): string {
  const start = root.kind === 'context' ? '$$' : root.kind === 'variable' ? `$${root.name}` : root.kind === 'element' ? '@' : '$';
  return start + segments.map((segment) => {
    switch (segment.kind) {
      case 'names': return `[${segment.names.map((name) => `'${name}'`).join(',')}]`;
      case 'indexes': return `[${segment.indexes.join(',')}]`;
      case 'slice': return `[${segment.from ?? ''}:${segment.to ?? ''}]`;
      case 'wildcard': return '[*]';
      case 'filter': return '[?]';
      case 'descend': return '..';
      case 'call': return `.${segment.name}()`;
    }
  }).join('');
}
