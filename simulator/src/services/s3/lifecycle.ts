import type { Bucket } from './bucket';
import type { StoredObject } from './object';
import type { World } from '../../service';

export interface LifecycleRule {
  readonly id: string;
  readonly prefix: string;
  readonly expirationDays: number;
  readonly largerThan?: number;
  readonly smallerThan?: number;
}

const DAY_MS = 86_400_000;

/** A template's rules; only those that are enabled and expire objects do something here. */
export function lifecycleRules(properties: any): LifecycleRule[] {
  return (properties?.Rules ?? []).flatMap((rule: any, index: number): LifecycleRule[] => {
    if (rule.Status !== 'Enabled' || rule.ExpirationInDays === undefined) return [];
    const expirationDays = Number(rule.ExpirationInDays);
    const id = rule.Id ?? `rule-${index + 1}`;
    if (!Number.isInteger(expirationDays) || expirationDays < 1) {
      throw new Error(`lifecycle rule ${id}: ExpirationInDays must be an integer of 1 or more, got ${JSON.stringify(rule.ExpirationInDays)}`);
    }
    return [{ id, prefix: rule.Prefix ?? '', expirationDays, largerThan: numberOr(rule.ObjectSizeGreaterThan), smallerThan: numberOr(rule.ObjectSizeLessThan) }];
  });
}

/**
 * An object expires at the midnight (UTC) after its days have passed, and goes then, in the background. AWS may take longer.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html#intro-lifecycle-rules-number-of-days
 */
export function scheduleExpiration(world: World, bucket: Bucket, object: StoredObject) {
  const { kernel, trace } = world;
  const days = bucket.settings.lifecycle.filter((rule) => applies(rule, object)).map(({ expirationDays }) => expirationDays);
  if (days.length === 0) return;
  const due = object.lastModified + Math.min(...days) * DAY_MS;
  const midnight = Math.ceil(due / DAY_MS) * DAY_MS;
  kernel.schedule(midnight - kernel.now, () => {
    // It may have been replaced or deleted meanwhile.
    if (bucket.objects.get(object.key) !== object) return;
    bucket.objects.delete(object.key);
    trace.record({ at: kernel.now, subject: bucket.settings.label, event: 's3.expire', detail: { key: object.key } });
  }, { background: true });
}

function applies({ prefix, largerThan = -1, smallerThan = Infinity }: LifecycleRule, { key, body }: StoredObject): boolean {
  return key.startsWith(prefix) && body.length > largerThan && body.length < smallerThan;
}

function numberOr(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}
