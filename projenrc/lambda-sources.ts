import { readdirSync } from 'fs';
import * as path from 'path';
import { type awscdk, Component, SourceCode } from 'projen';

export interface LambdaSourcesOptions {
  /** Directory that is searched for `*.lambda.ts`, relative to the project. */
  readonly sourceDir: string;
  /** Directory the bundles are written to, relative to the project; it ships in the tarball. */
  readonly assetDir: string;
}

/** The Lambda runtime the handlers are bundled for: the newest Node.js LTS that Lambda offers. */
export const HANDLER_RUNTIME = { name: 'nodejs24.x', esbuildTarget: 'node24' };

/**
 * Turns every `lambda-src/<pattern>/<name>.lambda.ts` into a bundle in `assets/<pattern>/<name>/index.js`
 * and a generated construct `src/<pattern>/<name>-function.ts` that reads the bundle by path.
 *
 * projen's own `lambdaAutoDiscover` looks into `src/` only, and its bundling ignores esbuild's warnings.
 */
export class LambdaSources extends Component {
  constructor(project: awscdk.AwsCdkConstructLibrary, options: LambdaSourcesOptions) {
    super(project);
    for (const entry of lambdaEntries(options.sourceDir)) {
      this.generateFunctionClass(entry, options.assetDir);
    }

    const checkHandlers = project.addTask('check:handlers', {
      description: 'Type-check the handlers (esbuild does not)',
      exec: `tsc --noEmit --project ${options.sourceDir}/tsconfig.json`,
    });
    const bundle = project.addTask('bundle', {
      description: 'Bundle the handlers into the assets that ship in the package; an esbuild warning is an error',
      exec: 'tsx projenrc/bundle-handlers.ts',
    });
    project.preCompileTask.spawn(checkHandlers);
    project.preCompileTask.spawn(bundle);

    project.addGitIgnore(`/${options.assetDir}/`);
    project.addPackageIgnore(`!/${options.assetDir}/`);
    project.addPackageIgnore(`/${options.sourceDir}/`);
  }

  private generateFunctionClass(entry: LambdaEntry, assetDir: string) {
    const file = `src/${entry.pattern}/${entry.name}-function.ts`;
    const className = `${pascalCase(entry.name)}Function`;
    const assetPath = path.posix.relative(`src/${entry.pattern}`, `${assetDir}/${entry.pattern}/${entry.name}`);
    const source = new SourceCode(this.project, file);
    if (source.marker) source.line(`// ${source.marker}`);
    source.line("import * as path from 'path';");
    source.line("import * as lambda from 'aws-cdk-lib/aws-lambda';");
    source.line("import { Construct } from 'constructs';");
    source.line();
    source.line(`/** Runs \`${entry.file}\` from the bundle that ships in this package. */`);
    source.open(`export class ${className} extends lambda.Function {`);
    source.open('constructor(scope: Construct, id: string, props: lambda.FunctionOptions) {');
    source.open('super(scope, id, {');
    source.line('...props,');
    source.line(`runtime: new lambda.Runtime('${HANDLER_RUNTIME.name}', lambda.RuntimeFamily.NODEJS, { supportsInlineCode: true }),`);
    source.line('architecture: lambda.Architecture.ARM_64,');
    source.line("handler: 'index.handler',");
    source.line(`code: lambda.Code.fromAsset(path.join(__dirname, '${assetPath}')),`);
    source.close('});');
    source.close('}');
    source.close('}');
  }
}

export interface LambdaEntry {
  readonly pattern: string;
  readonly name: string;
  readonly file: string;
}

/** Every handler entry point below `sourceDir`, sorted, so that generated files never depend on the file system's order. */
export function lambdaEntries(sourceDir: string): LambdaEntry[] {
  return readdirSync(sourceDir, { withFileTypes: true })
    .filter((pattern) => pattern.isDirectory())
    .flatMap((pattern) =>
      readdirSync(path.join(sourceDir, pattern.name))
        .filter((file) => file.endsWith('.lambda.ts'))
        .map((file) => ({
          pattern: pattern.name,
          name: path.basename(file, '.lambda.ts'),
          file: path.join(sourceDir, pattern.name, file),
        })),
    )
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

function pascalCase(kebab: string): string {
  return kebab.split('-').map((word) => word[0].toUpperCase() + word.slice(1)).join('');
}
