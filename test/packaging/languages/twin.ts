import { cpSync } from 'fs';
import * as path from 'path';
import { isSource } from './copies';
import { installNpmPackage, type Versions } from './npm-project';
import { PACKAGING, ROOT, type Workspace } from './workspace';

/** A copy of a language's app, for what is built and installed beside it. @returns its directory */
export function copyApp(workspace: Workspace, language: string): string {
  const directory = workspace.path(language);
  cpSync(path.join(PACKAGING, language), directory, { recursive: true, filter: isSource });
  return directory;
}

/** Synthesizes the TypeScript app, in an npm project with the releases of the CDK that its twin has. @returns the directory of the cloud assembly */
export function synthesizeTwin(workspace: Workspace, cdk: Versions): string {
  console.error(`both sides get ${Object.entries(cdk).map((release) => release.join(' ')).join(' and ')}`);
  installNpmPackage(workspace, workspace.npmPackage(), cdk);
  return workspace.synthesize('typescript', path.join(ROOT, 'node_modules/.bin/tsx'), ['app.ts'], { cwd: copyApp(workspace, 'typescript') });
}
