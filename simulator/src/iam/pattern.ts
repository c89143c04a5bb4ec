/** Values for policy variables such as `${aws:PrincipalArn}`. */
export type VariableLookup = (name: string) => string | undefined;

/** A text with the wildcards `*` and `?`, and with policy variables. */
export class Pattern {
  private readonly fixed?: RegExp;

  constructor(readonly text: string, private readonly ignoreCase: boolean = false) {
    if (!text.includes('${')) this.fixed = this.compile(() => undefined);
  }

  /** The variables it needs, without the escapes `${*}`, `${?}` and `${$}`. */
  variables(): string[] {
    return [...this.text.matchAll(/\$\{([^}]*)\}/g)].map(([, name]) => name).filter((name) => !['*', '?', '$'].includes(name));
  }

  matches(value: string, lookup: VariableLookup): boolean {
    return (this.fixed ?? this.compile(lookup)).test(value);
  }

  /** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html */
  private compile(lookup: VariableLookup): RegExp {
    const source = this.text.split(/(\$\{[^}]*\}|[*?])/).map((part) => {
      if (part === '*') return '.*';
      if (part === '?') return '.';
      const variable = /^\$\{([^}]*)\}$/.exec(part)?.[1];
      if (variable === undefined) return escape(part);
      if (['*', '?', '$'].includes(variable)) return escape(variable);
      const value = lookup(variable);
      // A variable without a value makes the statement match nothing.
      return value === undefined ? '(?!)' : escape(value);
    }).join('');
    return new RegExp(`^${source}$`, this.ignoreCase ? 'is' : 's');
  }
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}
