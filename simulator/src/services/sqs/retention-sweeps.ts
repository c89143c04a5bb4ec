import type { Message } from './message';
import type { QueueSettings } from './settings';
import type { Kernel } from '../../kernel/kernel';

/** When the retention period of a message ends. */
export function expiryOf({ sentAt }: Message, { retentionMs }: QueueSettings): number {
  return sentAt + retentionMs;
}

/** Lets messages of a queue expire when nobody receives them. */
export class RetentionSweeps {
  private scheduled = false;

  constructor(
    private readonly kernel: Kernel,
    private readonly settings: QueueSettings,
    private readonly messages: ReadonlyMap<number, Message>,
    private readonly expire: (message: Message) => void,
  ) {}

  /** Sees to it that the oldest message will expire. */
  schedule() {
    if (this.scheduled || this.messages.size === 0) return;
    let next = Infinity;
    for (const message of this.messages.values()) next = Math.min(next, expiryOf(message, this.settings));
    this.scheduled = true;
    this.kernel.schedule(Math.max(0, next - this.kernel.now), () => {
      this.scheduled = false;
      for (const message of [...this.messages.values()]) if (expiryOf(message, this.settings) <= this.kernel.now) this.expire(message);
      this.schedule();
    }, { background: true });
  }
}
