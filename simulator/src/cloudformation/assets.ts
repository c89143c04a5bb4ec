import { existsSync } from 'fs';
import * as path from 'path';
import { readJson } from './json-file';

/** Where the files are that a deployment would upload. */
export class AssetCatalog {
  /** From the manifests of an assembly: each file asset's source by its object key. */
  static ofAssembly(directory: string, manifestFiles: readonly string[]): AssetCatalog {
    const files = new Map<string, string>();
    for (const manifestFile of manifestFiles) {
      const manifest = readJson(manifestFile);
      for (const asset of Object.values<any>(manifest.files ?? {})) {
        if (!asset.source?.path) continue;
        for (const { objectKey } of Object.values<any>(asset.destinations ?? {})) files.set(objectKey, path.resolve(directory, asset.source.path));
      }
    }
    return new AssetCatalog(directory, files);
  }

  /** A template on its own names its files relative to itself. */
  static besideTemplate(directory: string): AssetCatalog {
    return new AssetCatalog(directory, new Map());
  }

  private constructor(private readonly directory: string, private readonly files: ReadonlyMap<string, string>) {}

  find(key: string): string | undefined {
    const known = this.files.get(key);
    if (known) return known;
    const beside = path.resolve(this.directory, key);
    return existsSync(beside) ? beside : undefined;
  }

  /** The source of an asset: by its key, else by the path in the resource's metadata that `cdk synth` leaves for tools. */
  locate(bucket: string, key: string, metadataPath: unknown): string {
    const found = this.find(key) ?? (typeof metadataPath === 'string' ? this.find(metadataPath) : undefined);
    if (!found) throw new Error(`asset ${key} of bucket ${bucket} is not in the cloud assembly`);
    return found;
  }
}
