import { type awscdk, Component } from 'projen';

export interface RuntimeLibraryOptions {
  /** Directory with `<library>/index.ts`, relative to the project. */
  readonly sourceDir: string;
  /** Directory that the libraries are bundled to, relative to the project; it ships in the tarball. */
  readonly outDir: string;
}

/** What users' own functions import: `cdk-integration-patterns/runtime/<library>`. It needs neither the CDK nor a build step of theirs. */
export class RuntimeLibrary extends Component {
  constructor(project: awscdk.AwsCdkConstructLibrary, { sourceDir, outDir }: RuntimeLibraryOptions) {
    super(project);
    const bundle = project.addTask('bundle:runtime', {
      description: 'Bundle the runtime libraries, with their types, as they ship in the package',
      exec: 'tsx projenrc/bundle-runtime.ts',
    });
    project.preCompileTask.spawn(bundle);
    project.addGitIgnore(`/${outDir}/`);
    project.addPackageIgnore(`!/${outDir}/`);
    project.addPackageIgnore(`/${sourceDir}/`);
    // Directories cannot be imported as ES modules. Tools ask for the manifests; everything else was never meant to be imported.
    project.package.addField('exports', {
      '.': './lib/index.js',
      './package.json': './package.json',
      './.jsii': './.jsii',
      './.warnings.jsii.js': './.warnings.jsii.js',
      [`./${outDir}/*`]: { types: `./${outDir}/*/index.d.ts`, default: `./${outDir}/*/index.js` },
      './schemas/*': './schemas/*',
    });
  }
}
