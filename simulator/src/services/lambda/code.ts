import { existsSync, readFileSync, statSync } from 'fs';
import * as path from 'path';

/** A function's code: a directory as it is in the cloud assembly, or source text from the template. */
export class FunctionCode {
  static fromInline(source: string): FunctionCode {
    return new FunctionCode(undefined, source);
  }

  /** `owner` names it in messages, e.g. `function Shop/Double`. */
  static fromAsset(asset: string, owner: string): FunctionCode {
    if (!existsSync(asset)) throw new Error(`${owner}: its asset ${path.basename(asset)} is not in the cloud assembly`);
    if (!statSync(asset).isDirectory()) {
      throw new Error(`${owner}: its code is the file ${path.basename(asset)}; the simulator runs code from a directory, so unpack it`);
    }
    return new FunctionCode(path.resolve(asset), undefined);
  }

  private constructor(readonly directory: string | undefined, readonly inline: string | undefined) {}

  /** The CommonJS file that a `Handler` property names without its extension, in the order in which Lambda looks. */
  entryFile(name: string): string | undefined {
    return this.entryCandidates(name).find((file) => !isModule(file));
  }

  /** Throws when the handler's file is an ES module. */
  refuseModules(name: string, owner: string) {
    const file = this.directory === undefined ? undefined : this.entryCandidates(name)[0];
    if (file && isModule(file)) {
      throw new Error(`${owner}: its handler ${path.basename(file)} is an ES module; the simulator runs CommonJS bundles (esbuild: --format=cjs)`);
    }
  }

  private entryCandidates(name: string): string[] {
    const base = path.join(this.directory!, name);
    return ['', '.js', '.mjs', '.cjs'].map((extension) => base + extension).filter((file) => existsSync(file) && statSync(file).isFile());
  }
}

function isModule(file: string): boolean {
  if (file.endsWith('.mjs')) return true;
  if (file.endsWith('.cjs')) return false;
  const manifest = path.join(path.dirname(file), 'package.json');
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).type === 'module';
}
