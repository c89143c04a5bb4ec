import { type awscdk, Component, github } from 'projen';

/** Everyday builds make the npm package only; other languages are packaged for a release, each in its own job. */
export class Workflows extends Component {
  constructor(project: awscdk.AwsCdkConstructLibrary) {
    super(project);
    project.packageTask.reset();
    project.packageTask.spawn(project.tasks.tryFind('package:js')!);
    this.verify(project);
    // It pushes nothing: files that the build changes fail it.
    project.github!.tryFindWorkflow('build')!.file!.addOverride('jobs.build.permissions.contents', 'read');
  }

  /** All of `.ci/run`, on every Node.js release that the library supports. */
  private verify(project: awscdk.AwsCdkConstructLibrary) {
    const workflow = project.github!.addWorkflow('verify');
    workflow.on({ pullRequest: {}, push: { branches: ['main'] }, workflowDispatch: {} });
    workflow.addJob('verify', {
      runsOn: ['ubuntu-latest'],
      timeoutMinutes: 40,
      permissions: { contents: github.workflows.JobPermission.READ },
      strategy: { failFast: false, matrix: { domain: { node: ['20', '22', '24'] } } },
      env: { CI: 'true' },
      steps: [
        { ...github.WorkflowSteps.checkout(), with: { 'persist-credentials': false } },
        { name: 'Setup Node.js', uses: 'actions/setup-node@v7.0.0', with: { 'node-version': '${{ matrix.node }}', 'package-manager-cache': false } },
        { name: 'Verify', run: '.ci/run' },
      ],
    });
  }
}
