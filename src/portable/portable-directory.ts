import { createHash } from 'crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'fs';
import * as path from 'path';
import { Stack } from 'aws-cdk-lib';
import { requiredCapabilities } from './capabilities';
import { PortableFile, PortableManifest } from './manifest';
import { zipDirectory } from './zip';
import { misuse } from '../shared/misuse';

/** A file asset on its way into a portable directory. */
export interface PortableAsset {
  /** What messages call it. */
  readonly name: string;
  /** From the cloud assembly's directory, or absolute. */
  readonly source: string;
  /** Whether it is a directory that is to become a zip file. */
  readonly zipped: boolean;
}

/** `<stack>.portable` in a cloud assembly. */
export class PortableDirectory {
  private readonly directory: string;

  constructor(private readonly stack: Stack, private readonly assembly: string) {
    this.directory = path.join(assembly, `${stack.artifactId}.portable`);
  }

  /** Deletes what an earlier synthesis left, so that nothing is there that the manifest does not have. */
  clear() {
    rmSync(this.directory, { recursive: true, force: true });
  }

  write(assets: ReadonlyMap<string, PortableAsset>, parameters: { readonly bucket: string; readonly prefix: string }) {
    mkdirSync(path.join(this.directory, 'assets'), { recursive: true });
    const source = readFileSync(path.join(this.assembly, this.stack.templateFile));
    const template = JSON.parse(source.toString('utf8'));
    const nested = nestedStacks(this.stack).map(({ templateFile }) => JSON.parse(readFileSync(path.join(this.assembly, templateFile), 'utf8')));
    for (const name of assets.size > 0 ? [parameters.bucket, parameters.prefix] : []) this.requireFree(name, template);
    const keys = [...assets.keys()].sort();
    const manifest: PortableManifest = {
      formatVersion: 1,
      stack: { name: this.stack.stackName, description: template.Description },
      parameters: assets.size > 0 ? parameters : {},
      capabilities: requiredCapabilities([template, ...nested]),
      template: this.file('template.json', `${sha256(source)}.template.json`, source),
      assets: keys.map((key) => this.file(`assets/${key}`, key, this.content(assets.get(key)!))),
    };
    writeFileSync(path.join(this.directory, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  }

  private file(name: string, objectKey: string, content: Uint8Array): PortableFile {
    writeFileSync(path.join(this.directory, name), content);
    return { path: name, objectKey, sha256: sha256(content), bytes: content.length };
  }

  private content({ name, source, zipped }: PortableAsset): Uint8Array {
    const file = path.resolve(this.assembly, source);
    try {
      return zipped ? zipDirectory(file) : readFileSync(file);
    } catch (error) {
      throw misuse(this.stack, `asset '${name}' cannot be packed: ${(error as Error).message}`);
    }
  }

  /** Parameters and resources share their names, and the CDK does not look. */
  private requireFree(name: string, template: any) {
    if (name in (template.Resources ?? {})) {
      throw misuse(this.stack, `'${name}' is a parameter of the portable template and cannot be the logical id of a resource too; name the parameter otherwise`);
    }
  }
}

/** Nested stacks are written before the stack that they belong to. */
function nestedStacks(stack: Stack): Stack[] {
  const belongs = (one: Stack): boolean => one === stack || (one.nestedStackParent !== undefined && belongs(one.nestedStackParent));
  return stack.node.findAll().filter((one): one is Stack => one !== stack && Stack.isStack(one) && belongs(one));
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
