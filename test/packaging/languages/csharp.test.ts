import { type Assembly, lacking } from './csharp';

const ASSEMBLY: Assembly = {
  name: 'library',
  types: {
    'library.Queue': {
      fqn: 'library.Queue',
      name: 'Queue',
      kind: 'class',
      initializer: { parameters: [{ name: 'id' }, { name: 'props' }] },
      methods: [{ name: 'send', parameters: [{ name: 'object' }] }],
      properties: [{ name: 'url' }],
    },
    'library.Options': { fqn: 'library.Options', name: 'Options', kind: 'interface', datatype: true, properties: [{ name: 'age' }] },
    'library.QueueProps': { fqn: 'library.QueueProps', name: 'QueueProps', kind: 'interface', datatype: true, interfaces: ['library.Options'] },
    'library.Order': { fqn: 'library.Order', name: 'Order', kind: 'enum', members: [{ name: 'FIFO' }] },
  },
};

const NAMED = `        [JsiiOptional]
        [JsiiProperty(name: "age", typeJson: "{}", isOptional: true)]
`;
const IN_INTERFACE = `${NAMED}        double? Age\n`;
const AGE = `${NAMED}        public double? Age\n`;
const SOURCES: Readonly<Record<string, string>> = {
  'Queue.cs': `
    [JsiiClass(nativeType: typeof(Library.Queue), fullyQualifiedName: "library.Queue")]
    public class Queue : Constructs.Construct
        public Queue(string id, Library.IQueueProps? props = null): base(_MakeDeputyProps(id, props))
        [JsiiMethod(name: "send", parametersJson: "[]")]
        public virtual void Send(string @object)
        [JsiiProperty(name: "url", typeJson: "{}")]
        public virtual string Url
`,
  'IOptions.cs': `
    [JsiiInterface(nativeType: typeof(IOptions), fullyQualifiedName: "library.Options")]
    public interface IOptions
${IN_INTERFACE}
        internal sealed class _Proxy : DeputyBase, Library.IOptions
${AGE}`,
  'Options.cs': `
    [JsiiByValue(fqn: "library.Options")]
    public class Options : Library.IOptions
${AGE}`,
  'IQueueProps.cs': `
    [JsiiInterface(nativeType: typeof(IQueueProps), fullyQualifiedName: "library.QueueProps")]
    public interface IQueueProps : Library.IOptions
        internal sealed class _Proxy : DeputyBase, Library.IQueueProps
${AGE}`,
  'QueueProps.cs': `
    [JsiiByValue(fqn: "library.QueueProps")]
    public class QueueProps : Library.IQueueProps
${AGE}`,
  'Order.cs': `
    [JsiiEnum(nativeType: typeof(Order), fullyQualifiedName: "library.Order")]
    public enum Order
        [JsiiEnumMember(name: "FIFO")]
        FIFO
`,
};

function lackingIn(file: string, change: (source: string) => string | undefined): string[] {
  const changed = change(SOURCES[file]);
  expect(changed).not.toBe(SOURCES[file]);
  const sources = new Map(Object.entries(SOURCES));
  if (changed === undefined) sources.delete(file);
  else sources.set(file, changed);
  return lacking(ASSEMBLY, sources);
}

describe('C# sources', () => {
  it('lack nothing if every type and member is there', () => {
    expect(lacking(ASSEMBLY, new Map(Object.entries(SOURCES)))).toEqual([]);
  });

  it.each([
    ['a file', 'IQueueProps.cs', () => undefined, 'IQueueProps.cs is missing'],
    ['a type', 'Order.cs', (source: string) => source.replace('enum Order', 'enum Other'), 'Order.cs has no enum Order that stands for library.Order'],
    ['a constructor', 'Queue.cs', (source: string) => source.replace('public Queue', 'protected Queue'), 'Queue.cs has no constructor'],
    ['a parameter of a constructor', 'Queue.cs', (source: string) => source.replace('string id, ', ''), 'Queue.cs has no constructor'],
    ['a method', 'Queue.cs', (source: string) => source.replace('void Send', 'void SendOff'), 'Queue.cs has no method Send'],
    ['a parameter', 'Queue.cs', (source: string) => source.replace('string @object', ''), 'Queue.cs has no method Send'],
    ['what a method is in jsii', 'Queue.cs', (source: string) => source.replace('"send"', '"receive"'), 'Queue.cs has no method Send'],
    ['a property', 'Queue.cs', (source: string) => source.replace('string Url', 'string Uri'), 'Queue.cs has no property Url'],
    ['a property of a struct', 'IOptions.cs', (source: string) => source.replace(IN_INTERFACE, ''), 'IOptions.cs has no property Age'],
    ['a property of a struct that comes out of the library', 'IQueueProps.cs', (source: string) => source.replace(AGE, ''), 'IQueueProps.cs has no property Age'],
    ['a property that a struct has from another', 'QueueProps.cs', (source: string) => source.replace(AGE, ''), 'QueueProps.cs has no property Age'],
    ['a member of an enum', 'Order.cs', (source: string) => source.replace('        FIFO', '        LIFO'), 'Order.cs has no member FIFO'],
  ])('are found out to lack %s', (_what, file, change, problem) => {
    expect(lackingIn(file, change)).toEqual([problem]);
  });
});
