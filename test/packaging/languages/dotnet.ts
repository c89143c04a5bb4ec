import { existsSync, readdirSync, readFileSync } from 'fs';
import * as path from 'path';
import { type Assembly, lacking } from './csharp';
import type { Language } from './language';
import { isInstalled, ROOT, type Workspace } from './workspace';

interface DotnetAssembly extends Assembly {
  readonly version: string;
  readonly targets: Targets;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly dependencyClosure: Readonly<Record<string, { readonly targets: Targets }>>;
}

interface Targets {
  readonly dotnet: { readonly packageId: string; readonly namespace: string };
}

export const dotnet: Language = {
  name: '.NET',
  // Without an SDK there is less to try, and `check` says so.
  missing: () => [],
  check(workspace) {
    const assembly: DotnetAssembly = JSON.parse(readFileSync(path.join(ROOT, '.jsii'), 'utf8'));
    const { packageId, namespace } = assembly.targets.dotnet;
    const project = path.join(workspace.pack('dotnet', { options: ['--code-only'] }), packageId);
    const problems = [...lacking(assembly, sourcesOf(path.join(project, namespace), namespace)), ...projectProblems(assembly, project, workspace)];
    const compiles = isInstalled('dotnet');
    if (compiles) workspace.run('dotnet', ['build', '--configuration', 'Release'], { cwd: project });
    const compiled = compiles ? 'compiled' : 'NOT COMPILED: there is no .NET SDK on the PATH';
    return [{ what: `complete C# sources of ${Object.keys(assembly.types).length} types, generated and read, ${compiled}`, problems }];
  },
};

/** Those that are in the namespace, by file name. */
function sourcesOf(directory: string, namespace: string): Map<string, string> {
  const sources = readdirSync(directory).filter((file) => file.endsWith('.cs')).map((file): [string, string] => [file, readFileSync(path.join(directory, file), 'utf8')]);
  return new Map(sources.filter(([, source]) => new RegExp(`^namespace ${namespace}$`, 'm').test(source)));
}

/** What is wrong with how the package is called, what it depends on and what it carries, a line each. */
function projectProblems(assembly: DotnetAssembly, project: string, workspace: Workspace): string[] {
  const { packageId } = assembly.targets.dotnet;
  const tarball = `${assembly.name}-${assembly.version}.tgz`;
  const wanted: Readonly<Record<string, readonly string[]>> = {
    [`${packageId}.csproj`]: [
      `<PackageId>${packageId}</PackageId>`,
      `<PackageVersion>${assembly.version}</PackageVersion>`,
      `<EmbeddedResource Include="${tarball}" />`,
      ...Object.entries(assembly.dependencies).map(([name, range]) => (
        `<PackageReference Include="${assembly.dependencyClosure[name].targets.dotnet.packageId}" Version="${nugetRange(range)}" />`
      )),
    ],
    'AssemblyInfo.cs': [`[assembly: JsiiAssembly("${assembly.name}", "${assembly.version}", "${tarball}")]`],
  };
  const lines = Object.entries(wanted).flatMap(([file, texts]) => {
    const text = read(path.join(project, file))?.toString() ?? '';
    return texts.filter((one) => !text.includes(one)).map((one) => `${file} has no ${one}`);
  });
  const carried = read(path.join(project, tarball));
  return carried?.equals(readFileSync(workspace.npmPackage())) ? lines : [...lines, `${tarball} is not the npm package`];
}

function read(file: string): Buffer | undefined {
  return existsSync(file) ? readFileSync(file) : undefined;
}

/** `^2.178.0` is `[2.178.0,3.0.0)`. */
function nugetRange(range: string): string {
  const [, lowest, major] = /^\^((\d+)\.\d+\.\d+)$/.exec(range) ?? [];
  if (!major || major === '0') throw new Error(`expected a range like ^2.178.0, received '${range}'`);
  return `[${lowest},${Number(major) + 1}.0.0)`;
}
