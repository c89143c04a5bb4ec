import { mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { App } from 'aws-cdk-lib';

/** Synthesizes what `build` puts into an app, lends the assembly's directory, and deletes it. */
export async function withAssembly<Result>(build: (app: App) => void, use: (directory: string) => Promise<Result>): Promise<Result> {
  const app = new App({ outdir: mkdtempSync(path.join(tmpdir(), 'bench-')) });
  try {
    build(app);
    return await use(app.synth().directory);
  } finally {
    rmSync(app.outdir, { recursive: true });
  }
}
