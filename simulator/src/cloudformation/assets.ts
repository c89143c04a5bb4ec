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
    return new AssetCatalog('the cloud assembly', (key) => files.get(key) ?? beside(directory, key));
  }

  /** A template on its own names its files relative to itself. */
  static besideTemplate(directory: string): AssetCatalog {
    return new AssetCatalog('the cloud assembly', (key) => beside(directory, key));
  }

  /** From a portable directory: keys are those below a prefix, which is a parameter of the template. */
  static ofPortableDirectory(open: (objectKey: string) => string | undefined): AssetCatalog {
    return new AssetCatalog('the portable directory', (key) => open(path.posix.basename(key)));
  }

  private constructor(private readonly place: string, private readonly find: (key: string) => string | undefined) {}

  /** The source of an asset: by its key, else by the path in the resource's metadata that `cdk synth` leaves for tools. */
  locate(bucket: string, key: string, metadataPath: unknown): string {
    const found = this.find(key) ?? (typeof metadataPath === 'string' ? this.find(metadataPath) : undefined);
    if (!found) throw new Error(`asset ${key} of bucket ${bucket} is not in ${this.place}`);
    return found;
  }

  /** The file of a nested stack's template. */
  locateTemplate(key: string): string {
    const found = this.find(key);
    if (!found) throw new Error(`nested template ${key} is not in ${this.place}`);
    return found;
  }
}

function beside(directory: string, key: string): string | undefined {
  const file = path.resolve(directory, key);
  return existsSync(file) ? file : undefined;
}
