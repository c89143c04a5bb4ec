import type { Json } from '../../../src/services/stepfunctions/asl/json';
import { evaluatePath } from '../../../src/services/stepfunctions/asl/jsonpath/evaluate';
import { parsePath } from '../../../src/services/stepfunctions/asl/jsonpath/parser';
import { isReferencePath, placeAt } from '../../../src/services/stepfunctions/asl/jsonpath/reference-path';

const STORE: Json = {
  'book': [
    { title: 'A', price: 8, tags: ['x', 'y'], isbn: '1' },
    { title: 'B', price: 12, tags: [] },
    { title: 'C', price: 20, tags: ['y'], isbn: null },
  ],
  'owner-name': 'Ann',
  'none': null,
  'limit': 10,
};

function find(path: string, input: Json = STORE): Json {
  return evaluatePath(parsePath(path), {
    input,
    context: () => ({ Execution: { Name: 'run' } }),
    variable: (name) => (name === 'seen' ? { deep: [1, 2, 3] } : undefined),
  });
}

describe('a path', () => {
  it.each<[string, Json]>([
    ['$', STORE],
    ['$.owner-name', 'Ann'],
    ["$['owner-name']", 'Ann'],
    ['$["owner-name"]', 'Ann'],
    ['$.none', null],
    ['$.book[0].title', 'A'],
    ['$.book[-1].title', 'C'],
    ['$.book[*].title', ['A', 'B', 'C']],
    ['$.book.*.title', ['A', 'B', 'C']],
    ['$.book[0,2].title', ['A', 'C']],
    ['$.book[1:].title', ['B', 'C']],
    ['$.book[:1].title', ['A']],
    ['$.book[0:2].title', ['A', 'B']],
    ['$.book[-2:].title', ['B', 'C']],
    ['$..title', ['A', 'B', 'C']],
    ['$..book[0].title', ['A']],
    ["$.book[0]['title','price']", { title: 'A', price: 8 }],
    ['$.book.length()', 3],
    ['$..price.max()', 20],
    ['$$.Execution.Name', 'run'],
    ['$seen', { deep: [1, 2, 3] }],
    ['$seen.deep[1]', 2],
    ['$seen.deep[1:]', [2, 3]],
  ])('%s selects as Jayway does', (path, expected) => {
    expect(find(path)).toEqual(expected);
  });

  it.each<[string, string[]]>([
    ['$.book[?(@.price < 10)]', ['A']],
    ['$.book[?(@.price >= 12)]', ['B', 'C']],
    ['$.book[?(@.price == 12)]', ['B']],
    ['$.book[?(@.price != 12)]', ['A', 'C']],
    ["$.book[?(@.title == 'B')]", ['B']],
    ['$.book[?(@.title == "B")]', ['B']],
    ['$.book[?(@.isbn)]', ['A', 'C']],
    ['$.book[?(!@.isbn)]', ['B']],
    ['$.book[?(@.isbn == null)]', ['C']],
    ['$.book[?(@.price > 8 && @.price < 20)]', ['B']],
    ['$.book[?(@.price == 8 || @.price == 20)]', ['A', 'C']],
    ['$.book[?((@.price == 8 || @.price == 20) && @.isbn)]', ['A', 'C']],
    ['$.book[?(@.price > $.limit)]', ['B', 'C']],
    ['$.book[?(@.title =~ /[ab]/i)]', ['A', 'B']],
    ["$.book[?(@.title in ['A', 'C'])]", ['A', 'C']],
    ["$.book[?(@.title nin ['A', 'C'])]", ['B']],
    ["$.book[?(@.tags anyof ['y'])]", ['A', 'C']],
    ["$.book[?(@.tags contains 'x')]", ['A']],
    ['$.book[?(@.tags size 1)]', ['C']],
    ['$.book[?(@.tags empty true)]', ['B']],
  ])('%s keeps the elements that the filter holds for', (path, titles) => {
    expect((find(path) as { title: string }[]).map(({ title }) => title)).toEqual(titles);
  });

  it.each(['$.missing', '$.book[7]', '$.owner-name.first', '$.book.title', '$.none.x', '$unseen'])('that is definite and leads nowhere, %s, is not found', (path) => {
    expect(() => find(path)).toThrow(/No results|Missing property|not defined/);
  });

  it.each(['$.missing[*]', '$.missing[1:]', '$.missing[:1].x', '$..missing', '$.missing[?(@.x == 1)]'])('that is indefinite and leads nowhere, %s, is an empty list', (path) => {
    expect(find(path)).toEqual([]);
  });

  it.each(['', 'book', '$.', '$.book[', '$.book[]', '$.book[a]', '$.book[?(@.x ==)]', '$.a b', "$['x", '$.book[0', '$..', '$.x.nofn()'])('%j is refused', (text) => {
    expect(() => parsePath(text)).toThrow(/invalid JSONPath/);
  });
});

describe('a reference path', () => {
  it('puts a value in place and makes the objects on the way, without changing what it was given', () => {
    const target = { a: { b: 1 }, list: [1, { x: 1 }] };
    expect(placeAt(parsePath('$.a.c.d'), target, 5)).toEqual({ a: { b: 1, c: { d: 5 } }, list: [1, { x: 1 }] });
    expect(placeAt(parsePath('$.list[1].x'), target, 2)).toEqual({ a: { b: 1 }, list: [1, { x: 2 }] });
    expect(target).toEqual({ a: { b: 1 }, list: [1, { x: 1 }] });
  });

  it('cannot go through a value that is no object', () => {
    expect(() => placeAt(parsePath('$.a.b'), { a: 'text' }, 1)).toThrow('Unable to apply step "b" to input "text"');
    expect(() => placeAt(parsePath('$.a'), 'text', 1)).toThrow('Unable to apply step "a"');
    expect(() => placeAt(parsePath('$.a[3]'), { a: [] }, 1)).toThrow('Unable to apply step "3"');
  });

  it('has no wildcard, slice, filter, descent, context object or variable in it', () => {
    expect(isReferencePath(parsePath("$.a['b'][0]"))).toBe(true);
    for (const path of ['$.a[*]', '$.a[1:]', '$..a', '$.a[?(@.x)]', '$$.a', '$a.b']) expect(isReferencePath(parsePath(path))).toBe(false);
  });
});
