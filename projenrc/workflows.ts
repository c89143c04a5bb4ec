import { type awscdk, Component, github } from 'projen';

/** Everyday builds make the npm package only; other languages are packaged for a release, each in its own job. */
export class Workflows extends Component {
  constructor(project: awscdk.AwsCdkConstructLibrary) {
    super(project);
    project.packageTask.reset();
    project.packageTask.spawn(project.tasks.tryFind('package:js')!);
    this.verify(project);
    this.newestCdk(project);
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
      steps: [...checkoutWith('${{ matrix.node }}'), ...TOOLCHAINS, { name: 'Verify', run: '.ci/run' }],
    });
  }

  /** The peer range has no upper end, and everyday builds have the release that they were last changed for: each week the newest one is tried. */
  private newestCdk(project: awscdk.AwsCdkConstructLibrary) {
    const workflow = project.github!.addWorkflow('newest-cdk');
    workflow.on({ schedule: [{ cron: '0 3 * * 1' }], workflowDispatch: {} });
    workflow.addJob('compatibility', {
      runsOn: ['ubuntu-latest'],
      timeoutMinutes: 30,
      permissions: { contents: github.workflows.JobPermission.READ },
      env: { CI: 'true' },
      steps: [
        ...checkoutWith('24'),
        { name: 'Install dependencies', run: 'npm ci' },
        { name: 'Newest aws-cdk-lib', run: 'npm run compatibility -- latest' },
      ],
    });
  }
}

/** Of the languages that packages are made for. */
const TOOLCHAINS: readonly github.workflows.JobStep[] = [
  { name: 'Setup Python', uses: 'actions/setup-python@v7.0.0', with: { 'python-version': '3.x' } },
  { name: 'Setup Java', uses: 'actions/setup-java@v6.0.0', with: { 'distribution': 'corretto', 'java-version': '17' } },
  { name: 'Setup Go', uses: 'actions/setup-go@v7.0.0', with: { 'go-version': '^1.25.0' } },
  { name: 'Setup .NET', uses: 'actions/setup-dotnet@v6.0.0', with: { 'dotnet-version': '6.x' } },
];

function checkoutWith(node: string): github.workflows.JobStep[] {
  return [
    { ...github.WorkflowSteps.checkout(), with: { 'persist-credentials': false } },
    { name: 'Setup Node.js', uses: 'actions/setup-node@v7.0.0', with: { 'node-version': node, 'package-manager-cache': false } },
  ];
}
