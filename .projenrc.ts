import { awscdk, javascript, release } from 'projen';
import { Commands } from './projenrc/commands';
import { Documentation } from './projenrc/documentation';
import { LambdaSources } from './projenrc/lambda-sources';
import { PublicApi } from './projenrc/public-api';
import { PULL_REQUEST_TEMPLATE } from './projenrc/pull-request-template';
import { Quality } from './projenrc/quality';
import { RuntimeLibrary } from './projenrc/runtime-library';
import { Simulator } from './projenrc/simulator';
import { Workflows } from './projenrc/workflows';

/** The lowest aws-cdk-lib that has what the constructs use; `npm run compatibility` compiles and tests against it. */
const CDK_FLOOR = '2.178.0';
const CONSTRUCTS_FLOOR = '10.0.5';
/** The releases that everyday builds and tests run against. */
const CDK_NEWEST = '2.276.0';
const CONSTRUCTS_NEWEST = '10.8.1';
/** docs/decisions/007: inside the tarball, so that a consumer's own version cannot conflict. */
const PIPES = '2.175.1-alpha.0';
const AWS_SDK = '^3.1000.0';
const POWERTOOLS = '2.35.0';

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-integration-patterns',
  description: 'AWS CDK constructs for application integration patterns, each promise proven by running it in a deterministic simulator',
  author: 'cdk-integration-patterns contributors',
  authorAddress: 'cdk-integration-patterns@users.noreply.github.com',
  repositoryUrl: 'https://github.com/cdk-integration-patterns/cdk-integration-patterns.git',
  license: 'Apache-2.0',
  copyrightOwner: 'the cdk-integration-patterns contributors',
  keywords: ['aws', 'cdk', 'eip', 'integration', 'scatter-gather', 'step-functions', 'eventbridge', 'sqs'],
  stability: 'experimental',
  defaultReleaseBranch: 'main',
  projenrcTs: true,
  projenVersion: '0.103.25',
  minNodeVersion: '20.0.0',
  workflowNodeVersion: '24',
  packageManager: javascript.NodePackageManager.NPM,

  jsiiVersion: '~6.0.16',
  typescriptVersion: '~6.0.3',
  cdkVersion: CDK_FLOOR,
  constructsVersion: CONSTRUCTS_FLOOR,
  peerDependencyOptions: { pinnedDevDependency: false },
  lambdaAutoDiscover: false,
  integrationTestAutoDiscover: false,

  publishToPypi: { distName: 'cdk-integration-patterns', module: 'cdk_integration_patterns' },
  publishToMaven: {
    javaPackage: 'io.github.cdkintegrationpatterns',
    mavenGroupId: 'io.github.cdk-integration-patterns',
    mavenArtifactId: 'cdk-integration-patterns',
  },
  publishToNuget: { dotNetNamespace: 'CdkIntegrationPatterns', packageId: 'CdkIntegrationPatterns' },
  publishToGo: { moduleName: 'github.com/cdk-integration-patterns/cdk-integration-patterns-go', packageName: 'cdkintegrationpatterns' },

  // The parser of JSONata's own authors: expressions are checked at synthesis, in every language. fflate zips the assets of portable templates.
  deps: ['jsonata@2.2.2', 'fflate@0.8.3', `@aws-cdk/aws-pipes-alpha@${PIPES}`, `@aws-cdk/aws-kinesisfirehose-alpha@${PIPES}`],
  bundledDeps: ['jsonata', 'fflate', '@aws-cdk/aws-pipes-alpha', '@aws-cdk/aws-kinesisfirehose-alpha'],

  devDeps: [
    `aws-cdk-lib@${CDK_NEWEST}`,
    'aws-cdk@2.1148.1',
    'cdk-nag@3.0.2',
    'asl-validator@^4.0.0',
    'fast-check@^4.10.0',
    'tsx@^4.23.0',
    'esbuild@^0.28.0',
    '@types/aws-lambda@^8.10.0',
    `@aws-sdk/client-dynamodb@${AWS_SDK}`,
    `@aws-sdk/lib-dynamodb@${AWS_SDK}`,
    `@aws-sdk/client-eventbridge@${AWS_SDK}`,
    `@aws-sdk/client-sfn@${AWS_SDK}`,
    `@aws-sdk/client-sqs@${AWS_SDK}`,
    `@aws-sdk/client-sns@${AWS_SDK}`,
    `@aws-sdk/client-s3@${AWS_SDK}`,
    `@aws-sdk/client-lambda@${AWS_SDK}`,
    `@aws-sdk/client-cloudwatch@${AWS_SDK}`,
    `@aws-lambda-powertools/logger@${POWERTOOLS}`,
    `@aws-lambda-powertools/metrics@${POWERTOOLS}`,
    `@aws-lambda-powertools/idempotency@${POWERTOOLS}`,
    'lossless-json@^4.0.0',
    'ajv@^8.17.0',
    'ajv-formats@^3.0.1',
  ],

  eslintOptions: { dirs: ['src'], commandOptions: { fix: false, extraArgs: ['--max-warnings=0'] } },
  jestOptions: {
    jestVersion: '^30',
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    passWithNoTests: false,
    // Nothing here is about speed: a test that is slow on a busy machine has not failed.
    jestConfig: { collectCoverage: false, moduleFileExtensions: ['ts', 'js', 'json', 'node'], testTimeout: 600_000 },
  },
  docgen: true,
  release: true,
  // A release is a person's decision: they run the workflow on main.
  releaseTrigger: release.ReleaseTrigger.workflowDispatch(),
  postBuildSteps: PublicApi.BEFORE_PUBLISHING,
  depsUpgrade: true,
  depsUpgradeOptions: { workflowOptions: { schedule: javascript.UpgradeDependenciesSchedule.WEEKLY } },
  buildWorkflowOptions: { mutableBuild: false },
  githubOptions: { mergify: false, pullRequestLint: false },
  pullRequestTemplateContents: PULL_REQUEST_TEMPLATE,
  gitignore: ['cdk.out/', '__pycache__/', '.venv/', '.DS_Store', '*.tsbuildinfo', '/simulator/lib/', '/.cache/'],
});

// Not among devDeps: there projen would replace it by the peer's floor.
project.addDevDeps(`constructs@${CONSTRUCTS_NEWEST}`);

// 1.13.0 lists platform packages that were never published, and with them `npm ci` refuses the lock file.
project.package.addPackageResolutions('unrs-resolver@1.12.2');
// Otherwise npm takes the peers of a bundled dependency, aws-cdk-lib among them, for bundled too (docs/decisions/007).
new javascript.NpmConfig(project).addConfig('legacy-peer-deps', 'true');

new Simulator(project);
new LambdaSources(project, { sourceDir: 'lambda-src', assetDir: 'assets' });
new RuntimeLibrary(project, { sourceDir: 'runtime-src', outDir: 'runtime' });
new Quality(project);
new Documentation(project);
new PublicApi(project);
new Commands(project);
new Workflows(project);

project.synth();
