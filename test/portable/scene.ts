import { createHash } from 'crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { App, type AppProps, type Stack, Stack as CdkStack, type StackProps } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { PortableStackSynthesizer, type PortableStackSynthesizerProps } from '../../src';

// What these tests are about is not the rules of templates, and those take their time in every process.
process.env.CDK_VALIDATION = 'false';

const directories: string[] = [];

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true });
});

/** A directory of its own with these files. */
export function directoryWith(files: Readonly<Record<string, string>> = {}): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'portable-'));
  directories.push(directory);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), content);
  }
  return directory;
}

export interface Synthesis {
  readonly build: (stack: Stack) => void;
  readonly synthesizer?: PortableStackSynthesizerProps;
  readonly app?: AppProps;
  readonly stack?: StackProps;
}

/** Synthesizes a stack named Orders. @returns the cloud assembly's directory */
export function assemble({ build, synthesizer, app: appProps, stack }: Synthesis): string {
  const app = new App({ outdir: directoryWith(), ...appProps });
  build(new CdkStack(app, 'Orders', { synthesizer: new PortableStackSynthesizer(synthesizer), ...stack }));
  return app.synth().directory;
}

/** The same. @returns the portable directory */
export function portable(synthesis: Synthesis): string {
  return path.join(assemble(synthesis), 'Orders.portable');
}

export function readJson(...file: string[]): any {
  return JSON.parse(readFileSync(path.join(...file), 'utf8'));
}

export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A function whose code is an asset. */
export function functionOf(scope: Construct, id: string, code: string = directoryWith({ 'index.js': 'exports.handler = async () => 1;' })): LambdaFunction {
  return new LambdaFunction(scope, id, { runtime: Runtime.NODEJS_22_X, handler: 'index.handler', code: Code.fromAsset(code) });
}
