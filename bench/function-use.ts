import type { Units } from './units';
import type { TraceEntry } from '../simulator/src';

/** Tells the invocations of some functions from all others, by the trace: the meter has only their sum. */
export class FunctionUse {
  private requests = 0;
  private billedMs = 0;
  private readonly running = new Map<unknown, number>();

  constructor(private readonly isOne: (functionName: string) => boolean, private readonly memoryMb: number) {}

  observe({ event, subject, at, detail }: TraceEntry) {
    if (!event.startsWith('lambda.') || !this.isOne(subject)) return;
    if (event === 'lambda.start') this.running.set(detail!.requestId, at);
    if (event !== 'lambda.end') return;
    this.requests++;
    this.billedMs += Math.ceil(at - this.running.get(detail!.requestId)!);
    this.running.delete(detail!.requestId);
  }

  units(): Units {
    return { 'lambda.requests': this.requests, 'lambda.gbSeconds': (this.billedMs / 1000) * (this.memoryMb / 1024) };
  }
}
