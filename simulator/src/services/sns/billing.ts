import type { Protocol } from './subscription';
import type { Topic } from './topics';
import type { Meter } from '../../kernel/meter';

/**
 * Standard topics bill each request, and each 64 KB of payload as one; deliveries to queues and functions are free and counted all the
 * same. FIFO topics bill messages and their bytes, published and delivered. A filter on the body costs by the bytes that it reads.
 * https://aws.amazon.com/sns/pricing/
 */
const BILLED_CHUNK = 64 * 1024;

export function billPublish(meter: Meter, { settings }: Topic, sizes: readonly number[]) {
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (!settings.fifo) {
    meter.add('sns.requests', Math.max(1, Math.ceil(bytes / BILLED_CHUNK)));
    return;
  }
  meter.add('sns.fifo.published', sizes.length);
  meter.add('sns.fifo.publishedBytes', bytes);
}

export function billDelivery(meter: Meter, { settings }: Topic, protocol: Protocol, bytes: number) {
  meter.add(`sns.deliveries.${protocol}`, 1);
  if (settings.fifo) meter.add('sns.fifo.deliveredBytes', bytes);
}

export function billBodyFilter(meter: Meter, bytes: number) {
  meter.add('sns.bodyFilterBytes', bytes);
}
