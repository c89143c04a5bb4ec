import { type awscdk, Component, JsonFile } from 'projen';

/** The simulator: a second npm package in this repository, installed by the root's `npm ci` as a workspace. */
export class Simulator extends Component {
  constructor(project: awscdk.AwsCdkConstructLibrary) {
    super(project);
    project.package.addField('workspaces', ['simulator']);
    new JsonFile(project, 'simulator/package.json', {
      obj: {
        name: 'cdk-integration-patterns-simulator',
        version: '0.0.0',
        description: 'Runs a synthesized AWS CDK cloud assembly in one process under a virtual clock, with IAM enforced and faults injected from a seed',
        license: 'Apache-2.0',
        private: true,
        main: 'src/index.ts',
        engines: { node: '>= 20.0.0' },
        dependencies: {
          fflate: '0.8.3',
          jsonata: '2.2.2',
        },
      },
    });
  }
}
