import { compileTemplate, type PipeIdentity } from '../../src/services/pipes/input-template';

const PIPE: PipeIdentity = {
  arn: 'arn:aws:pipes:us-east-1:123456789012:pipe/p', name: 'p', sourceArn: 'arn:source', enrichmentArn: 'arn:enrichment', targetArn: 'arn:target',
};
const IMAGE = {
  text: { S: 'plain' },
  tricky: { S: 'a "quoted"\nline \\ ünï' },
  json: { S: '{"n":1,"s":"x"}' },
  number: { N: '1.10' },
  flag: { BOOL: true },
  nothing: { NULL: true },
  list: { L: [{ S: 'x' }, { N: '2' }] },
  map: { M: { inner: { S: 'y' } } },
};
const EVENT = { eventName: 'INSERT', count: 3, none: null, dynamodb: { NewImage: IMAGE }, tags: ['x', 'y'] };
const TIME = '2026-01-01T00:00:00.000Z';

function transform(template: string | undefined, event: any = EVENT, mustBeJson: boolean = true, view: any = event): string {
  return compileTemplate(template, mustBeJson)({ raw: event, view }, PIPE, TIME);
}

describe('an input template of a pipe', () => {
  it.each([
    ['a string, with quotes added and escaped', '{"v": <$.dynamodb.NewImage.tricky.S>}', { v: 'a "quoted"\nline \\ ünï' }],
    ['a string that stands in quotes', '{"v": "<$.dynamodb.NewImage.text.S>"}', { v: 'plain' }],
    ['a string among others', '{"v": "Hello, <$.eventName> <$.count>"}', { v: 'Hello, INSERT 3' }],
    ['JSON text as a string, not as an object', '{"v": <$.dynamodb.NewImage.json.S>}', { v: '{"n":1,"s":"x"}' }],
    ['a number', '{"v": <$.count>}', { v: 3 }],
    ['a number of DynamoDB as the text that it is', '{"v": <$.dynamodb.NewImage.number.N>}', { v: '1.10' }],
    ['a number of DynamoDB in quotes', '{"v": "<$.dynamodb.NewImage.number.N>"}', { v: '1.10' }],
    ['a truth value', '{"v": <$.dynamodb.NewImage.flag.BOOL>}', { v: true }],
    ['null', '{"v": <$.none>}', { v: null }],
    ['an object, still typed as DynamoDB has it', '{"v": <$.dynamodb.NewImage.map>}', { v: { M: { inner: { S: 'y' } } } }],
    ['a list, still typed', '{"v": <$.dynamodb.NewImage.list.L>}', { v: [{ S: 'x' }, { N: '2' }] }],
    ['an element of a list', '{"v": <$.dynamodb.NewImage.list.L[1].N>}', { v: '2' }],
    ['all elements by a wildcard', '{"v": <$.tags[*]>}', { v: ['x', 'y'] }],
    ['a path that finds nothing as empty', '{"v": <$.dynamodb.OldImage.text.S>, "w": "<$.nowhere>"}', { v: '', w: '' }],
    ['a path that is none as empty', '{"v": <$.a[?(@.b)]>}', { v: '' }],
    ['static JSON', '{"v": [1, {"w": "x"}]}', { v: [1, { w: 'x' }] }],
  ])('writes %s', (_name, template, expected) => {
    expect(JSON.parse(transform(template))).toEqual(expected);
  });

  it('writes a number without quotes, so that digits beyond a double survive only as text', () => {
    expect(transform('{"v": <$.v>}', { v: '12345678901234567890.123' })).toBe('{"v": "12345678901234567890.123"}');
    expect(transform('{"v": "<$.v>"}', { v: '12345678901234567890.123' })).toBe('{"v": "12345678901234567890.123"}');
  });

  it('escapes nothing inside a string: a quote or a newline in the value breaks the JSON', () => {
    const broken = transform('{"v": "<$.dynamodb.NewImage.tricky.S>"}');
    expect(broken).toBe('{"v": "a "quoted"\nline \\ ünï"}');
    expect(() => JSON.parse(broken)).toThrow();
  });

  it('removes the quotes of an object inside a string', () => {
    expect(transform('{"v": "Image is <$.dynamodb.NewImage.map>"}')).toBe('{"v": "Image is {M:{inner:{S:y}}}"}');
  });

  it('removes the quotes of an object that is the whole template', () => {
    expect(transform('<$.body>', { body: { key: 'value' } })).toBe('{key:value}');
    expect(transform(' <aws.pipes.event.json> ', { key: 'value' })).toBe(' {key:value} ');
  });

  it('passes on a string that is the whole template, with quotes where the target wants JSON', () => {
    expect(transform('<$.dynamodb.NewImage.json.S>', EVENT, false)).toBe('{"n":1,"s":"x"}');
    expect(transform('<$.dynamodb.NewImage.json.S>', EVENT, true)).toBe('"{\\"n\\":1,\\"s\\":\\"x\\"}"');
  });

  it('writes free text', () => {
    expect(transform('"Hello, <$.eventName>"')).toBe('"Hello, INSERT"');
    expect(transform('Hello, <$.eventName> of <$.tags>')).toBe('Hello, INSERT of [x,y]');
  });

  it('knows the reserved variables', () => {
    const template = '{"a":<aws.pipes.pipe-arn>,"n":<aws.pipes.pipe-name>,"s":"<aws.pipes.source-arn>","e":<aws.pipes.enrichment-arn>,'
      + '"t":<aws.pipes.target-arn>,"i":<aws.pipes.event.ingestion-time>}';
    expect(JSON.parse(transform(template))).toEqual({
      a: PIPE.arn, n: 'p', s: 'arn:source', e: 'arn:enrichment', t: 'arn:target', i: TIME,
    });
    expect(() => compileTemplate('{"v": <aws.pipes.other>}', true)).toThrow('InputTemplate has <aws.pipes.other>; reserved variables are aws.pipes.pipe-arn');
  });

  it('tells the event from its parsed form', () => {
    const raw = { body: '{"key":1}' };
    expect(JSON.parse(transform('{"e":<aws.pipes.event>,"j":<aws.pipes.event.json>}', raw, true, { body: { key: 1 } })))
      .toEqual({ e: raw, j: { body: { key: 1 } } });
    expect(JSON.parse(transform('{"e":<aws.pipes.event>,"j":<aws.pipes.event.json>}', 'text'))).toEqual({ e: 'text', j: '' });
  });

  it('passes the event on without a template', () => {
    expect(JSON.parse(transform(undefined))).toEqual(EVENT);
  });

  it('refuses a template of more than 8,192 characters', () => {
    expect(() => compileTemplate('x'.repeat(8193), true)).toThrow('InputTemplate has 8193 characters, at most 8192 are allowed');
  });
});
