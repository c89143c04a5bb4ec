import { rmSync } from 'fs';
import type { Contender } from './contenders';
import { OURS, type Installation } from './installation';
import { inventoryOf, resourcesOf, withCopiedAssets } from './inventory';
import { interleaved, ratioOf, type Spread, spreadOf } from './rounds';
import type { Content, Synthesis, SynthRequest } from './synth-process';

/** Further times that all five patterns and the plain resources are synthesized in the same process. */
const AGAIN = 4;

/** Times in milliseconds. */
export interface SynthTime {
  readonly name: string;
  readonly resources: number;
  readonly first: Spread;
}

export interface SynthTimes {
  readonly ours: readonly SynthTime[];
  readonly theirs: readonly SynthTime[];
  readonly all: SynthTime;
  readonly plain: SynthTime;
  /** Of all five patterns to as many plain resources, in a fresh process. */
  readonly ratio: Spread;
  /** The same when all is loaded and has run before. */
  readonly ratioAgain: Spread;
}

interface Case {
  readonly name: string;
  readonly library: string;
  readonly content: Content;
  readonly times: number;
}

interface Round {
  readonly first: number;
  readonly again: number;
  readonly resources: number;
}

export function measureSynthesis({ call, directory }: Pick<Installation, 'call' | 'directory'>, contenders: readonly Contender[], rounds: number): SynthTimes {
  const synth = ({ library, content, times }: Case, outdir: string): Synthesis => call('synth-process', { library, content, times, outdir } satisfies SynthRequest);
  const run = (each: Case): Round => {
    const outdir = directory();
    const [first, ...again] = synth(each, outdir).milliseconds;
    const resources = resourcesOf(inventoryOf(outdir));
    rmSync(outdir, { recursive: true });
    return { first, again: again.length > 0 ? spreadOf(again).median : NaN, resources };
  };

  const all: Case = { name: 'all five', library: OURS, content: { of: 'ours', patterns: contenders.map(({ pattern }) => pattern) }, times: 1 + AGAIN };
  const model = directory();
  synth({ ...all, times: 1 }, model);
  const cases: readonly Case[] = [
    all,
    { name: 'plain resources', library: OURS, content: { of: 'plain', inventory: withCopiedAssets(inventoryOf(model), directory()) }, times: 1 + AGAIN },
    ...contenders.flatMap(({ pattern, name }): readonly Case[] => [
      { name: pattern, library: OURS, content: { of: 'ours', patterns: [pattern] }, times: 1 },
      { name, library: name, content: { of: 'theirs', pattern }, times: 1 },
    ]),
  ];
  const [ofAll, ofPlain, ...ofOthers] = interleaved(cases, rounds, run);
  const timeOf = (results: readonly Round[], index: number): SynthTime => ({
    name: cases[index].name, resources: results[0].resources, first: spreadOf(results.map(({ first }) => first)),
  });
  const others = ofOthers.map((results, index) => timeOf(results, index + 2));
  const ratio = (of: (round: Round) => number) => ratioOf(ofAll.map(of), ofPlain.map(of));
  return {
    ours: others.filter((_, index) => index % 2 === 0),
    theirs: others.filter((_, index) => index % 2 === 1),
    all: timeOf(ofAll, 0),
    plain: timeOf(ofPlain, 1),
    ratio: ratio(({ first }) => first),
    ratioAgain: ratio(({ again }) => again),
  };
}

