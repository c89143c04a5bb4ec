import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { CLAIM_CHECK_PREFIX } from './contract';
import { acknowledgeFinding, acknowledgeWildcard } from '../shared/acknowledge';
import { grantExactly } from '../shared/grants';

/** Rows are deleted some days after they have expired, and what was delivered late is still redelivered. */
const OUTLIVES_ROWS_DAYS = 8;

export interface ClaimCheckBucketProps {
  readonly retention: Duration;
  readonly encryptionKey?: IKey;
  readonly removalPolicy?: RemovalPolicy;
}

/** Holds payloads that are too large for an event. */
export function claimCheckBucket(scope: Construct, id: string, props: ClaimCheckBucketProps): Bucket {
  const { retention, encryptionKey, removalPolicy } = props;
  const bucket = new Bucket(scope, id, {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    encryption: encryptionKey ? BucketEncryption.KMS : BucketEncryption.S3_MANAGED,
    encryptionKey,
    bucketKeyEnabled: encryptionKey && true,
    lifecycleRules: [{
      expiration: Duration.days(Math.ceil(retention.toDays({ integral: false })) + OUTLIVES_ROWS_DAYS),
      abortIncompleteMultipartUploadAfter: Duration.days(1),
    }],
    removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN,
  });
  acknowledgeFinding(bucket, 'AwsSolutions-S1', 'who reads a payload is in the trace of the event that refers to it; access logs would need a bucket without end');
  return bucket;
}

/** Lets somebody put payloads into the bucket. */
export function grantPutPayloads(bucket: IBucket, grantee: IGrantable): Grant {
  return grantPayloads(bucket, grantee, 's3:PutObject', 'kms:GenerateDataKey');
}

/** Lets somebody read payloads out of the bucket. */
export function grantGetPayloads(bucket: IBucket, grantee: IGrantable): Grant {
  return grantPayloads(bucket, grantee, 's3:GetObject', 'kms:Decrypt');
}

function grantPayloads(bucket: IBucket, grantee: IGrantable, action: string, keyAction: string): Grant {
  const resourceArn = bucket.arnForObjects(`${CLAIM_CHECK_PREFIX}*`);
  acknowledgeWildcard(grantee, resourceArn, 'the keys of claim checks are made of event ids, which are not known in advance');
  return grantExactly(grantee, resourceArn, [action], bucket.encryptionKey, [keyAction]);
}
