import type { BucketDirectory, BucketSettings } from './bucket';
import { lifecycleRules } from './lifecycle';
import { readableName } from '../../cloudformation/readable-name';
import type { ResourceProvider } from '../../cloudformation/resource-provider';
import type { World } from '../../service';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html */
export function bucketProvider(world: World, directory: BucketDirectory): ResourceProvider {
  return {
    type: 'AWS::S3::Bucket',
    properties: {
      BucketName: true,
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{
          ServerSideEncryptionByDefault: { SSEAlgorithm: true, KMSMasterKeyID: true },
          BucketKeyEnabled: 'inert',
          BlockedEncryptionTypes: 'inert',
        }],
      },
      LifecycleConfiguration: {
        Rules: [{
          Id: true,
          Status: true,
          Prefix: true,
          ExpirationInDays: true,
          ObjectSizeGreaterThan: true,
          ObjectSizeLessThan: true,
          // There are neither uploads in parts nor versions, and the storage class changes no answer.
          AbortIncompleteMultipartUpload: 'inert',
          ExpiredObjectDeleteMarker: 'inert',
          NoncurrentVersionExpiration: 'inert',
          NoncurrentVersionTransitions: 'inert',
          Transitions: 'inert',
        }],
        TransitionDefaultMinimumObjectSize: 'inert',
      },
      VersioningConfiguration: (value: any) => (value?.Status === 'Enabled' ? 'versioning is not simulated: a bucket keeps the latest version only' : undefined),
      PublicAccessBlockConfiguration: 'inert',
      OwnershipControls: 'inert',
      AccessControl: 'inert',
      LoggingConfiguration: 'inert',
      Tags: 'inert',
    },
    create: (resource) => {
      const { properties, path } = resource;
      const name: string = properties.BucketName ?? resource.generatedName(63).toLowerCase();
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
      if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
        throw new Error(`bucket name '${name}' is not valid: 3 to 63 lower-case letters, digits, dots and hyphens are allowed`);
      }
      const { settings } = directory.create({
        name,
        arn: `arn:aws:s3:::${name}`,
        label: readableName(path),
        encryption: encryption(name, properties.BucketEncryption),
        lifecycle: lifecycleRules(properties.LifecycleConfiguration),
      });
      const attributes = {
        Arn: settings.arn,
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${world.region}.amazonaws.com`,
        DualStackDomainName: `${name}.s3.dualstack.${world.region}.amazonaws.com`,
        WebsiteURL: `http://${name}.s3-website-${world.region}.amazonaws.com`,
      };
      return { ref: name, attributes };
    },
  };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucketpolicy.html */
export function bucketPolicyProvider(world: World, directory: BucketDirectory): ResourceProvider {
  return {
    type: 'AWS::S3::BucketPolicy',
    properties: { Bucket: true, PolicyDocument: true },
    create: (resource) => {
      const { Bucket, PolicyDocument } = resource.properties;
      world.iam.addResourcePolicy(directory.byName(Bucket).settings.arn, PolicyDocument);
      return { ref: Bucket };
    },
  };
}

function encryption(bucket: string, properties: any): BucketSettings['encryption'] {
  const { SSEAlgorithm: algorithm = 'AES256', KMSMasterKeyID: key } = properties?.ServerSideEncryptionConfiguration?.[0]?.ServerSideEncryptionByDefault ?? {};
  if (algorithm !== 'AES256' && algorithm !== 'aws:kms') throw new Error(`bucket ${bucket}: SSEAlgorithm must be AES256 or aws:kms here, got '${algorithm}'`);
  return { algorithm, key };
}
