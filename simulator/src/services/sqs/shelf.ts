import type { Message } from './message';

/** In which order a queue hands out messages, and what it must hold back. */
export interface Shelf {
  /** A message has entered the queue, in whatever state. */
  add(message: Message): void;
  /** A message's state has changed. */
  changed(message: Message): void;
  remove(message: Message): void;
  /** Messages that one receive may return now, up to `max`, or fewer: whoever takes them asks again. */
  receivable(max: number): Message[];
}

interface Group {
  readonly id: string;
  /** In sending order. */
  readonly messages: Message[];
  inFlight: number;
}

/**
 * FIFO queues: messages of a group in order, and none while one of the group is in flight; as many of one group as
 * possible first. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
 */
export class FifoShelf implements Shelf {
  private readonly groups = new Map<string, Group>();
  private readonly ready = new Set<Group>();

  add(message: Message) {
    const id = message.content.groupId!;
    let group = this.groups.get(id);
    if (!group) this.groups.set(id, group = { id, messages: [], inFlight: 0 });
    group.messages.push(message);
    this.review(group);
  }

  changed(message: Message) {
    const group = this.groups.get(message.content.groupId!)!;
    group.inFlight = group.messages.filter(({ state }) => state === 'inFlight').length;
    this.review(group);
  }

  remove(message: Message) {
    const group = this.groups.get(message.content.groupId!)!;
    group.messages.splice(group.messages.indexOf(message), 1);
    if (group.messages.length === 0) {
      this.groups.delete(group.id);
      this.ready.delete(group);
    } else {
      this.changed(message);
    }
  }

  receivable(max: number): Message[] {
    const result: Message[] = [];
    for (const group of this.ready) {
      for (const message of group.messages) {
        if (message.state !== 'visible') break;
        if (result.length === max) return result;
        result.push(message);
      }
    }
    return result;
  }

  private review(group: Group) {
    if (group.inFlight === 0 && group.messages[0].state === 'visible') this.ready.add(group);
    else this.ready.delete(group);
  }
}
