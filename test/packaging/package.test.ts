import { execFileSync, spawnSync, type SpawnSyncReturns } from 'child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { lambdaEntries } from '../../projenrc/lambda-sources';

/** What a consumer gets. Slow, so `npm run test:packaging` runs it and `npm test` does not. */

const ROOT = path.join(__dirname, '../..');
const MEGABYTE = 1024 * 1024;
const entries = lambdaEntries(path.join(ROOT, 'lambda-src'));
const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const examples = readdirSync(path.join(ROOT, 'examples')).filter((name) => existsSync(path.join(ROOT, 'examples', name, 'typescript/app.ts')));

let directory: string;
let tarball: { readonly filename: string; readonly size: number; readonly unpackedSize: number };
let files: readonly string[];

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'packaging-'));
  const packed = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', directory], {
    cwd: ROOT,
    encoding: 'utf8',
    // A tarball with far too much in it should fail by what is in it.
    maxBuffer: 100 * MEGABYTE,
  }));
  // npm 12 answers an object by package name, earlier ones a list.
  tarball = Object.values<typeof tarball>(packed)[0];
  files = execFileSync('tar', ['-tzf', path.join(directory, tarball.filename)], { encoding: 'utf8' })
    .split('\n').filter(Boolean).map((file) => file.replace(/^package\//, ''));
}, 120_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the tarball', () => {
  it('has what runs, what describes it, and what it is licensed under', () => {
    expect(files).toEqual(expect.arrayContaining([
      'package.json', '.jsii', 'lib/index.js', 'lib/index.d.ts', 'README.md', 'API.md', 'LICENSE', 'assets/THIRD-PARTY-LICENSES.txt',
      ...entries.map(({ pattern, name }) => `assets/${pattern}/${name}/index.js`),
    ]));
  });

  it('has the libraries that it bundles, with their licenses', () => {
    const bundled: string[] = manifest.bundledDependencies;
    expect(bundled).toContain('jsonata');
    for (const name of bundled) {
      expect(files).toEqual(expect.arrayContaining([`node_modules/${name}/package.json`, `node_modules/${name}/LICENSE`]));
    }
    const others = files.filter((file) => file.startsWith('node_modules/') && !bundled.some((name) => file.startsWith(`node_modules/${name}/`)));
    expect(others).toEqual([]);
  });

  it('has no sources, tests, tools or examples', () => {
    const own = files.filter((file) => !file.startsWith('node_modules/'));
    expect(own.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
    const places = new Set(own.map((file) => file.split('/')[0]));
    expect([...places].sort()).toEqual(['.jsii', 'API.md', 'CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'assets', 'lib', 'package.json']);
  });

  it('is smaller than 3 MB', () => {
    console.log(`${tarball.filename}: ${(tarball.size / MEGABYTE).toFixed(2)} MB, ${(tarball.unpackedSize / MEGABYTE).toFixed(2)} MB unpacked, ${files.length} files`);
    expect(tarball.size).toBeLessThan(3 * MEGABYTE);
  });
});

describe('installed in an empty project', () => {
  const run = (command: string, args: string[], env: Record<string, string> = {}) => {
    const result = spawnSync(command, args, { cwd: path.join(directory, 'consumer'), encoding: 'utf8', env: { ...process.env, ...env } });
    if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${result.stdout}\n${result.stderr}`);
    return result;
  };

  beforeAll(() => {
    const consumer = path.join(directory, 'consumer');
    mkdirSync(consumer);
    writeFileSync(path.join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
    const { devDependencies } = manifest;
    run('npm', [
      'install', '--no-audit', '--no-fund', '--prefer-offline',
      path.join(directory, tarball.filename),
      ...['aws-cdk-lib', 'constructs', 'typescript', '@types/node'].map((name) => `${name}@${devDependencies[name]}`),
    ]);
    writeFileSync(path.join(consumer, 'tsconfig.json'), JSON.stringify({
      compilerOptions: { target: 'ES2022', module: 'node16', strict: true, types: ['node'], skipLibCheck: true },
      include: ['examples'],
    }));
    for (const example of examples) {
      cpSync(path.join(ROOT, 'examples', example, 'typescript'), path.join(consumer, 'examples', example), {
        recursive: true,
        filter: (source) => !/\/(node_modules|cdk\.out|package\.json)$/.test(source),
      });
    }
    run('npx', ['--no-install', 'tsc']);
  }, 300_000);

  it('finds no esbuild, as in a Python or Java project', () => {
    const { status, stderr }: SpawnSyncReturns<string> = spawnSync(process.execPath, ['-p', "require.resolve('esbuild')"], {
      cwd: path.join(directory, 'consumer'), encoding: 'utf8', env: { PATH: process.env.PATH },
    });
    expect(status).not.toBe(0);
    expect(stderr).toContain("Cannot find module 'esbuild'");
  });

  it.each(examples)('synthesizes the %s example, whose handlers load with the environment they are given', (example) => {
    const out = path.join(directory, 'consumer', `cdk.out.${example}`);
    run(process.execPath, [`examples/${example}/app.js`], { CDK_OUTDIR: out });

    const loaded = new Set<string>();
    for (const file of readdirSync(out).filter((name) => name.endsWith('.template.json'))) {
      const template: { Resources: Record<string, any> } = JSON.parse(readFileSync(path.join(out, file), 'utf8'));
      for (const { Type, Properties } of Object.values(template.Resources)) {
        if (Type !== 'AWS::Lambda::Function' || !Properties.Code.S3Key) continue;
        const staged = path.join(out, `asset.${Properties.Code.S3Key.split('.')[0]}`);
        expect(readdirSync(staged)).toContain('index.js');
        const variables = Object.entries<unknown>(Properties.Environment?.Variables ?? {})
          .map(([name, value]) => [name, typeof value === 'string' ? value : 'resolved-at-deployment']);
        // The Lambda runtime brings the AWS SDK; here the repository's own stands in for it.
        const { stdout } = run(process.execPath, ['-p', `typeof require('${staged}/index.js').handler`], {
          ...Object.fromEntries(variables), AWS_REGION: 'us-east-1', NODE_PATH: path.join(ROOT, 'node_modules'),
        });
        expect(stdout.trim()).toBe('function');
        const bundle = readFileSync(path.join(staged, 'index.js'));
        for (const { pattern, name } of entries.filter((entry) => entry.pattern === example)) {
          if (bundle.equals(readFileSync(path.join(ROOT, 'assets', pattern, name, 'index.js')))) loaded.add(name);
        }
      }
    }
    expect([...loaded].sort()).toEqual(entries.filter((entry) => entry.pattern === example).map((entry) => entry.name).sort());
  }, 120_000);
});
