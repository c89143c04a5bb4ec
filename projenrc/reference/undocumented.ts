/** What is read here of a jsii assembly. */
export interface Assembly {
  readonly types?: Readonly<Record<string, Type>>;
}

interface Documented {
  readonly docs?: { readonly summary?: string; readonly default?: string; readonly see?: string };
}

interface Type extends Documented {
  readonly name: string;
  /** It is an interface of props. */
  readonly datatype?: boolean;
  readonly initializer?: Callable;
  readonly methods?: readonly (Callable & Named)[];
  readonly properties?: readonly (Documented & Named & { readonly optional?: boolean })[];
  /** Of an enum. */
  readonly members?: readonly (Documented & Named)[];
}

interface Named {
  readonly name: string;
}

interface Callable extends Documented {
  readonly parameters?: readonly (Documented & Named)[];
}

/** Each gap in the reference, a line each. */
export function undocumented({ types = {} }: Assembly): string[] {
  return Object.values(types).flatMap((type) => [
    ...gaps(type, type.name),
    ...(type.members ?? []).flatMap((member) => gaps(member, `${type.name}.${member.name}`)),
    ...(type.properties ?? []).flatMap((property) => [
      ...gaps(property, `${type.name}.${property.name}`),
      ...type.datatype && property.optional && !property.docs?.default ? [`${type.name}.${property.name} is optional and has no @default`] : [],
    ]),
    ...parameterGaps(type.initializer, `new ${type.name}`),
    ...(type.methods ?? []).flatMap((method) => [...gaps(method, `${type.name}.${method.name}`), ...parameterGaps(method, `${type.name}.${method.name}`)]),
  ]);
}

function parameterGaps(callable: Callable | undefined, where: string): string[] {
  return (callable?.parameters ?? []).flatMap((parameter) => gaps(parameter, `parameter ${parameter.name} of ${where}`));
}

function gaps({ docs }: Documented, where: string): string[] {
  return [
    ...docs?.summary ? [] : [`${where} has no summary`],
    // jsii takes whatever follows for a part of the link.
    ...docs?.see && /\s/.test(docs.see) ? [`${where} has text behind its @see, which would be lost in the link: put @see last`] : [],
  ];
}
