import { s3Error } from './errors';
import type { LifecycleRule } from './lifecycle';
import type { Encryption, StoredObject } from './object';

export interface BucketSettings {
  readonly name: string;
  readonly arn: string;
  /** What people call it: in traces. */
  readonly label: string;
  /** For objects that are put without an encryption of their own; S3's own keys unless told otherwise. */
  readonly encryption: { readonly algorithm: Encryption['algorithm']; readonly key?: string };
  readonly lifecycle: readonly LifecycleRule[];
}

export interface Bucket {
  readonly settings: BucketSettings;
  readonly objects: Map<string, StoredObject>;
}

/** All buckets of the account. */
export class BucketDirectory {
  private readonly buckets = new Map<string, Bucket>();

  create(settings: BucketSettings): Bucket {
    if (this.buckets.has(settings.name)) throw new Error(`bucket ${settings.name} exists already: two buckets of the templates have this name`);
    const bucket: Bucket = { settings, objects: new Map() };
    this.buckets.set(settings.name, bucket);
    return bucket;
  }

  all(): Bucket[] {
    return [...this.buckets.values()];
  }

  byName(name: unknown): Bucket {
    const bucket = this.buckets.get(String(name));
    if (!bucket) throw s3Error('NoSuchBucket', 'The specified bucket does not exist', { BucketName: String(name) });
    return bucket;
  }
}
