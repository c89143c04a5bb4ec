import { type awscdk, Component, javascript } from 'projen';

/** Where TypeScript lives besides `src` and `test`. */
const MORE_SOURCES = ['lambda-src', 'simulator', 'bench', 'examples'];

/** Type-checks and lints everything that is not the jsii library itself. */
export class Quality extends Component {
  constructor(project: awscdk.AwsCdkConstructLibrary) {
    super(project);
    for (const directory of MORE_SOURCES) {
      project.tsconfigDev.addInclude(`../${directory}/**/*.ts`);
    }
    project.tsconfigDev.addExclude('../examples/**/cdk.out');
    const eslint = javascript.Eslint.of(project)!;
    for (const directory of MORE_SOURCES) {
      eslint.addLintPattern(directory);
      eslint.allowDevDeps(`${directory}/**`);
    }
    project.addTask('check:types', {
      description: 'Type-check tests, simulator, benches and examples',
      exec: 'tsc --noEmit --project test/tsconfig.json',
    });
    project.package.setScript('lint', 'npx projen check:types && npx projen eslint');
  }
}
