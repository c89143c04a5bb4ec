const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * Seeded randomness. Each concern takes its own stream by name (`random.fork('latency')`), so that one more draw in one
 * place does not shift the draws of every other.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor(private readonly seed: string) {
    // FNV-1a spreads the seed's text over the four words of the state.
    const word = (salt: number) => {
      let hash = 0x811c9dc5 ^ salt; // eslint-disable-line no-bitwise
      for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193); // eslint-disable-line no-bitwise
      return hash >>> 0; // eslint-disable-line no-bitwise
    };
    [this.a, this.b, this.c, this.d] = [word(1), word(2), word(3), word(4)];
    for (let i = 0; i < 12; i++) this.word();
  }

  /** An independent stream that depends on this stream's seed and the name only, not on what was drawn before. */
  fork(name: string): Random {
    return new Random(`${this.seed}/${name}`);
  }

  /** A number in [0, 1) with 53 random bits. */
  next(): number {
    return ((this.word() >>> 5) * 67108864 + (this.word() >>> 6)) / 9007199254740992; // eslint-disable-line no-bitwise
  }

  /** An integer in [min, max], both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }

  pick<T>(values: readonly T[]): T {
    if (values.length === 0) throw new Error('cannot pick from an empty list');
    return values[this.integer(0, values.length - 1)];
  }

  /** A sample of the standard normal distribution (Box–Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** A version 4 UUID. */
  uuid(): string {
    const [a, b, c, d] = [this.hex(), this.hex(), this.hex(), this.hex()];
    const variant = '89ab'[this.integer(0, 3)];
    return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`;
  }

  /** Eight digits, from a table: numbers beyond 31 bits take long to print. */
  private hex(): string {
    const word = this.word();
    /* eslint-disable no-bitwise */
    return BYTES[word >>> 24] + BYTES[(word >>> 16) & 255] + BYTES[(word >>> 8) & 255] + BYTES[word & 255];
    /* eslint-enable no-bitwise */
  }

  /** One step of sfc32, a small fast counting generator that passes PractRand. */
  private word(): number {
    /* eslint-disable no-bitwise */
    const result = (((this.a + this.b) | 0) + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + result) | 0;
    return result >>> 0;
    /* eslint-enable no-bitwise */
  }
}
