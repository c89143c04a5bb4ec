import { readdirSync, readFileSync } from 'fs';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { Function as LambdaFunction, FunctionOptions } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { lambdaEntries } from '../../projenrc/lambda-sources';

type FunctionConstructor = new (scope: Construct, id: string, props: FunctionOptions) => LambdaFunction;

const ROOT = path.join(__dirname, '../..');
const entries = lambdaEntries(path.join(ROOT, 'lambda-src'));

it('there are handlers to look at', () => {
  expect(entries.length).toBeGreaterThan(0);
});

describe.each(entries)('$pattern/$name', ({ pattern, name }) => {
  it('is staged by its generated construct as an index.js that exports its handler', () => {
    const [FunctionClass] = Object.values(jest.requireActual<Record<string, FunctionConstructor>>(path.join(ROOT, 'src', pattern, `${name}-function`)));
    const app = new App();
    const stack = new Stack(app, 'Stack');
    new FunctionClass(stack, 'Handler', {});
    const assembly = app.synth();

    const [resource] = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
    expect(resource.Properties.Handler).toBe('index.handler');
    const [hash] = resource.Properties.Code.S3Key.split('.');
    const staged = path.join(assembly.directory, `asset.${hash}`);
    expect(readdirSync(staged)).toEqual(['index.js']);
    const bundle = readFileSync(path.join(staged, 'index.js'), 'utf8');
    // What esbuild writes at the end of a CommonJS bundle: the names of its exports.
    expect(bundle.trimEnd()).toMatch(/0&&\(module\.exports=\{handler\}\);$/);
  });
});
