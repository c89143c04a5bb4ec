import { Annotations, Duration, Token } from 'aws-cdk-lib';
import { CfnApiDestination, EventField, IApiDestination, IEventBus, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EVENT, IDEMPOTENCY_HEADER } from './contract';

export interface ApiDestinationRuleProps {
  readonly description: string;
  readonly bus: IEventBus;
  readonly target: string;
  readonly destination: IApiDestination;
  readonly ratePerSecond: number;
  readonly maxAge: Duration;
  readonly deadLetterQueue: Queue;
}

/** EventBridge's longest and its shortest. @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html */
const LONGEST_EVENT_AGE = Duration.hours(24);
const MOST_RETRIES = 185;

/** Sends the deliveries of one target, which the bus has as events, to its API destination. */
export function apiDestinationRule(scope: Construct, id: string, props: ApiDestinationRuleProps): Rule {
  const { bus, target, destination, deadLetterQueue } = props;
  warnAboutRate(scope, props);
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html#eb-dlq-perms
  deadLetterQueue.encryptionMasterKey?.grant(new ServicePrincipal('events.amazonaws.com'), 'kms:Decrypt', 'kms:GenerateDataKey');
  return new Rule(scope, id, {
    eventBus: bus,
    description: props.description,
    eventPattern: { source: [EVENT.SOURCE], detailType: [EVENT.DETAIL_TYPE], detail: { target: [target] } },
    targets: [new targets.ApiDestination(destination, {
      event: RuleTargetInput.fromEventPath('$.detail'),
      headerParameters: { [IDEMPOTENCY_HEADER]: EventField.fromPath('$.detail.id') },
      deadLetterQueue,
      maxEventAge: Duration.seconds(Math.min(props.maxAge.toSeconds(), LONGEST_EVENT_AGE.toSeconds())),
      retryAttempts: MOST_RETRIES,
    })],
  });
}

/** An imported destination does not tell its limit. */
function warnAboutRate(scope: Construct, { destination, target, ratePerSecond }: ApiDestinationRuleProps): void {
  const resource = destination.node.children.find((child): child is CfnApiDestination => child instanceof CfnApiDestination);
  if (!resource) return;
  const limit = resource.invocationRateLimitPerSecond;
  if (limit !== undefined && (Token.isUnresolved(limit) || limit >= ratePerSecond)) return;
  Annotations.of(scope).addWarningV2(
    'cdk-integration-patterns:throttledFanOutApiDestinationRate',
    limit === undefined
      ? `the API destination of target '${target}' has no rateLimitPerSecond, so EventBridge takes 300; set it to the target's rate of ${ratePerSecond} a second`
      : `the API destination of target '${target}' has a rateLimitPerSecond of ${limit}, below the target's rate of ${ratePerSecond}; what is above waits at EventBridge for at most a day`,
  );
}
