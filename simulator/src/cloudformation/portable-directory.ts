import { createHash } from 'crypto';
import { existsSync, readFileSync } from 'fs';
import * as path from 'path';
import { AssetCatalog } from './assets';
import { readJson } from './json-file';
import { describe, isObject } from './template';
import { inside, unpacked } from './zip-file';

const FORMAT_VERSION = 1;
/** Where a user would have put the assets; a prefix, since a template that forgets it should not work here. */
const PLACE: Readonly<Record<string, string>> = { bucket: 'portable-assets', prefix: 'simulated/' };

/** What is in the place of a cloud assembly where a stack was synthesized to be deployed without the CDK: a template, its assets as files to upload, a manifest. */
export interface PortableDirectory {
  readonly stackName: string;
  readonly templateFile: string;
  /** Values of the template's parameters for the place of the assets. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly assets: AssetCatalog;
}

interface PortableFile {
  readonly path: string;
  readonly objectKey: string;
  readonly sha256: string;
}

/** The portable directory that this is, or whose template this is; undefined where it is something else. */
export function portableDirectoryAt(location: string): string | undefined {
  const file = path.join(location, 'manifest.json');
  if (existsSync(file)) return isPortable(readJson(file)) ? location : undefined;
  const directory = path.dirname(location);
  const manifestFile = path.join(directory, 'manifest.json');
  if (!location.endsWith('.json') || !existsSync(manifestFile)) return undefined;
  const manifest = readJson(manifestFile);
  return isPortable(manifest) && manifest.template.path === path.basename(location) ? directory : undefined;
}

/** @throws a sentence when a file is not the one that the manifest has the sum of */
export function readPortableDirectory(directory: string): PortableDirectory {
  const manifest = readJson(path.join(directory, 'manifest.json'));
  if (manifest.formatVersion !== FORMAT_VERSION) {
    throw new Error(`${directory}: its manifest has format version ${describe(manifest.formatVersion)}, and the simulator knows ${FORMAT_VERSION}`);
  }
  const assets = new Map<string, PortableFile>(manifest.assets.map((asset: PortableFile) => [asset.objectKey, asset]));
  for (const file of [manifest.template, ...assets.values()]) checkSum(directory, file);
  return {
    stackName: manifest.stack.name,
    templateFile: path.join(directory, manifest.template.path),
    parameters: Object.fromEntries(Object.entries<string>(manifest.parameters).map(([place, name]) => [name, PLACE[place]])),
    assets: AssetCatalog.ofPortableDirectory((objectKey) => {
      const asset = assets.get(objectKey);
      if (!asset) return undefined;
      const file = path.join(directory, asset.path);
      return file.endsWith('.zip') ? unpacked(file, asset.sha256) : file;
    }),
  };
}

function isPortable(manifest: unknown): manifest is { readonly template: { readonly path: string } } {
  return isObject(manifest) && 'formatVersion' in manifest && isObject(manifest.template) && Array.isArray(manifest.assets);
}

function checkSum(directory: string, { path: name, sha256 }: PortableFile) {
  const file = path.join(directory, inside(name, `${directory}/manifest.json`));
  if (!existsSync(file)) throw new Error(`${file} is in the manifest and does not exist; copy the whole directory, or synthesize it again`);
  const actual = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (actual !== sha256) {
    throw new Error(`${file} is not the file that the manifest was written for: its SHA-256 sum is ${actual}, expected ${sha256}; synthesize it again`);
  }
}
