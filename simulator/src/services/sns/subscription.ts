import { FilterPolicy, type FilterPolicyScope } from './filter-policy';
import type { TopicSettings } from './settings';

export type Protocol = 'sqs' | 'lambda';

/** A subscription as a template describes it. */
export interface SubscriptionProperties {
  readonly Protocol: string;
  readonly Endpoint: string;
  readonly RawMessageDelivery?: boolean | string;
  readonly FilterPolicy?: unknown;
  readonly FilterPolicyScope?: string;
  readonly RedrivePolicy?: unknown;
}

export interface Subscription {
  readonly arn: string;
  /** What people call it: in traces. */
  readonly label: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly raw: boolean;
  readonly filter?: FilterPolicy;
  readonly deadLetterArn?: string;
}

/** The service in the ARN of each protocol's endpoint. */
const PROTOCOLS: readonly string[] = ['sqs', 'lambda'];

/** https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html */
export function checkedSubscription(properties: SubscriptionProperties, topic: TopicSettings, arn: string, label: string): Subscription {
  const fail = (sentence: string) => new Error(`subscription ${label} to topic ${topic.name}: ${sentence}`);
  const { Protocol: protocol, Endpoint: endpoint } = properties;
  if (!PROTOCOLS.includes(protocol)) throw fail(`protocol '${protocol}' is not simulated; simulated: ${PROTOCOLS.join(', ')}`);
  if (typeof endpoint !== 'string' || endpoint.split(':')[2] !== protocol) {
    throw fail(`the endpoint of protocol '${protocol}' must be the ARN of a ${protocol === 'sqs' ? 'queue' : 'function'}, got ${JSON.stringify(endpoint)}`);
  }
  // Queues only, of either kind: https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html
  if (topic.fifo && protocol !== 'sqs') throw fail('a FIFO topic delivers to queues only');
  if (!topic.fifo && isFifo(endpoint)) throw fail(`a standard topic cannot deliver to a FIFO queue, but ${endpoint} is one`);
  const raw = String(properties.RawMessageDelivery ?? false) === 'true';
  // https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
  if (raw && protocol === 'lambda') throw fail('functions have no raw message delivery');
  try {
    return {
      arn, label, raw, endpoint,
      protocol: protocol as Protocol,
      filter: filterOf(properties),
      deadLetterArn: deadLetterOf(properties.RedrivePolicy, topic),
    };
  } catch (error: any) {
    throw fail(error.message);
  }
}

export function isFifo(arn: string): boolean {
  return arn.endsWith('.fifo');
}

function filterOf({ FilterPolicy: policy, FilterPolicyScope: scope = 'MessageAttributes' }: SubscriptionProperties): FilterPolicy | undefined {
  if (scope !== 'MessageAttributes' && scope !== 'MessageBody') throw new Error(`FilterPolicyScope must be MessageAttributes or MessageBody, not '${scope}'`);
  return policy === undefined || policy === '' ? undefined : FilterPolicy.compile(policy, scope as FilterPolicyScope);
}

/** FIFO topics need FIFO dead-letter queues, standard topics standard ones: https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html */
function deadLetterOf(redrivePolicy: unknown, topic: TopicSettings): string | undefined {
  if (redrivePolicy === undefined || redrivePolicy === '') return undefined;
  const policy: any = typeof redrivePolicy === 'string' ? JSON.parse(redrivePolicy) : redrivePolicy;
  const arn = policy?.deadLetterTargetArn;
  if (typeof arn !== 'string' || arn.split(':')[2] !== 'sqs') {
    throw new Error(`RedrivePolicy must have a deadLetterTargetArn with the ARN of a queue, got ${JSON.stringify(policy)}`);
  }
  if (isFifo(arn) !== topic.fifo) {
    throw new Error(`the dead-letter queue of a ${topic.fifo ? 'FIFO' : 'standard'} topic must be ${topic.fifo ? 'FIFO' : 'standard'}, but ${arn} is not`);
  }
  return arn;
}
