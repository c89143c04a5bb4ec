import { attribute, Bench } from './harness';

/** Whether a subscription with the filter gets the message. */
async function gets(FilterPolicy: unknown, message: { attributes?: Record<string, any>; body?: string }, scope?: string): Promise<boolean> {
  const bench = new Bench();
  const topic = bench.topic('T');
  const queue = bench.queue('Q');
  bench.subscribe(topic, queue, { FilterPolicy, ...(scope ? { FilterPolicyScope: scope } : {}) });
  await bench.publish(topic, message.body ?? 'm', { MessageAttributes: message.attributes });
  return (await bench.bodies(queue)).length > 0;
}

const numbers = (value: string) => ({ price: attribute(value, 'Number') });
const texts = (value: string) => ({ event: attribute(value) });
const lists = (value: string) => ({ event: attribute(value, 'String.Array') });

/** Conditions of one key are alternatives: https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html#or-logic */
const MIXED = { event: ['a', { 'anything-but': ['a', 'b'] }, { exists: false }] };

describe('a filter on attributes', () => {
  // Most of these are the examples of https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html and its neighbours.
  it.each<[string, unknown, Record<string, any>, boolean]>([
    ['exact text', { event: ['rugby', 'tennis'] }, texts('tennis'), true],
    ['another text', { event: ['rugby', 'tennis'] }, texts('baseball'), false],
    ['case', { event: ['rugby'] }, texts('Rugby'), false],
    ['one of an array', { event: ['rugby'] }, lists('["tennis","rugby"]'), true],
    ['none of an array', { event: ['rugby'] }, lists('["tennis"]'), false],
    ['numbers and truth values in an array', { event: [7, true] }, lists('["x",true]'), true],
    ['anything but', { event: [{ 'anything-but': ['rugby', 'tennis'] }] }, texts('baseball'), true],
    ['anything but, refused', { event: [{ 'anything-but': ['rugby', 'tennis'] }] }, texts('rugby'), false],
    ['an array that holds something else too', { event: [{ 'anything-but': ['rugby', 'tennis'] }] }, lists('["rugby","baseball"]'), true],
    ['anything but a prefix', { event: [{ 'anything-but': { prefix: 'order-' } }] }, texts('order_number'), true],
    ['anything but a prefix, refused', { event: [{ 'anything-but': { prefix: 'order-' } }] }, texts('order-cancelled'), false],
    ['prefix', { event: [{ prefix: 'bas' }] }, texts('basketball'), true],
    ['suffix', { event: [{ suffix: 'ball' }] }, texts('basketball'), true],
    ['suffix, refused', { event: [{ suffix: 'ball' }] }, texts('balls'), false],
    ['ignoring case', { event: [{ 'equals-ignore-case': 'TENNIS' }] }, texts('tennis'), true],
    ['cidr', { event: [{ cidr: '10.0.0.0/24' }] }, texts('10.0.0.255'), true],
    ['cidr, refused', { event: [{ cidr: '10.0.0.0/24' }] }, texts('10.1.1.0'), false],
    ['exists', { event: [{ exists: true }] }, texts('x'), true],
    ['exists, refused', { event: [{ exists: true }] }, numbers('1'), false],
    ['does not exist', { event: [{ exists: false }] }, numbers('1'), true],
    ['does not exist, refused', { event: [{ exists: false }] }, texts('x'), false],
    ['does not exist, without any attribute', { event: [{ exists: false }] }, {}, false],
    ['one of several conditions: the text', MIXED, texts('a'), true],
    ['one of several conditions: anything but', MIXED, texts('z'), true],
    ['one of several conditions: missing', MIXED, numbers('1'), true],
    ['none of several conditions', MIXED, texts('b'), false],
    ['several conditions, without any attribute', MIXED, {}, false],
    ['numeric equality', { price: [{ numeric: ['=', 301.5] }] }, numbers('3.015e2'), true],
    ['numeric range', { price: [{ numeric: ['>', 0, '<=', 150] }] }, numbers('150'), true],
    ['numeric range, refused', { price: [{ numeric: ['>', 0, '<=', 150] }] }, numbers('151'), false],
    ['anything but numbers', { price: [{ 'anything-but': [100, 500] }] }, numbers('101'), true],
    ['a text that looks like a number', { event: [{ numeric: ['=', 5] }] }, texts('5'), false],
    ['binary attributes, which are not compared', { event: [{ exists: true }] }, { event: { DataType: 'Binary', BinaryValue: new Uint8Array([1]) } }, false],
    ['all keys', { event: ['a'], price: [{ numeric: ['>', 1] }] }, { ...texts('a'), ...numbers('2') }, true],
    ['all keys, refused', { event: ['a'], price: [{ numeric: ['>', 1] }] }, { ...texts('a'), ...numbers('1') }, false],
    ['$or', { $or: [{ event: ['a'] }, { price: [{ numeric: ['>', 1] }] }] }, { ...texts('b'), ...numbers('2') }, true],
  ])('%s', async (_, policy, attributes, expected) => {
    expect(await gets(policy, { attributes })).toBe(expected);
  });

  it('takes its policy as text too', async () => {
    expect(await gets('{"event":["a"]}', { attributes: texts('a') })).toBe(true);
  });

  it('counts why messages were left out', async () => {
    const bench = new Bench();
    const topic = bench.topic('T');
    bench.subscribe(topic, bench.queue('Q'), { FilterPolicy: { event: ['a'] } });
    await bench.publish(topic, 'm');
    await bench.publish(topic, 'm', { MessageAttributes: texts('b') });
    await bench.publish(topic, 'm', { MessageAttributes: lists('[not json') });
    await bench.publish(topic, 'm', { MessageAttributes: texts('a') });
    await bench.pass(1);
    const count = (name: string) => bench.metric('T', `NumberOfNotificationsFilteredOut${name}`);
    expect([count(''), count('-NoMessageAttributes'), count('-MessageAttributes'), count('-InvalidAttributes')]).toEqual([3, 1, 1, 1]);
    expect(bench.metric('T', 'NumberOfNotificationsDelivered')).toBe(1);
  });
});

describe('a filter on the body', () => {
  it.each<[string, unknown, string, boolean]>([
    ['a property', { store: ['a'] }, '{"store":"a"}', true],
    ['a nested property', { order: { lines: { sku: [{ prefix: 'x' }] } } }, '{"order":{"lines":[{"sku":"y"},{"sku":"x1"}]}}', true],
    ['a nested property, refused', { order: { sku: ['x'] } }, '{"order":{"sku":"y"}}', false],
    ['null', { a: [null] }, '{"a":null}', true],
    ['a body that is no JSON', { a: [{ exists: false }] }, 'text', false],
    ['a body that is no object', { a: [{ exists: false }] }, '[1]', false],
  ])('%s', async (_, policy, body, expected) => {
    expect(await gets(policy, { body }, 'MessageBody')).toBe(expected);
  });

  it('looks at the body only', async () => {
    expect(await gets({ event: ['a'] }, { attributes: texts('a'), body: '{}' }, 'MessageBody')).toBe(false);
  });

  it('is billed by the bytes that it reads, and counts bodies that it cannot', async () => {
    const bench = new Bench();
    const topic = bench.topic('T');
    bench.subscribe(topic, bench.queue('Q'), { FilterPolicy: { a: [1] }, FilterPolicyScope: 'MessageBody' });
    await bench.publish(topic, '{"a":2}');
    await bench.publish(topic, 'text');
    expect(bench.world.meter.get('sns.bodyFilterBytes')).toBe(7 + 4);
    const count = (name: string) => bench.metric('T', `NumberOfNotificationsFilteredOut${name}`);
    expect([count('-MessageBody'), count('-InvalidMessageBody')]).toEqual([1, 1]);
  });
});

describe('a filter policy is refused', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);
  it.each<[string, unknown, string | undefined, RegExp]>([
    ['that is nested, on attributes', { a: { b: ['x'] } }, undefined, /'a' is nested, which only the scope MessageBody allows/],
    ['with six keys', { a: ['x'], b: ['x'], c: ['x'], d: ['x'], e: ['x'], f: ['x'] }, undefined, /has 6 keys, at most 5/],
    ['with 151 combinations', { a: many(151) }, undefined, /has 151 combinations of values, at most 150/],
    ['with too many combinations by depth', { a: { b: { c: many(4) } }, d: { e: many(3) }, f: many(3) }, 'MessageBody', /has 216 combinations/],
    ['with an operator of EventBridge only', { a: [{ wildcard: 'x*' }] }, undefined, /operator 'wildcard' of 'a' is none of SNS's/],
    ['with a suffix in anything-but', { a: [{ 'anything-but': { suffix: 'x' } }] }, undefined, /'anything-but' of 'a' cannot hold 'suffix'/],
    ['with an object in prefix', { a: [{ prefix: { 'equals-ignore-case': 'x' } }] }, undefined, /'prefix' of 'a' must be a string/],
    ['with a number out of range', { a: [{ numeric: ['<', 2e9] }] }, undefined, /must be from -1e9 to 1e9, not 2000000000/],
    ['that is no JSON', '{', undefined, /not valid JSON/],
    ['with another scope', { a: ['x'] }, 'Body', /FilterPolicyScope must be MessageAttributes or MessageBody, not 'Body'/],
  ])('%s', (_, FilterPolicy, FilterPolicyScope, message) => {
    const bench = new Bench();
    const topic = bench.topic('T');
    expect(() => bench.subscribe(topic, bench.queue('Q'), { FilterPolicy, FilterPolicyScope })).toThrow(message);
  });
});
