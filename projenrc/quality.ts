import { type awscdk, Component, javascript } from 'projen';

/** Where TypeScript lives besides `src` and `test`. */
const MORE_SOURCES = ['lambda-src', 'runtime-src', 'simulator', 'bench', 'examples'];
const OUTPUTS = ['/node_modules/', '/cdk\\.out/', '<rootDir>/lib/', '<rootDir>/dist/', '<rootDir>/runtime/', '<rootDir>/.cache/'];
/** Packs and installs the tarball, which takes longer than all other tests together. */
const PACKAGING_TEST = 'test/packaging/package.test.ts';

/** What keeps the repository right: types, lint, tests, and the package as a consumer sees it. Nothing here writes to a source file. */
export class Quality extends Component {
  constructor(project: awscdk.AwsCdkConstructLibrary) {
    super(project);
    this.checkTypes(project);
    this.lint(project);
    this.test(project);
  }

  private checkTypes(project: awscdk.AwsCdkConstructLibrary) {
    for (const directory of MORE_SOURCES) project.tsconfigDev.addInclude(`../${directory}/**/*.ts`);
    project.tsconfigDev.addExclude('../**/cdk.out');
    project.tsconfigDev.file.addOverride('compilerOptions.paths', {
      'cdk-integration-patterns': ['../src/index.ts'],
      'cdk-integration-patterns/runtime/*': ['../runtime-src/*/index.ts'],
    });
    for (const directory of ['simulator', 'bench']) {
      // typescript-eslint and editors look for the nearest one.
      new javascript.TypescriptConfig(project, {
        fileName: `${directory}/tsconfig.json`,
        extends: javascript.TypescriptConfigExtends.fromPaths(['../test/tsconfig.json']),
        compilerOptions: {},
        include: ['**/*.ts'],
      });
    }
    project.addTask('check:types', {
      description: 'Type-check tests, simulator, benches, examples and this configuration',
      steps: [
        // Tests are transpiled file by file (isolatedModules); here the whole program is known, so re-exported types are fine.
        { exec: 'tsc --noEmit --project test/tsconfig.json --isolatedModules false' },
        { exec: 'tsc --noEmit --project runtime-src/tsconfig.json' },
        { exec: 'tsc --noEmit --project projenrc/tsconfig.json' },
      ],
    });
  }

  private lint(project: awscdk.AwsCdkConstructLibrary) {
    const eslint = javascript.Eslint.of(project)!;
    for (const directory of MORE_SOURCES) {
      eslint.addLintPattern(directory);
      eslint.allowDevDeps(`${directory}/**`);
    }
    eslint.addIgnorePattern('cdk.out/');
    // The examples import the library by its name, as its users do.
    eslint.config.settings['import/resolver'].typescript.project = ['./test/tsconfig.json'];
    eslint.addRules({ '@stylistic/object-property-newline': ['off'] });
    // The simulator's package.json names what it runs on; its tests run on this repository's tools as well.
    eslint.addOverride({
      files: ['simulator/test/**'],
      rules: { 'import/no-extraneous-dependencies': ['error', { devDependencies: true, packageDir: ['.', './simulator'] }] },
    });
    const lint = project.addTask('lint', { description: 'Type-check and lint everything; changes no file' });
    for (const task of ['check:types', 'check:handlers', 'eslint']) lint.spawn(project.tasks.tryFind(task)!);
    project.addTask('lint:fix', {
      description: 'Mend what eslint can mend',
      exec: 'npx projen eslint --fix',
    });
  }

  private test(project: awscdk.AwsCdkConstructLibrary) {
    const { config } = project.jest!;
    config.testMatch = ['<rootDir>/test/**/*.test.ts', '<rootDir>/simulator/test/**/*.test.ts'];
    config.testPathIgnorePatterns = [...OUTPUTS, `<rootDir>/${PACKAGING_TEST}`];
    // One core less is jest's default, and half of what a small machine has.
    config.maxWorkers = '100%';
    config.modulePathIgnorePatterns = OUTPUTS.slice(1);
    config.moduleNameMapper = {
      '^cdk-integration-patterns$': '<rootDir>/src/index.ts',
      '^cdk-integration-patterns/runtime/(.*)$': '<rootDir>/runtime-src/$1/index.ts',
    };

    project.testTask.reset();
    for (const task of ['bundle', 'bundle:runtime']) project.testTask.spawn(project.tasks.tryFind(task)!);
    project.testTask.exec('jest --ci', { receiveArgs: true });
    project.tasks.tryFind('test:update')!.reset('jest --ci --updateSnapshot', { receiveArgs: true });

    project.addTask('build:library', {
      description: 'Bundles and compiles what is packed, and nothing else',
      steps: [{ spawn: 'bundle' }, { spawn: 'bundle:runtime' }, { spawn: 'compile' }],
    });
    project.addTask('test:packaging', {
      description: 'Packs the library, installs the tarball in an empty project without esbuild and synthesizes an example there',
      steps: [
        { spawn: 'build:library' },
        { exec: `jest --ci --testPathIgnorePatterns /node_modules/ --runTestsByPath ${PACKAGING_TEST}` },
      ],
    });
    // The peers' floor is compiled and tested against by `compatibility`, everyday work by the newest: jsii need not ask for less.
    project.compileTask.reset('jsii --silence-warnings=reserved-word --silence-warnings=metadata/missing-dev-dependency');

    project.addTask('compatibility', {
      description: 'Compiles and tests the library against the lowest aws-cdk-lib of its peer range, or against the versions given',
      steps: [{ spawn: 'bundle' }, { spawn: 'bundle:runtime' }, { exec: 'tsx projenrc/compatibility.ts', receiveArgs: true }],
    });
  }
}
