import { type Assembly, undocumented } from '../../projenrc/reference/undocumented';

const docs = { summary: 'Said.' };

/** One of each, all documented. */
function assembly(): any {
  return {
    types: {
      'lib.Queue': {
        name: 'Queue',
        docs,
        initializer: { parameters: [{ name: 'scope', docs }] },
        methods: [{ name: 'grant', docs: { ...docs, see: 'https://docs.aws.amazon.com/' }, parameters: [{ name: 'grantee', docs }] }],
        properties: [{ name: 'arn', docs }],
      },
      'lib.QueueProps': { name: 'QueueProps', datatype: true, docs, properties: [{ name: 'fifo', optional: true, docs: { ...docs, default: 'false' } }] },
      'lib.Mode': { name: 'Mode', docs, members: [{ name: 'FAST', docs }] },
    },
  };
}

it('finds nothing where everything is documented', () => {
  expect(undocumented(assembly() as Assembly)).toEqual([]);
});

it.each<[string, string, (types: any) => void]>([
  ['a type', 'Queue has no summary', (types) => { delete types['lib.Queue'].docs; }],
  ['an enum value', 'Mode.FAST has no summary', (types) => { delete types['lib.Mode'].members[0].docs; }],
  ['a property', 'Queue.arn has no summary', (types) => { types['lib.Queue'].properties[0].docs = {}; }],
  ['a method', 'Queue.grant has no summary', (types) => { delete types['lib.Queue'].methods[0].docs.summary; delete types['lib.Queue'].methods[0].docs; }],
  ['a parameter of a method', 'parameter grantee of Queue.grant has no summary', (types) => { delete types['lib.Queue'].methods[0].parameters[0].docs; }],
  ['a parameter of a constructor', 'parameter scope of new Queue has no summary', (types) => { delete types['lib.Queue'].initializer.parameters[0].docs; }],
  ['a default', 'QueueProps.fifo is optional and has no @default', (types) => { types['lib.QueueProps'].properties[0].docs = docs; }],
  ['a link alone', 'Queue.grant has text behind its @see, which would be lost in the link: put @see last', (types) => { types['lib.Queue'].methods[0].docs.see += '\nText.'; }],
])('misses %s', (_, gap, lose) => {
  const { types } = assembly();
  lose(types);
  expect(undocumented({ types })).toEqual([gap]);
});
