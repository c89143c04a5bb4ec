import type { Random } from './random';

/** Median and 99th percentile of one kind of hop, in milliseconds. */
export interface Latency {
  readonly median: number;
  readonly p99: number;
}

/** How long each kind of hop takes. The names are those that services ask for; an unknown name is a programming error. */
export type LatencyModel = Readonly<Record<string, Latency>>;

/**
 * Asynchronous hops are third-party measurements (median/p99: SQS 16/105, SNS 73/225, Step Functions Standard async start
 * 142/313, EventBridge 148/387, DynamoDB Streams 213/552). Calls are what AWS customers usually see inside a region; they
 * are a model, not a measurement, and a scenario may replace them.
 */
export const DEFAULT_LATENCY: LatencyModel = {
  'dynamodb.call': { median: 4, p99: 15 },
  'sqs.call': { median: 6, p99: 25 },
  'events.call': { median: 12, p99: 45 },
  'states.call': { median: 14, p99: 60 },
  'lambda.call': { median: 5, p99: 20 },
  // Over the internet, without the time that the endpoint takes.
  'http.call': { median: 30, p99: 150 },
  'default.call': { median: 10, p99: 40 },
  'sqs.delivery': { median: 16, p99: 105 },
  'sns.delivery': { median: 73, p99: 225 },
  'states.start': { median: 142, p99: 313 },
  'states.transition': { median: 12, p99: 40 },
  'events.delivery': { median: 148, p99: 387 },
  'dynamodb.stream': { median: 213, p99: 552 },
  'lambda.async': { median: 20, p99: 120 },
  'lambda.init': { median: 250, p99: 600 },
};

/** The 99th percentile of the standard normal distribution. */
const Z99 = 2.326;

/** Draws hop times from log-normal distributions with the model's medians and 99th percentiles. */
export class LatencySampler {
  constructor(private readonly model: LatencyModel, private readonly random: Random) {}

  /** One hop's time in milliseconds, rounded to a microsecond so that sums print the same everywhere. */
  sample(hop: string): number {
    const latency = this.model[hop];
    if (!latency) throw new Error(`no latency is known for '${hop}'; known: ${Object.keys(this.model).join(', ')}`);
    if (latency.median === 0) return 0;
    const sigma = Math.log(latency.p99 / latency.median) / Z99;
    return Math.round(latency.median * Math.exp(sigma * this.random.normal()) * 1000) / 1000;
  }

  /** A request's time on the wire and in the service; services without an entry of their own take the default. */
  call(service: string): number {
    return this.sample(`${service}.call` in this.model ? `${service}.call` : 'default.call');
  }
}
