import { spawnSync } from 'child_process';
import { readFileSync } from 'fs';
import * as path from 'path';
import type { Language } from './language';
import { TESTED_WITH } from './npm-project';
import { copyApp, synthesizeTwin } from './twin';
import { onlyFile, PACKAGING, type Workspace } from './workspace';

const CDK = 'github.com/aws/aws-cdk-go/awscdk/v2';
const LIBRARY = 'github.com/cdk-integration-patterns/cdk-integration-patterns-go/cdkintegrationpatterns';

/** The release of the CDK for where the one that this repository is tested with is not to be had: proxies get releases late, or hold them back. */
const SETTLED = '2.263.0';

/** Debug information and inlining cost a quarter of the time that it takes to compile the CDK, and make no other templates. */
const FLAGS = ['-gcflags=all=-l -dwarf=false', '-ldflags=-s -w'];

export const go: Language = {
  name: 'Go',
  missing,
  synthesize(workspace) {
    const app = copyApp(workspace, 'go');
    const cdk = downloadCdk(workspace);
    // Without compiling it by itself: the app does.
    const module = path.dirname(onlyFile(workspace.pack('go', { options: ['--code-only'] }), 'go.mod'));
    const replaced = [`${LIBRARY}=${module}`, ...cdk.version === TESTED_WITH['aws-cdk-lib'] ? [] : settled(workspace, cdk)];
    workspace.run('go', ['mod', 'edit', ...replaced.map((replacement) => `-replace=${replacement}`)], { cwd: app });
    workspace.run('go', ['build', '-mod=mod', ...FLAGS, '-o', 'app', '.'], { cwd: app, env: { CGO_ENABLED: '0' } });
    const actual = workspace.synthesize('go', path.join(app, 'app'), [], { cwd: app, env: { CDK_VALIDATION: 'false' } });
    return [{ app: 'test/packaging', actual, expected: synthesizeTwin(workspace, { 'aws-cdk-lib': cdk.version, 'constructs': TESTED_WITH.constructs }) }];
  },
};

function missing(): string[] {
  const app = path.join(PACKAGING, 'go');
  const [, lowest] = /^go (\S+)$/m.exec(readFileSync(path.join(app, 'go.mod'), 'utf8')) ?? [];
  const wanted = `Go ${lowest} or newer: https://go.dev/dl, or brew install go`;
  // In the directory of the app, where an older one may fetch the newer by itself.
  const { stdout, error } = spawnSync('go', ['env', 'GOVERSION'], { cwd: app, encoding: 'utf8' });
  if (error) return [wanted];
  const version = stdout.trim().replace(/^go/, '');
  return version.localeCompare(lowest, undefined, { numeric: true }) < 0 ? [`${wanted}; go is ${version}`] : [];
}

interface Cdk {
  readonly version: string;
  /** Where its go.mod is. */
  readonly goMod: string;
}

function downloadCdk(workspace: Workspace): Cdk {
  const download = (version: string): Cdk => {
    const { GoMod } = JSON.parse(workspace.run('go', ['mod', 'download', '-json', `${CDK}@v${version}`]));
    return { version, goMod: GoMod };
  };
  try {
    return download(TESTED_WITH['aws-cdk-lib']);
  } catch (error) {
    console.error(`taking ${SETTLED} of the CDK, because ${(error as Error).message}`);
    return download(SETTLED);
  }
}

/** The library's module asks for the CDK that it was generated with, and for what npm gave that: replaced by an older one, and what that one asks for. */
function settled(workspace: Workspace, { version, goMod }: Cdk): string[] {
  const { Require }: { Require: readonly { Path: string; Version: string }[] } = JSON.parse(workspace.run('go', ['mod', 'edit', '-json', goMod]));
  const ofTheCdk = Require.filter((required) => required.Path.startsWith('github.com/cdklabs/'));
  return [{ Path: CDK, Version: `v${version}` }, ...ofTheCdk].map((module) => `${module.Path}=${module.Path}@${module.Version}`);
}
