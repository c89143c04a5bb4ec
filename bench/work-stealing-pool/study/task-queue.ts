import type { Agenda } from './agenda';
import { RECEIVE } from './latencies';
import type { StudyTask } from './workload';

/** A task in a queue. */
export interface Queued extends StudyTask {
  /** The group to which it was routed. */
  readonly home: string;
}

interface Poll {
  readonly most: number;
  readonly answer: (tasks: readonly Queued[]) => void;
  open: boolean;
}

const MOST_AT_ONCE = 10;

/** A queue that is asked by long polls. */
export class TaskQueue {
  private tasks: Queued[] = [];
  private head = 0;
  private polls: Poll[] = [];

  constructor(private readonly agenda: Agenda) {}

  get waiting(): number {
    return this.tasks.length - this.head;
  }

  send(task: Queued): void {
    this.tasks.push(task);
    while (this.waiting > 0) {
      const poll = this.polls.shift();
      if (!poll) break;
      if (poll.open) this.answer(poll);
    }
  }

  /** Answers as soon as there is a task, and with none after so many seconds. */
  receive(most: number, waitSeconds: number, answer: Poll['answer']): void {
    const poll: Poll = { most: Math.min(most, MOST_AT_ONCE), answer, open: true };
    this.agenda.after(RECEIVE, () => {
      if (this.waiting > 0 || waitSeconds === 0) return this.answer(poll);
      this.polls.push(poll);
      this.agenda.after(waitSeconds, () => {
        if (poll.open) this.answer(poll);
      });
    });
  }

  private answer(poll: Poll): void {
    poll.open = false;
    const taken = this.tasks.slice(this.head, this.head + poll.most);
    this.head += taken.length;
    if (this.head > 1_000 && this.head * 2 > this.tasks.length) {
      this.tasks = this.tasks.slice(this.head);
      this.head = 0;
    }
    poll.answer(taken);
  }
}
