import { execFileSync, spawnSync } from 'child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { lambdaEntries } from '../../projenrc/lambda-sources';
import { runtimeLibraries } from '../../projenrc/runtime-bundle';
import { readable } from '../grants';

/** What a consumer gets. Slow, so `npm run test:packaging` runs it and `npm test` does not. */

const ROOT = path.join(__dirname, '../..');
const MEGABYTE = 1024 * 1024;
const entries = lambdaEntries(path.join(ROOT, 'lambda-src'));
const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const libraries = runtimeLibraries(path.join(ROOT, 'runtime-src'));
const examples = readdirSync(path.join(ROOT, 'examples')).filter((name) => existsSync(path.join(ROOT, 'examples', name, 'typescript/app.ts')));

/** Handlers of options that their pattern's example does not use. */
const STAGED_BY_NO_EXAMPLE: Readonly<Record<string, readonly string[]>> = { 'transactional-outbox': ['relay'] };
/** Left out of an example's own tools: the CLI only calls the app, and tsx would bring the esbuild that most projects do not have. */
const NOT_NEEDED = ['aws-cdk', 'tsx'];

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
      ...libraries.flatMap((name) => [`runtime/${name}/index.js`, `runtime/${name}/index.d.ts`]), 'runtime/THIRD-PARTY-LICENSES.txt',
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
    expect([...places].sort()).toEqual([
      // The second has the snippets in every language, which documentation of the packages is made with.
      '.jsii', '.jsii.tabl.json',
      'API.md', 'CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'assets', 'lib', 'package.json', 'runtime', 'schemas',
    ]);
  });

  it('is smaller than 3 MB', () => {
    console.log(`${tarball.filename}: ${(tarball.size / MEGABYTE).toFixed(2)} MB, ${(tarball.unpackedSize / MEGABYTE).toFixed(2)} MB unpacked, ${files.length} files`);
    expect(tarball.size).toBeLessThan(3 * MEGABYTE);
  });
});

function run(project: string, command: string, args: readonly string[], env: Record<string, string> = {}) {
  const result = spawnSync(command, args, { cwd: path.join(directory, project), encoding: 'utf8', env: { ...process.env, ...env } });
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${result.stdout}\n${result.stderr}`);
  return result;
}

/** Into a directory that may have files already. */
function install(project: string, packages: readonly string[], ...options: readonly string[]) {
  mkdirSync(path.join(directory, project), { recursive: true });
  writeFileSync(path.join(directory, project, 'package.json'), JSON.stringify({ name: project, private: true }));
  run(project, 'npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...options, path.join(directory, tarball.filename), ...packages]);
}

describe.each(examples)('the %s example, in a project with nothing but the tarball and what its package.json asks for', (example) => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(path.join(ROOT, 'examples', example, 'typescript/package.json'), 'utf8'));
  const wanted = Object.entries<string>({ ...dependencies, ...devDependencies }).filter(([name]) => !NOT_NEEDED.includes(name));

  beforeAll(() => {
    const project = path.join(directory, example);
    cpSync(path.join(ROOT, 'examples', example, 'typescript'), project, {
      recursive: true,
      filter: (source) => !/\/(node_modules|cdk\.out)$/.test(source),
    });
    writeFileSync(path.join(project, 'tsconfig.json'), JSON.stringify({
      compilerOptions: { target: 'ES2022', module: 'node16', strict: true, types: ['node'], skipLibCheck: true },
    }));
    // What this repository was tested with, within what the example allows.
    install(example, wanted.filter(([name]) => name !== manifest.name).map(([name, range]) => `${name}@${manifest.devDependencies[name] ?? range}`));
    run(example, 'npx', ['--no-install', 'tsc']);
  }, 300_000);

  it('finds no esbuild, as in a Python or Java project, unless it asks for one', () => {
    const { status, stderr } = spawnSync(process.execPath, ['-p', "require.resolve('esbuild')"], {
      cwd: path.join(directory, example), encoding: 'utf8', env: { PATH: process.env.PATH },
    });
    if (wanted.some(([name]) => name === 'esbuild')) return expect(status).toBe(0);
    expect(status).not.toBe(0);
    return expect(stderr).toContain("Cannot find module 'esbuild'");
  });

  it('synthesizes, and its handlers load with the environment they are given', () => {
    const out = path.join(directory, example, 'cdk.out');
    run(example, process.execPath, ['app.js'], { CDK_OUTDIR: out });

    const loaded = new Set<string>();
    for (const file of readdirSync(out).filter((name) => name.endsWith('.template.json'))) {
      const template: { Resources: Record<string, any> } = JSON.parse(readFileSync(path.join(out, file), 'utf8'));
      for (const { Type, Properties } of Object.values(template.Resources)) {
        if (Type !== 'AWS::Lambda::Function' || !Properties.Code.S3Key) continue;
        const staged = path.join(out, `asset.${Properties.Code.S3Key.split('.')[0]}`);
        expect(readdirSync(staged)).toContain('index.js');
        const variables = Object.entries<unknown>(Properties.Environment?.Variables ?? {})
          .map(([name, value]) => [name, readable(value)]);
        // The Lambda runtime brings the AWS SDK; here the repository's own stands in for it.
        const exported = Properties.Handler.replace(/^index\./, '');
        const { stdout } = run(example, process.execPath, ['-p', `typeof require('${staged}/index.js').${exported}`], {
          ...Object.fromEntries(variables), AWS_REGION: 'us-east-1', NODE_PATH: path.join(ROOT, 'node_modules'),
        });
        expect(stdout.trim()).toBe('function');
        const bundle = readFileSync(path.join(staged, 'index.js'));
        // No function of anybody drags the CDK along.
        expect(bundle.length).toBeLessThan(MEGABYTE);
        for (const { pattern, name } of entries.filter((entry) => entry.pattern === example)) {
          if (bundle.equals(readFileSync(path.join(ROOT, 'assets', pattern, name, 'index.js')))) loaded.add(name);
        }
      }
    }
    const expected = entries.filter(({ pattern, name }) => pattern === example && !STAGED_BY_NO_EXAMPLE[pattern]?.includes(name));
    expect([...loaded].sort()).toEqual(expected.map(({ name }) => name).sort());
  }, 120_000);
});

/** Of each runtime library: what needs no AWS SDK, and types that hold and do not. */
const LIBRARIES = [
  {
    library: 'transactional-outbox',
    name: 'outboxPut',
    call: "console.log(JSON.stringify(outboxPut({ aggregateType: 'Book', aggregateId: 'emma', type: 'BookAdded', payload: { id: 'emma' } }, { tableName: 'outbox' })))",
    printed: { Put: { TableName: 'outbox', Item: { pk: 'Book#emma', type: 'BookAdded', payload: '{"id":"emma"}' } } },
    types: `export const table: string = outboxPut({ aggregateType: 'Book', aggregateId: 'emma', type: 'BookAdded', payload: null }).Put.TableName;
// @ts-expect-error an event has a type
outboxPut({ aggregateType: 'Book', aggregateId: 'emma', payload: null });
`,
  },
  {
    library: 'orchestrated-saga',
    name: 'sagaParticipant',
    call: 'sagaParticipant({ client: {} }).action(() => ({ writes: [] }))({}).catch(({ name }) => console.log(JSON.stringify({ name })))',
    printed: { name: 'InvalidSagaRequest' },
    types: `const participant = sagaParticipant({ client: { send: async () => ({}) } });
export const reserve = participant.action(({ sagaId }) => ({ writes: [], result: sagaId.length }));
// @ts-expect-error an action says what to write
participant.action(() => ({ result: 1 }));
`,
  },
  {
    library: 'work-stealing-pool',
    name: 'commitTask',
    call: "commitTask({ client: {}, tableName: 'pool' }, { task: { id: 'frame-1' }, fence: 1 }, 'none').catch(({ name, message }) => console.log(JSON.stringify({ name, message })))",
    printed: { name: 'TypeError', message: expect.stringContaining('received string') },
    types: `const client = { send: async () => ({}) };
declare const assignment: Parameters<typeof commitTask>[1];
export const done: Promise<void> = commitTask({ client, tableName: assignment.pool }, assignment, []);
// @ts-expect-error a commit says of which assignment
commitTask({ client }, []);
`,
  },
];

describe('the runtime libraries, in a project with neither the CDK nor the AWS SDK', () => {
  const project = 'runtime-libraries';
  const moduleOf = (library: string) => `${manifest.name}/runtime/${library}`;

  beforeAll(() => {
    const tools = ['typescript', '@types/node'].map((tool) => `${tool}@${manifest.devDependencies[tool]}`);
    install(project, tools, '--legacy-peer-deps');
    const installed = readdirSync(path.join(directory, project, 'node_modules'));
    expect(installed).toContain(manifest.name);
    expect(installed.filter((directoryName) => ['aws-cdk-lib', '@aws-sdk', 'constructs'].includes(directoryName))).toEqual([]);
  }, 300_000);

  it('are all tried', () => {
    expect(LIBRARIES.map(({ library }) => library).sort()).toEqual([...libraries].sort());
  });

  describe.each(LIBRARIES)('$library', ({ library, name, call, printed, types }) => {
    it.each([
      ['a CommonJS module', 'commonjs', `const { ${name} } = require('${moduleOf(library)}');`],
      ['an ES module', 'module', `import { ${name} } from '${moduleOf(library)}';`],
    ])('works in %s', (_, type, load) => {
      const { stdout } = run(project, process.execPath, [`--input-type=${type}`, '-e', `${load} ${call}`]);
      expect(JSON.parse(stdout)).toMatchObject(printed);
    });

    it.each([
      ['node16', ['--module', 'node16']],
      ['bundler', ['--module', 'preserve', '--moduleResolution', 'bundler']],
      ['node10', ['--module', 'commonjs', '--moduleResolution', 'node10', '--ignoreDeprecations', '6.0']],
    ])('has types, as %s resolves it', (resolution, options) => {
      const file = `${library}-${resolution}.ts`;
      writeFileSync(path.join(directory, project, file), `import { ${name} } from '${moduleOf(library)}';\n${types}`);
      run(project, 'npx', ['--no-install', 'tsc', '--noEmit', '--strict', '--target', 'ES2022', '--types', 'node', ...options, file]);
    }, 120_000);
  });
});
