import type { Weighted } from './rendezvous';

/** One at random, by weight. */
export function drawn<Candidate extends Weighted>(candidates: readonly Candidate[], random: () => number): Candidate | undefined {
  let left = random() * candidates.reduce((sum, { weight }) => sum + weight, 0);
  for (const candidate of candidates) {
    left -= candidate.weight;
    if (left < 0) return candidate;
  }
  return candidates.at(-1); // rounding
}
