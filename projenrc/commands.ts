import { type awscdk, Component } from 'projen';

/**
 * The commands that people type. They are plain npm scripts, not projen tasks, so that their standard output is
 * theirs alone: `npm run simulate` ends in one line of JSON.
 */
export class Commands extends Component {
  constructor(project: awscdk.AwsCdkConstructLibrary) {
    super(project);
    const bundle = 'tsx projenrc/bundle-handlers.ts && tsx projenrc/bundle-runtime.ts';
    // Its tsconfig.json lets the examples import the library by its name.
    const run = 'tsx --tsconfig examples/tsconfig.json';
    const scripts: Record<string, string> = {
      'demo': `${bundle} && ${run} examples/demo.ts`,
      'synth': `${bundle} && ${run} examples/synth.ts`,
      'simulate': 'tsx simulator/src/cli/simulate.ts',
      'conformance': 'tsx simulator/src/cli/conformance.ts',
      'campaign': `${bundle} && ${run} test/campaigns/run.ts`,
      'bench': `${bundle} && ${run} bench/run.ts`,
      'lint:templates': `${bundle} && tsx test/templates/lint.ts`,
    };
    for (const language of ['python', 'java', 'go', 'dotnet']) scripts[`test:${language}`] = `projen build:library && tsx test/packaging/languages/run.ts ${language}`;
    for (const [name, command] of Object.entries(scripts)) project.package.setScript(name, command);

    for (const directory of ['projenrc', 'simulator', 'bench', 'docs', 'examples', '.ci', '.cache', 'cdk.out']) {
      project.addPackageIgnore(`/${directory}/`);
    }
    project.addPackageIgnore('/CONTRIBUTING.md');
  }
}
