import { existsSync, statSync } from 'fs';
import * as path from 'path';
import { AssetCatalog } from './assets';
import { readJson } from './json-file';
import { portableDirectoryAt, readPortableDirectory } from './portable-directory';
import { checkTemplate, isObject, type Template } from './template';

/** A stack as it was synthesized. */
export interface StackSource {
  /** The name that it has in CloudFormation. */
  readonly name: string;
  /** What else a user may call it: the artifact's id, the construct path. */
  readonly aliases: readonly string[];
  readonly template: Template;
  /** Ids of the artifacts that it depends on. */
  readonly dependencies: readonly string[];
  /** Construct paths by logical id. */
  readonly paths: ReadonlyMap<string, string>;
  readonly assets: AssetCatalog;
  /** Values of parameters that nobody else needs to give. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** `aws://account/region` where the app says so. */
  readonly account?: string;
  readonly region?: string;
  /** The template of a nested stack, from the key of its asset. */
  nested(key: string): { readonly template: Template; readonly paths: ReadonlyMap<string, string> };
}

/** Reads a cloud assembly (`cdk.out`), a portable directory, or a single template file. */
export function readAssembly(location: string): StackSource[] {
  if (!existsSync(location)) throw new Error(`${location} does not exist: give a cloud assembly directory (cdk.out) or a template file`);
  const portable = portableDirectoryAt(location);
  if (portable !== undefined) return [readPortableStack(portable)];
  if (!statSync(location).isDirectory()) return [readTemplateFile(location)];
  const stacks = readDirectory(location);
  if (stacks.length === 0) throw new Error(`${location} has no stacks: its manifest.json lists no artifact of type aws:cloudformation:stack`);
  return stacks;
}

function readDirectory(directory: string): StackSource[] {
  const file = path.join(directory, 'manifest.json');
  if (!existsSync(file)) throw new Error(`${directory} is not a cloud assembly: it has no manifest.json (run cdk synth first)`);
  const manifest = readJson(file);
  if (!isObject(manifest) || !isObject(manifest.artifacts)) throw new Error(`${file}: a cloud assembly's manifest lists artifacts, this one does not`);
  const assets = AssetCatalog.ofAssembly(directory, Object.values(manifest.artifacts)
    .filter((artifact) => artifact.type === 'cdk:asset-manifest')
    .map((artifact) => path.join(directory, artifact.properties.file)));
  return Object.entries<any>(manifest.artifacts).flatMap(([id, artifact]) => {
    if (artifact.type === 'cdk:cloud-assembly') return readDirectory(path.join(directory, artifact.properties.directoryName));
    return artifact.type === 'aws:cloudformation:stack' ? [readStack(directory, id, artifact, assets)] : [];
  });
}

function readStack(directory: string, id: string, artifact: any, published: AssetCatalog): StackSource {
  const templateFile: string = artifact.properties.templateFile;
  const paths = new ConstructPaths(directory, artifact, templateFile);
  const portable = portableDirectoryAt(path.join(directory, `${id}.portable`));
  const { assets, parameters } = portable === undefined ? { assets: published, parameters: {} } : readPortableDirectory(portable);
  const [, account, region] = /^aws:\/\/([^/]+)\/([^/]+)$/.exec(artifact.environment ?? '') ?? [];
  return {
    name: artifact.properties.stackName ?? id,
    aliases: [id, ...(artifact.displayName ? [artifact.displayName] : [])],
    template: readTemplate(path.join(directory, templateFile)),
    dependencies: artifact.dependencies ?? [],
    paths: paths.of(templateFile),
    assets,
    parameters,
    account: account === 'unknown-account' ? undefined : account,
    region: region === 'unknown-region' ? undefined : region,
    nested: (key) => {
      const file = assets.locateTemplate(key);
      return { template: readTemplate(file), paths: paths.of(path.basename(file)) };
    },
  };
}

function readPortableStack(directory: string): StackSource {
  const { stackName, templateFile, parameters, assets } = readPortableDirectory(directory);
  return {
    name: stackName,
    aliases: [],
    template: readTemplate(templateFile),
    dependencies: [],
    paths: new Map(),
    assets,
    parameters,
    nested: (key) => ({ template: readTemplate(assets.locateTemplate(key)), paths: new Map() }),
  };
}

function readTemplateFile(file: string): StackSource {
  const name = path.basename(file).replace(/(\.template)?\.json$/, '');
  return {
    name,
    aliases: [],
    template: readTemplate(file),
    dependencies: [],
    paths: new Map(),
    assets: AssetCatalog.besideTemplate(path.dirname(file)),
    nested: (key) => ({ template: readTemplate(path.join(path.dirname(file), key)), paths: new Map() }),
  };
}

function readTemplate(file: string): Template {
  return checkTemplate(readJson(file), file);
}

/** The construct path of each logical id, from the assembly's metadata; paths in templates are optional and often off. */
class ConstructPaths {
  /** By template file, then by logical id. */
  private readonly byTemplate = new Map<string, Map<string, string>>();

  constructor(directory: string, artifact: any, stackTemplate: string) {
    const metadata: Record<string, ReadonlyArray<{ readonly type: string; readonly data?: unknown }>> = {
      ...(artifact.metadata ?? {}),
      ...(artifact.additionalMetadataFile ? readJson(path.join(directory, artifact.additionalMetadataFile)) : {}),
    };
    const templates = new Map<string, string>();
    for (const [construct, entries] of Object.entries(metadata)) {
      for (const { type, data } of entries) if (type === 'aws:cdk:templateFile') templates.set(construct, String(data));
    }
    for (const [construct, entries] of Object.entries(metadata)) {
      for (const { type, data } of entries) {
        if (type === 'aws:cdk:logicalId') this.of(templateOf(construct, templates) ?? stackTemplate).set(String(data), construct.replace(/^\//, ''));
      }
    }
  }

  of(templateFile: string): Map<string, string> {
    let paths = this.byTemplate.get(templateFile);
    if (!paths) this.byTemplate.set(templateFile, paths = new Map());
    return paths;
  }
}

/** The template of the nearest stack above a construct: its own stack, or a nested one. */
function templateOf(construct: string, templates: ReadonlyMap<string, string>): string | undefined {
  for (let at = construct; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    if (templates.has(at)) return templates.get(at);
  }
  return undefined;
}
