import { awscdk, javascript } from 'projen';
import { Commands } from './projenrc/commands';
import { LambdaSources } from './projenrc/lambda-sources';
import { Quality } from './projenrc/quality';
import { Simulator } from './projenrc/simulator';

/** The lowest aws-cdk-lib that has what the constructs use; `npm run compatibility` compiles and tests against it. */
const CDK_FLOOR = '2.189.1';
/** The release that everyday builds and tests run against. */
const CDK_NEWEST = '2.276.0';
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
  constructsVersion: '10.4.2',
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

  // The parser of JSONata's own authors, inside the tarball: expressions are checked at synthesis, in every language.
  deps: ['jsonata@2.2.2'],
  bundledDeps: ['jsonata'],

  devDeps: [
    `aws-cdk-lib@${CDK_NEWEST}`,
    'constructs@10.8.1',
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
    `@aws-sdk/client-lambda@${AWS_SDK}`,
    `@aws-sdk/client-cloudwatch@${AWS_SDK}`,
    `@aws-lambda-powertools/batch@${POWERTOOLS}`,
    `@aws-lambda-powertools/logger@${POWERTOOLS}`,
    `@aws-lambda-powertools/metrics@${POWERTOOLS}`,
  ],

  jestOptions: {
    jestVersion: '^30',
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    jestConfig: {
      collectCoverage: false,
      testMatch: ['<rootDir>/test/**/*.test.ts', '<rootDir>/simulator/test/**/*.test.ts'],
      moduleFileExtensions: ['ts', 'js', 'json', 'node'],
    },
  },
  docgen: true,
  release: true,
  depsUpgrade: true,
  githubOptions: { mergify: false },
  pullRequestTemplate: true,
  gitignore: ['cdk.out/', '.DS_Store', '*.tsbuildinfo', '/simulator/lib/', '/.cache/'],
});

new Simulator(project);
new LambdaSources(project, { sourceDir: 'lambda-src', assetDir: 'assets' });
new Quality(project);
new Commands(project);

project.synth();
