import { DEFAULT_LATENCY, type Random } from '../../../simulator/src';

/** The 99th percentile of the standard normal distribution. */
const Z99 = 2.326;

/** Draws times from the simulator's latency model. */
export class Hops {
  readonly sqs = this.hop('sqs.call');
  readonly lambda = this.hop('lambda.call');
  readonly dynamodb = this.hop('dynamodb.call');
  readonly init = this.hop('lambda.init');

  constructor(private readonly random: Random) {}

  /** Evenly between two times. */
  between(from: number, to: number): number {
    return from + this.random.next() * (to - from);
  }

  private hop(name: string): () => number {
    const { median, p99 } = DEFAULT_LATENCY[name];
    const sigma = Math.log(p99 / median) / Z99;
    return () => median * Math.exp(sigma * this.random.normal());
  }
}
