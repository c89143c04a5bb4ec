import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption, QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgeFinding } from './acknowledge';

export interface SecureQueueOptions extends QueueProps {
  /** @default - a key that SQS manages */
  readonly encryptionMasterKey?: IKey;
}

/** A queue that is encrypted and refuses plain-text connections. */
export function secureQueue(scope: Construct, id: string, options: SecureQueueOptions): Queue {
  return new Queue(scope, id, {
    enforceSSL: true,
    encryption: options.encryptionMasterKey ? QueueEncryption.KMS : QueueEncryption.SQS_MANAGED,
    ...options,
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

