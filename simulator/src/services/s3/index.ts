import { BucketDirectory } from './bucket';
import { s3Operations } from './operations';
import { bucketPolicyProvider, bucketProvider } from './resources';
import type { Service, World } from '../../service';

export interface BucketReport {
  readonly name: string;
  readonly arn: string;
  readonly keys: readonly string[];
}

export interface S3Service extends Service {
  /** What is in each bucket now. */
  buckets(): BucketReport[];
}

/** Amazon S3: objects that are put, read, listed and expire; what a claim check needs. */
export function s3Service(world: World): S3Service {
  const directory = new BucketDirectory();
  return {
    name: 's3',
    operations: s3Operations(world, directory),
    resources: [bucketProvider(world, directory), bucketPolicyProvider(world, directory)],
    buckets: () => directory.all().map(({ settings, objects }) => ({ name: settings.label, arn: settings.arn, keys: [...objects.keys()] })),
  };
}
