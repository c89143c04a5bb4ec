import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { differences, type Templates, templatesOf } from './templates';

const queue = { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: 5, Tags: [{ Key: 'a', Value: 'b' }] } };
const expected: Templates = new Map<string, unknown>([['One.template.json', { Resources: { Queue: queue, Topic: { Type: 'AWS::SNS::Topic' } } }], ['Two.template.json', { Resources: {} }]]);

function changed(change: (template: any) => unknown): string[] {
  const template = structuredClone(expected.get('One.template.json'));
  change(template);
  return differences(expected, new Map([['Two.template.json', { Resources: {} }], ['One.template.json', template]]));
}

describe('templates of two languages', () => {
  it('are the same, in whatever order their keys are', () => {
    expect(changed((template) => { template.Resources = { Topic: template.Resources.Topic, Queue: { ...queue } }; })).toEqual([]);
  });

  it.each<[string, (template: any) => unknown, string]>([
    ['a changed value', ({ Resources }) => { Resources.Queue.Properties.DelaySeconds = 6; }, 'One.template.json.Resources.Queue.Properties.DelaySeconds: expected 5, got 6'],
    ['a number that is a string', ({ Resources }) => { Resources.Queue.Properties.DelaySeconds = '5'; }, 'One.template.json.Resources.Queue.Properties.DelaySeconds: expected 5, got "5"'],
    ['a missing value', ({ Resources }) => { delete Resources.Queue.Properties.DelaySeconds; }, 'One.template.json.Resources.Queue.Properties.DelaySeconds: expected 5, got nothing'],
    ['an additional value', ({ Resources }) => { Resources.Topic.Properties = null; }, 'One.template.json.Resources.Topic.Properties: expected nothing, got null'],
    ['a missing resource', ({ Resources }) => { delete Resources.Topic; }, 'One.template.json.Resources.Topic: expected {"Type":"AWS::SNS::Topic"}, got nothing'],
    ['an additional resource', ({ Resources }) => { Resources.Other = {}; }, 'One.template.json.Resources.Other: expected nothing, got {}'],
    ['an additional element', ({ Resources }) => { Resources.Queue.Properties.Tags.push(1); }, 'One.template.json.Resources.Queue.Properties.Tags.1: expected nothing, got 1'],
    ['an object that is a list', ({ Resources }) => { Resources.Queue.Properties.Tags = { ...queue.Properties.Tags }; },
      'One.template.json.Resources.Queue.Properties.Tags: expected [{"Key":"a","Value":"b"}], got {"0":{"Key":"a","Value":"b"}}'],
  ])('are told apart by %s', (_, change, difference) => {
    expect(changed(change)).toEqual([difference]);
  });

  it('are told apart by a missing and by an additional one', () => {
    const actual = new Map(expected);
    actual.delete('Two.template.json');
    actual.set('Other.template.json', 1);
    expect(differences(expected, actual)).toEqual([
      'Two.template.json: expected {"Resources":{}}, got nothing',
      'Other.template.json: expected nothing, got 1',
    ]);
  });

  it('are not the same because there are none', () => {
    expect(differences(new Map(), new Map())).toEqual(['there are no templates to compare with']);
  });

  it('are cut to what a line can show', () => {
    const [difference] = changed(({ Resources }) => { Resources.Topic = 'x'.repeat(10_000); });
    expect(difference.length).toBeLessThan(400);
  });
});

it('a cloud assembly has its templates, by name', () => {
  const assembly = mkdtempSync(path.join(tmpdir(), 'templates-'));
  writeFileSync(path.join(assembly, 'B.template.json'), '{"b":1}');
  writeFileSync(path.join(assembly, 'A.template.json'), '{"a":1}');
  writeFileSync(path.join(assembly, 'manifest.json'), '{}');
  expect([...templatesOf(assembly)]).toEqual([['A.template.json', { a: 1 }], ['B.template.json', { b: 1 }]]);
  rmSync(assembly, { recursive: true });
});
