/** Where the language takes its chance from: the environment, so that one seed gives one run. */
export interface Randomness {
  /** From 0 (inclusive) to 1 (exclusive). */
  random(): number;
  uuid(): string;
}

/** The first number of the sequence that a user's own seed starts (`$random(42)`, `States.MathRandom(1, 9, 42)`): the same each time. */
/* eslint-disable no-bitwise */
export function seededRandom(seed: number): number {
  // mulberry32, one round
  let state = (Math.trunc(seed) + 0x6d2b79f5) | 0;
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return ((state ^ (state >>> 14)) >>> 0) / 4294967296;
}
