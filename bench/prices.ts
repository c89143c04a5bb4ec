/**
 * Prices in US East (N. Virginia), without free tiers and volume discounts, as published on 2026-11-20 or the date of the
 * source. The keys are the simulator's billable units, and some that it does not have: reads of streams, metrics, gigabytes of logs.
 */
export const PRICES_DATED = '2026-11-20';

export interface Price {
  /** US dollars for one unit. */
  readonly dollars: number;
  readonly what: string;
  readonly source: string;
}

const MILLION = 1_000_000;

export const PRICES: Readonly<Record<string, Price>> = {
  'states.transitions': {
    dollars: 25 / MILLION,
    what: 'Step Functions Standard, per state transition, retries included',
    source: 'https://aws.amazon.com/step-functions/pricing/',
  },
  'states.express.requests': {
    dollars: 1 / MILLION,
    what: 'Step Functions Express, per execution',
    source: 'https://aws.amazon.com/step-functions/pricing/',
  },
  'states.express.gbSeconds': {
    dollars: 0.00001667,
    what: 'Step Functions Express, per GB-second (first 1,000 GB-hours)',
    source: 'https://aws.amazon.com/step-functions/pricing/',
  },
  'lambda.requests': {
    dollars: 0.2 / MILLION,
    what: 'Lambda, per request',
    source: 'https://aws.amazon.com/lambda/pricing/',
  },
  'lambda.gbSeconds': {
    dollars: 0.0000133334,
    what: 'Lambda on arm64, per GB-second',
    source: 'https://aws.amazon.com/lambda/pricing/',
  },
  'sqs.requests': {
    dollars: 0.4 / MILLION,
    what: 'SQS standard queue, per request of 64 KB',
    source: 'https://cloudburn.io/blog/amazon-sqs-pricing (March 2026)',
  },
  'sqs.fifo.requests': {
    dollars: 0.5 / MILLION,
    what: 'SQS FIFO queue, per request of 64 KB',
    source: 'https://cloudburn.io/blog/amazon-sqs-pricing (March 2026)',
  },
  'sns.requests': {
    dollars: 0.5 / MILLION,
    what: 'SNS standard topic, per request of 64 KB; a batch is one',
    source: 'https://www.factualminds.com/blog/amazon-sns-pricing-publishes-fanout-protocols/ (June 2026)',
  },
  'sns.deliveries.sqs': {
    dollars: 0,
    what: 'SNS, per delivery to a queue',
    source: 'https://aws.amazon.com/sns/pricing/',
  },
  'pipes.requests': {
    dollars: 0.4 / MILLION,
    what: 'EventBridge Pipes, per request of 64 KB after filtering; a batch is one',
    source: 'https://cloudburn.io/blog/amazon-eventbridge-pricing (March 2026)',
  },
  'events.customEvents': {
    dollars: 1 / MILLION,
    what: 'EventBridge, per custom event of 64 KB',
    source: 'https://cloudburn.io/blog/amazon-eventbridge-pricing (March 2026)',
  },
  'dynamodb.writeUnits': {
    dollars: 0.625 / MILLION,
    what: 'DynamoDB on demand, per write request unit; a transaction takes two for each 1 KB',
    source: 'https://airbyte.com/data-engineering-resources/dynamodb-pricing (July 2025)',
  },
  'dynamodb.readUnits': {
    dollars: 0.125 / MILLION,
    what: 'DynamoDB on demand, per read request unit',
    source: 'https://airbyte.com/data-engineering-resources/dynamodb-pricing (July 2025)',
  },
  'dynamodb.streamReads': {
    dollars: 0.02 / 100_000,
    what: 'DynamoDB Streams, per GetRecords; Lambda\'s are free, other readers\' are not',
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/, https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CostOptimization_StreamsUsage.html',
  },
  'cloudwatch.metricMonths': {
    dollars: 0.3,
    what: 'CloudWatch, per custom metric and month, of the first 10,000',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
  },
  'logs.gigabytes': {
    dollars: 0.5,
    what: 'CloudWatch Logs, per GB ingested',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
  },
  'cloudwatch.putMetricData': {
    dollars: 0.01 / 1_000,
    what: 'CloudWatch, per PutMetricData',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
  },
};

/** Units that are counted but not priced here, each with the reason. */
export const UNPRICED: Readonly<Record<string, string>> = {
  'logs.bytes': 'depends on the log level that a team chooses',
};

/** What the counted units cost. A unit that has neither a price nor a reason for having none is an error. */
export function costOf(units: Readonly<Record<string, number>>): number {
  let dollars = 0;
  for (const [unit, quantity] of Object.entries(units)) {
    if (unit in UNPRICED) continue;
    const price = PRICES[unit];
    if (!price) throw new Error(`billable unit '${unit}' has no price in bench/prices.ts`);
    dollars += price.dollars * quantity;
  }
  return dollars;
}
