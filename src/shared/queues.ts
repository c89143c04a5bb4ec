import { Duration, RemovalPolicy } from 'aws-cdk-lib';
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
