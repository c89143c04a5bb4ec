import { type awscdk, Component, type github } from 'projen';

const CHECK = 'tsx projenrc/api/check.ts';

/** Each release keeps what the one before had, but for what `.compatignore` names. */
export class PublicApi extends Component {
  /** Of the release's workflow, before anything is published. */
  public static readonly BEFORE_PUBLISHING: github.workflows.JobStep[] = [{ name: 'Public API', run: `npx ${CHECK}` }];

  constructor(project: awscdk.AwsCdkConstructLibrary) {
    super(project);
    // projen's own compares only where something was released, asks for what is stable only, and passes when the registry is silent.
    project.removeTask('compat');
    project.addTask('check:api', {
      description: 'Fails on changes of the public API that break users of the newest release, or of the release, tarball or directory given',
      steps: [{ spawn: 'build:library' }, { exec: CHECK, receiveArgs: true }],
    });
    project.addPackageIgnore('/.compatignore');
  }
}
