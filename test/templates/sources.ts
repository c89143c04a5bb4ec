import * as path from 'path';
import { CURRENTLY_RECOMMENDED_FLAGS } from 'aws-cdk-lib/cx-api';
import { type Example, patterns, readExample, synthesize } from '../../examples/example';
import { synthesizePortable } from '../../examples/portable';

/** Templates that belong together. */
export interface Source {
  readonly name: string;
  /** @returns cloud assemblies, or what the simulator deploys like them */
  synthesize(directory: string): string[];
}

/** As `cdk synth` has it. */
const PATHS: any = { 'aws:cdk:enable-path-metadata': true };

// The CDK's own rules are asked wherever else templates are synthesized, and take longer than all the rest.
process.env.CDK_VALIDATION = 'false';

/** Every template there is. */
export function templatesToLint(): Source[] {
  return [
    ...patterns().map((pattern) => ofApp(`examples/${pattern}`, readExample(pattern))),
    ...patterns().map((pattern) => ({ name: `portable/${pattern}`, synthesize: (directory: string) => synthesizePortable(readExample(pattern), directory) })),
    ofApp('default props', ownApp('default-props.ts')),
    ofApp('other props', ownApp('twin.ts')),
    ofApp('other props in a new project', ownApp('twin.ts'), CURRENTLY_RECOMMENDED_FLAGS),
  ];
}

function ofApp(name: string, app: Example, context: any = {}): Source {
  return { name, synthesize: (directory) => [synthesize(app, { ...PATHS, ...context }, directory)] };
}

function ownApp(app: string): Example {
  return { pattern: path.basename(app, '.ts'), directory: __dirname, title: '', app };
}
