import { cpSync, readdirSync, readFileSync } from 'fs';
import * as path from 'path';

/** What one stack has in its template. */
export interface Inventory {
  /** How many resources of each type. */
  readonly types: Readonly<Record<string, number>>;
  /** The directories with its functions' code, one for each function whose code is an asset. */
  readonly assets: readonly string[];
}

interface Template {
  readonly Resources?: Readonly<Record<string, { readonly Type: string; readonly Properties?: { readonly Code?: { readonly S3Key?: unknown } } }>>;
}

/** Of the only stack in a cloud assembly. */
export function inventoryOf(assembly: string): Inventory {
  const templates = readdirSync(assembly).filter((name) => name.endsWith('.template.json'));
  if (templates.length !== 1) throw new Error(`expected one template in ${assembly}, found ${templates.length}: ${templates.join(', ')}`);
  const { Resources = {} } = JSON.parse(readFileSync(path.join(assembly, templates[0]), 'utf8')) as Template;
  const types: Record<string, number> = {};
  const assets: string[] = [];
  for (const { Type, Properties } of Object.values(Resources)) {
    types[Type] = (types[Type] ?? 0) + 1;
    const key = Properties?.Code?.S3Key;
    if (typeof key === 'string') assets.push(path.join(assembly, `asset.${path.parse(key).name}`));
  }
  return { types, assets };
}

/** Copies of its assets, by other names: what is called as a staged asset the CDK does not stage again, and that would save time. */
export function withCopiedAssets({ types, assets }: Inventory, directory: string): Inventory {
  const copyOf = (asset: string) => path.join(directory, path.basename(asset).replace('asset.', 'code-'));
  for (const asset of new Set(assets)) cpSync(asset, copyOf(asset), { recursive: true });
  return { types, assets: assets.map(copyOf) };
}

export function resourcesOf({ types }: Inventory): number {
  return Object.values(types).reduce((sum, count) => sum + count, 0);
}
