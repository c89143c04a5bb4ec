/** What is looked at of a jsii assembly. */
export interface Assembly {
  readonly name: string;
  readonly types: Readonly<Record<string, Type>>;
}

export interface Type {
  readonly fqn: string;
  readonly name: string;
  readonly kind: 'class' | 'interface' | 'enum';
  /** A struct: an interface of properties. */
  readonly datatype?: boolean;
  /** Other interfaces, whose properties a struct has, too. */
  readonly interfaces?: readonly string[];
  readonly initializer?: Callable;
  readonly methods?: readonly (Callable & Member)[];
  readonly properties?: readonly Member[];
  readonly members?: readonly Member[];
}

interface Member {
  readonly name: string;
}

interface Callable {
  readonly parameters?: readonly Member[];
}

/**
 * What an assembly exports and its C# sources lack, a line each. A struct is an interface and a class in C#.
 * @param sources by file name
 */
export function lacking(assembly: Assembly, sources: ReadonlyMap<string, string>): string[] {
  return Object.values(assembly.types).flatMap((type) => declarationsOf(type, assembly).flatMap(({ file, patterns }) => {
    const source = sources.get(file);
    if (source === undefined) return [`${file} is missing`];
    return patterns.filter(([, pattern]) => !pattern.test(source)).map(([what]) => `${file} has no ${what}`);
  }));
}

interface Declarations {
  readonly file: string;
  readonly patterns: readonly Pattern[];
}

/** What is declared, and how that is recognized. */
type Pattern = readonly [string, RegExp];

function declarationsOf(type: Type, assembly: Assembly): Declarations[] {
  const members = [...type.properties ?? [], ...type.methods ?? [], ...type.members ?? []].map((member) => patternOf(member, type));
  const declaration = (kind: string, name: string, patterns: readonly Pattern[]): Declarations => ({
    file: `${name}.cs`,
    patterns: [[`${kind} ${name} that stands for ${type.fqn}`, new RegExp(`"${type.fqn}".*\\n.*public (abstract )?${kind} ${name}\\b`)], ...patterns],
  });
  if (type.datatype) {
    const inherited = inheritedOf(type, assembly).map((member) => patternOf(member, type));
    const inInterface = (type.properties ?? []).map((member) => propertyOf(member, '(?!public )'));
    // The file of the interface has a class, too, for those that come out of the library.
    return [
      declaration('interface', `I${type.name}`, [...inInterface, ...members, ...inherited]),
      declaration('class', type.name, [...members, ...inherited]),
    ];
  }
  const constructor: Pattern[] = type.initializer ? [['constructor', new RegExp(`public ${type.name}\\(${parameters(type.initializer)}\\)`)]] : [];
  return [declaration(type.kind, type.name, [...constructor, ...members])];
}

function patternOf(member: Member & Callable, type: Type): Pattern {
  if (type.kind === 'enum') return [`member ${member.name}`, after('EnumMember', member, `${member.name}\\b`)];
  if (!type.methods?.includes(member)) return propertyOf(member, 'public ');
  return [`method ${pascal(member)}`, after('Method', member, `public \\S.* ${pascal(member)}\\(${parameters(member)}\\)\\n`)];
}

function propertyOf(member: Member, access: string): Pattern {
  return [`property ${pascal(member)}`, after('Property', member, `${access}\\S.* ${pascal(member)}\\n`)];
}

/** A member comes after its name in jsii, and maybe other attributes. */
function after(attribute: string, { name }: Member, declaration: string): RegExp {
  return new RegExp(`\\[Jsii${attribute}\\(name: "${name}".*\\]\\n(\\s*\\[.*\\]\\n)*\\s*${declaration}`);
}

function pascal({ name }: Member): string {
  return name[0].toUpperCase() + name.slice(1);
}

/** Parameters have types, and may have defaults. A name that is a keyword of C# begins with an @. */
function parameters(callable: Callable): string {
  return (callable.parameters ?? []).map(({ name }) => `[^()]+ @?${name}( = null)?`).join(', ');
}

function inheritedOf(type: Type, assembly: Assembly): Member[] {
  const parents = (type.interfaces ?? []).flatMap((name) => assembly.types[name] ?? []);
  return parents.flatMap((parent) => [...parent.properties ?? [], ...inheritedOf(parent, assembly)]);
}
