import { fork } from 'child_process';
import { rmSync } from 'fs';
import * as path from 'path';
import { buildSync } from 'esbuild';
import { readExample, synthesize } from '../../examples/example';

export interface SpeedRequest {
  /** Cloud assembly of the example. */
  readonly assembly: string;
  readonly gatherings: number;
  /** Virtual time between two starts. */
  readonly everyMs: number;
  readonly machine: string;
  readonly input: object;
}

export interface Speed {
  readonly gatherings: number;
  readonly invocations: number;
  /** Real time. */
  readonly wallMs: number;
  /** Time that the process had a processor, all threads together. */
  readonly cpuMs: number;
  readonly virtualMs: number;
  readonly peakRssBytes: number;
}

/**
 * The process as plain JavaScript: what tsx makes of TypeScript on the fly names each function anew whenever it is created, which is
 * its own cost. Below the repository, so that it finds the modules there.
 */
const COMPILED = path.join(__dirname, '..', '..', '.cache', 'bench', 'speed-process.js');

/** Runs the loan broker, with its real banks and handler bundles, in a process of its own: its memory is that run's only. */
export async function measureSpeed(gatherings: number): Promise<Speed> {
  const assembly = synthesize(readExample('scatter-gather'));
  buildSync({ entryPoints: [path.join(__dirname, 'speed-process.ts')], outfile: COMPILED, bundle: true, packages: 'external', platform: 'node', target: 'node20' });
  try {
    return await new Promise<Speed>((resolve, reject) => {
      const child = fork(COMPILED, { execArgv: [] });
      child.on('message', (speed: Speed) => resolve(speed));
      child.on('error', reject);
      child.on('exit', (code) => reject(new Error(`the process that measures speed ended with code ${code} and without a figure`)));
      child.send({
        assembly, gatherings, everyMs: 20, machine: 'LoanQuotes', input: { CustomerId: 'James Eastham', LoanAmount: 567.98 },
      } satisfies SpeedRequest);
    });
  } finally {
    rmSync(assembly, { recursive: true });
  }
}
