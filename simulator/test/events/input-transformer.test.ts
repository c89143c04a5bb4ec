import { compileTargetInput, type TargetInput } from '../../src/services/events/input-transformer';

const event = {
  'version': '0',
  'id': 'e-1',
  'detail-type': 'EC2 Instance State-change Notification',
  'source': 'aws.ec2',
  'resources': ['arn:one', 'arn:two'],
  'detail': { 'instance-id': 'i-0123456789', 'state': 'RUNNING', 'note': 'say "hi"', 'count': 3, 'none': null, 'tags': [{ k: 'a' }, { k: 'b' }] },
};
const run = (target: TargetInput) => compileTargetInput(target)({
  event, ruleArn: 'arn:rule', ruleName: 'rule', ingestionTime: '2026-01-01T00:00:00Z',
});
const transform = (InputTemplate: string, InputPathsMap: Record<string, string> = {
  instance: '$.detail.instance-id',
  state: '$.detail.state',
  resources: '$.resources',
  first: '$.resources[0]',
  detail: '$.detail',
  count: '$.detail.count',
  note: '$.detail.note',
  none: '$.detail.none',
  missing: '$.detail.missing',
  keys: '$.detail.tags[*].k',
}) => run({ InputTransformer: { InputPathsMap, InputTemplate } });

describe('a target receives', () => {
  it('the whole event by default', () => {
    expect(JSON.parse(run({}))).toEqual(event);
  });

  it('the constant, as it was written', () => {
    expect(run({ Input: '{ "a": 1 }' })).toBe('{ "a": 1 }');
  });

  it('the part at the input path', () => {
    expect(run({ InputPath: '$.detail.count' })).toBe('3');
    expect(run({ InputPath: '$.detail.state' })).toBe('"RUNNING"');
    expect(run({ InputPath: "$['detail-type']" })).toBe('"EC2 Instance State-change Notification"');
    expect(() => run({ InputPath: '$.detail.missing' })).toThrow(/matches nothing/);
  });

  it.each<[string, string, string]>([
    ['text with its quotes', '"instance <instance> is in <state>"', '"instance i-0123456789 is in RUNNING"'],
    ['text of several lines', '"instance <instance>"\n"is in <state>"', '"instance i-0123456789"\n"is in RUNNING"'],
    ['strings that bring their quotes', '{"instance":<instance>,"state":<state>}', '{"instance":"i-0123456789","state":"RUNNING"}'],
    ['strings inside quotes', '{"state":"<state>","status":"instance \\"<instance>\\" is in <state>"}',
      '{"state":"RUNNING","status":"instance \\"i-0123456789\\" is in RUNNING"}'],
    ['escaped strings', '{"a":"<note>","b":<note>}', '{"a":"say \\"hi\\"","b":"say \\"hi\\""}'],
    ['arrays, numbers and null', '{"r":<resources>,"n":<count>,"s":"<count>","z":<none>}', '{"r":["arn:one","arn:two"],"n":3,"s":"3","z":null}'],
    ['elements and wildcards', '{"f":<first>,"k":<keys>}', '{"f":"arn:one","k":["a","b"]}'],
    ['nothing where a path matches nothing', '{"a":<missing>,"b":"x<missing>"}', '{"a":"","b":"x"}'],
    ['a lone variable', '<state>', '"RUNNING"'],
    ['the rule', '{"arn":<aws.events.rule-arn>,"name":"<aws.events.rule-name>","at":<aws.events.event.ingestion-time>}',
      '{"arn":"arn:rule","name":"rule","at":"2026-01-01T00:00:00Z"}'],
    ['objects in text without their quotes', '"keys <keys>"', '"keys [a,b]"'],
  ])('%s', (_, template, expected) => {
    expect(transform(template)).toBe(expected);
  });

  it('the event with or without its detail', () => {
    const { detail, ...rest } = event;
    expect(JSON.parse(transform('{"a":<aws.events.event>,"b":<aws.events.event.json>}'))).toEqual({ a: rest, b: { ...rest, detail } });
  });

  it('nothing when an object inside quotes makes the result invalid', () => {
    expect(() => transform('{"a":"<detail>"}')).toThrow(/invalid JSON/);
  });
});

describe('PutTargets refuses', () => {
  it.each<[string, TargetInput, RegExp]>([
    ['two kinds of input', { Input: '1', InputPath: '$.a' }, /only one of .* not Input and InputPath/],
    ['a constant that is no JSON', { Input: 'hello' }, /Input must be valid JSON/],
    ['a path without its root', { InputPath: 'detail' }, /must start with \$/],
    ['a filter expression', { InputPath: '$.detail[?(@.a)]' }, /is not supported at/],
    ['an unknown variable', { InputTransformer: { InputTemplate: '{"a":<b>}' } }, /placeholder <b>/],
    ['a reserved name', { InputTransformer: { InputPathsMap: { AWSx: '$.a' }, InputTemplate: '"x"' } }, /reserved/],
    ['no template', { InputTransformer: { InputPathsMap: {} } }, /must have an InputTemplate/],
    ['text without quotes', { InputTransformer: { InputTemplate: 'hello' } }, /must be JSON, or text in double quotes/],
    ['over 100 paths', {
      InputTransformer: { InputTemplate: '"x"', InputPathsMap: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`v${i}`, '$.a'])) },
    }, /at most 100/],
    ['a long template', { InputTransformer: { InputTemplate: `"${'x'.repeat(9_000)}"` } }, /at most 8192/],
  ])('%s', (_, target, message) => {
    expect(() => compileTargetInput(target)).toThrow(message);
  });
});
