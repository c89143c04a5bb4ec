import { type awscdk, Component } from 'projen';

/**
 * The commands that people type. They are plain npm scripts, not projen tasks, so that their standard output is
 * theirs alone: `npm run simulate` ends in one line of JSON.
 */
export class Commands extends Component {
  constructor(project: awscdk.AwsCdkConstructLibrary) {
    super(project);
    const scripts: Record<string, string> = {
      demo: 'tsx projenrc/bundle-handlers.ts && tsx examples/demo.ts',
      synth: 'tsx projenrc/bundle-handlers.ts && tsx examples/synth.ts',
      simulate: 'tsx simulator/src/cli/simulate.ts',
      conformance: 'tsx simulator/src/cli/conformance.ts',
      campaign: 'tsx projenrc/bundle-handlers.ts && tsx test/campaigns/run.ts',
      bench: 'tsx projenrc/bundle-handlers.ts && tsx bench/run.ts',
    };
    for (const [name, command] of Object.entries(scripts)) project.package.setScript(name, command);

    for (const directory of ['projenrc', 'simulator', 'bench', 'docs', 'examples', '.ci']) {
      project.addPackageIgnore(`/${directory}/`);
    }
  }
}
