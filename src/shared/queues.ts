import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AddToResourcePolicyResult, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption, QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgeFinding } from './acknowledge';

/** A queue that is encrypted, refuses plain-text connections, and outlives its stack unless told otherwise. */
export function secureQueue(scope: Construct, id: string, options: QueueProps): Queue {
  return new Queue(scope, id, {
    ...options,
    enforceSSL: true,
    encryption: options.encryptionMasterKey ? QueueEncryption.KMS : QueueEncryption.SQS_MANAGED,
    removalPolicy: options.removalPolicy ?? RemovalPolicy.RETAIN,
  });
}

/** A queue at the end of the line: it keeps what failed for as long as SQS can, for a person to look at. */
export function deadLetterQueue(scope: Construct, id: string, options: { encryptionKey?: IKey; removalPolicy?: RemovalPolicy }): Queue {
  const queue = secureQueue(scope, id, {
    encryptionMasterKey: options.encryptionKey,
    removalPolicy: options.removalPolicy,
    retentionPeriod: Duration.days(14),
  });
  acknowledgeFinding(queue, 'AwsSolutions-SQS3', 'this is a dead-letter queue itself');
  return queue;
}

export interface Sender {
  /** The service principal. */
  readonly service: string;
  /** The one resource on whose behalf the service sends: a topic, a rule. */
  readonly sourceArn: string;
  /** On whose behalf it may use a customer key: as narrow as can be without naming the source, which the same key may encrypt. */
  readonly keyConditions: { readonly [operator: string]: { readonly [key: string]: string } };
}

/**
 * Lets a service send to a queue on behalf of one topic or rule. Where the queue has a customer key, what the L2s of subscriptions and targets do depends on
 * feature flags. Without them any account's topics may use the key, and any account's rules send to the queue. With those of a new project the key is tied to
 * the topic; if it encrypts the topic, too, neither can be created before the other.
 */
export function letServiceSend(queue: Queue, { service, sourceArn, keyConditions }: Sender): AddToResourcePolicyResult {
  queue.encryptionMasterKey?.grant(new ServicePrincipal(service, { conditions: keyConditions }), 'kms:Decrypt', 'kms:GenerateDataKey');
  return queue.addToResourcePolicy(new PolicyStatement({
    principals: [new ServicePrincipal(service)],
    actions: ['sqs:SendMessage'],
    resources: [queue.queueArn],
    conditions: { ArnEquals: { 'aws:SourceArn': sourceArn } },
  }));
}
