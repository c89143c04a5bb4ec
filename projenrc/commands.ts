import { type awscdk, Component } from 'projen';

/**
 * The commands that people type. They are plain npm scripts, not projen tasks, so that their standard output is
 * theirs alone: `npm run simulate` ends in one line of JSON.
 */
export class Commands extends Component {
  constructor(project: awscdk.AwsCdkConstructLibrary) {
    super(project);
    // examples/tsconfig.json lets the examples import the library by its name.
    const scripts: Record<string, string> = {
      'demo': 'tsx projenrc/bundle-handlers.ts && tsx projenrc/bundle-runtime.ts && tsx --tsconfig examples/tsconfig.json examples/demo.ts',
      'synth': 'tsx projenrc/bundle-handlers.ts && tsx projenrc/bundle-runtime.ts && tsx --tsconfig examples/tsconfig.json examples/synth.ts',
      'simulate': 'tsx simulator/src/cli/simulate.ts',
      'conformance': 'tsx simulator/src/cli/conformance.ts',
      'campaign': 'tsx projenrc/bundle-handlers.ts && tsx --tsconfig examples/tsconfig.json test/campaigns/run.ts',
      'bench': 'tsx projenrc/bundle-handlers.ts && tsx --tsconfig examples/tsconfig.json bench/run.ts',
      'lint:templates': 'tsx projenrc/bundle-handlers.ts && tsx projenrc/bundle-runtime.ts && tsx test/templates/lint.ts',
    };
    for (const language of ['python', 'java', 'go', 'dotnet']) scripts[`test:${language}`] = `projen build:library && tsx test/packaging/languages/run.ts ${language}`;
    for (const [name, command] of Object.entries(scripts)) project.package.setScript(name, command);

    for (const directory of ['projenrc', 'simulator', 'bench', 'docs', 'examples', '.ci', '.cache', 'cdk.out']) {
      project.addPackageIgnore(`/${directory}/`);
    }
    project.addPackageIgnore('/CONTRIBUTING.md');
  }
}
