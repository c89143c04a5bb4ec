/**
 * Synthesizes one stack in a process of its own, compiled into the project where the packages are installed. The only argument is the request, the only
 * output the answer. The clock starts when all that the library exports is loaded, and stops when the cloud assembly is written. What aws-cdk-lib loads when it
 * is first used is in the first time.
 */
import { rmSync } from 'fs';
import { App, AssetStaging, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Inventory } from './inventory';

export type Content =
  | { readonly of: 'ours'; readonly patterns: readonly string[] }
  | { readonly of: 'theirs'; readonly pattern: string }
  | { readonly of: 'plain'; readonly inventory: Inventory };

export interface SynthRequest {
  /** Loaded before the clock starts, also where it is not used: otherwise what it loads of aws-cdk-lib would be in the time of others only. */
  readonly library: string;
  readonly content: Content;
  readonly outdir: string;
  /** How many times the stack is synthesized, each time from nothing. */
  readonly times: number;
}

/** Of each time. */
export interface Synthesis {
  readonly milliseconds: readonly number[];
}

/** What fills the stack. Nobody's uses load another's library. */
async function loadContent(content: Content, library: Readonly<Record<string, any>>): Promise<(stack: Stack) => void> {
  switch (content.of) {
    case 'ours': {
      const { OUR_USES } = await import('./our-uses.js');
      return (stack) => {
        for (const pattern of content.patterns) OUR_USES[pattern](new Construct(stack, pattern));
      };
    }
    case 'theirs': {
      const { THEIR_USES } = await import('./their-uses.js');
      return (stack) => THEIR_USES[content.pattern](stack, library);
    }
    case 'plain': {
      const { addPlainResources } = await import('./plain-stack.js');
      return (stack) => addPlainResources(stack, content.inventory);
    }
  }
}

function timeToSynthesize(fill: (stack: Stack) => void, outdir: string): number {
  // Otherwise only the first time would pay for the hashes of its assets.
  AssetStaging.clearAssetHashCache();
  rmSync(outdir, { recursive: true, force: true });
  const start = performance.now();
  const app = new App({ outdir, analyticsReporting: false });
  fill(new Stack(app, 'Stack'));
  app.synth();
  return performance.now() - start;
}

async function main({ library, content, outdir, times }: SynthRequest) {
  const loaded = await import(library);
  // A library may load what it exports on first use.
  Object.values(loaded);
  const fill = await loadContent(content, loaded);
  const answer: Synthesis = { milliseconds: Array.from({ length: times }, () => timeToSynthesize(fill, outdir)) };
  process.stdout.write(JSON.stringify(answer));
}

void main(JSON.parse(process.argv[2]));
