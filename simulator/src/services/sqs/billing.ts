import type { Queue } from './queue';
import type { World } from '../../service';

/** SQS bills each request, and each 64 KB of payload as one; FIFO queues have a price of their own: https://aws.amazon.com/sqs/pricing/ */
const BILLED_CHUNK = 64 * 1024;

export function billRequest(world: World, { settings }: Queue, payloadBytes: number = 0) {
  world.meter.add(settings.fifo ? 'sqs.fifo.requests' : 'sqs.requests', Math.max(1, Math.ceil(payloadBytes / BILLED_CHUNK)));
}
