import { EXCEPTIONS } from './exceptions';
import type { Finding } from './finding';
import { Verdict } from './verdict';

const finding: Finding = { rule: 'W3005', where: 'Stack/Queue/Resource', message: "'Role' is enforced already" };
const exception = { rule: 'W3005', where: /^Stack\/Queue\//, reason: 'it does no harm' };

it.each([
  ['its rule and its place', exception, true],
  ['its rule, its place and what it says', { ...exception, says: /enforced/ }, true],
  ['another rule', { ...exception, rule: 'W3006' }, false],
  ['another place', { ...exception, where: /^Stack\/Topic\// }, false],
  ['another thing that the rule says', { ...exception, says: /missing/ }, false],
])('an exception for %s is of use or not', (_, tried, ofUse) => {
  const verdict = new Verdict([tried]);
  expect(verdict.remaining([finding])).toEqual(ofUse ? [] : [finding]);
  expect(verdict.unused()).toEqual(ofUse ? [] : [tried]);
});

it('of two exceptions for one finding both are of use', () => {
  const verdict = new Verdict([exception, { ...exception, says: /enforced/ }]);
  verdict.remaining([finding]);
  expect(verdict.unused()).toEqual([]);
});

it('no exception is for a rule as a whole, nor without a reason', () => {
  for (const { where, says, reason } of EXCEPTIONS) {
    expect(where.test('') || (says === undefined && where.test('Any/Resource'))).toBe(false);
    expect(reason).toMatch(/\w+ \w+/);
  }
});
