import { createHash } from 'node:crypto';

/** What a key may be given to. */
export interface Weighted {
  readonly name: string;
  readonly weight: number;
}

/**
 * Weighted rendezvous hashing: each candidate draws a number from its name and the key, and the highest has the key. When a candidate goes, only its own keys
 * move, and they spread over the others by weight; when one comes, it only takes.
 *
 * The score −weight ÷ ln(u) is a race of exponential clocks, which a candidate wins with the chance weight ÷ sum of weights.
 * @see https://www.snia.org/sites/default/files/SDC15_presentations/dist_sys/Jason_Resch_New_Consistent_Hashings_Rev.pdf
 */
export function rendezvous<Candidate extends Weighted>(key: string, candidates: readonly Candidate[]): Candidate | undefined {
  let highest: { readonly candidate: Candidate; readonly score: number } | undefined;
  for (const candidate of candidates) {
    const score = -candidate.weight / Math.log(uniform(candidate.name, key));
    const wins = highest === undefined || score > highest.score || (score === highest.score && candidate.name < highest.candidate.name);
    if (wins) highest = { candidate, score };
  }
  return highest?.candidate;
}

/** A number strictly between 0 and 1 that depends on both and nothing else, the same in each process. */
function uniform(name: string, key: string): number {
  const bits = createHash('sha256').update(JSON.stringify([name, key])).digest().readUIntBE(0, 6);
  return (bits + 0.5) / 2 ** 48;
}
