import { Duration } from 'aws-cdk-lib';
import type { Bar, Group } from './gantt';
import type { Stage } from '../stage';
import type { Job } from './typescript/functions/frame';

/** As the app has them. */
export const GROUPS: readonly Group[] = [
  { name: 'Gpu', places: 4, sign: 'G' },
  { name: 'CpuA', places: 4, sign: 'A' },
  { name: 'CpuB', places: 4, sign: 'B' },
];

/** What a render function logs when it begins. */
export interface Attempt {
  readonly frame: string;
  readonly tenant: string;
  readonly group: string;
  readonly home: string;
  readonly attempt: number;
  readonly fence: number;
  /** Milliseconds since the story began. */
  readonly at: number;
}

export interface Rendering extends Attempt {
  readonly loadMs: number;
}

const SECOND = Duration.seconds(1);
const TOLD_EVERY_SECONDS = 60;
const SUBMITTED_AFTER_SECONDS = 10;

/** One play: jobs that are submitted at once, and all that becomes of them. */
export class Play {
  readonly begun: Attempt[] = [];
  readonly rendered: Rendering[] = [];
  /** Frames that were in no queue before they were rendered or given up, at worst. */
  missing = 0;
  readonly beganAt: number;
  private readonly lines = new Map(GROUPS.map(({ name }) => [name, 0]));
  private second = 0;

  constructor(private readonly stage: Stage, private readonly jobs: readonly Job[]) {
    this.beganAt = stage.now;
    for (const job of jobs) {
      stage.tell(`${job.tenantId} submits ${job.frames} frames${job.needsGpu ? ' that need a GPU' : ''}`);
      stage.start('SubmitJob', job);
    }
  }

  get frames(): number {
    return sum(this.jobs.map(({ frames }) => frames));
  }

  get givenUp(): number {
    return sum(this.depths('DeadLetters'));
  }

  /** Until every frame is rendered or given up; each second `look` is called. */
  async untilDone(longest: Duration, look: () => void = () => undefined): Promise<void> {
    while (this.rendered.length + this.givenUp < this.frames) {
      if (this.second >= longest.toSeconds()) throw new Error(`${this.rendered.length} of ${this.frames} frames are rendered after ${this.second} s`);
      await this.pass();
      look();
    }
  }

  /** Each frame that was rendered, from its beginning to its end. */
  get bars(): Bar[] {
    const begins = new Map(this.begun.map((attempt) => [key(attempt), attempt.at]));
    return this.rendered.map(({ at, frame, tenant, group, home, loadMs, ...rest }) => (
      { frame, tenant, group, home, loadMs, from: begins.get(key({ frame, ...rest }))!, to: at }
    ));
  }

  private async pass(): Promise<void> {
    await this.stage.pass(SECOND);
    this.second++;
    for (const { name } of GROUPS) this.read(name);
    const queued = this.depths('Queue');
    if (this.isRouted()) this.missing = Math.max(this.missing, this.frames - this.rendered.length - this.givenUp - sum(queued));
    if (this.second % TOLD_EVERY_SECONDS > 0) return;
    const waiting = GROUPS.map(({ name }, index) => `${name} ${queued[index]}`).join(', ');
    this.stage.tell(`${String(this.rendered.length).padStart(3)} of ${this.frames} frames are rendered; in the queues: ${waiting}`);
  }

  private read(group: string) {
    const log = `Render${group}Logs`;
    for (const { at, message: line } of this.stage.linesOf(log, this.lines.get(group))) {
      const { message } = JSON.parse(line);
      if (message?.begins) this.begun.push({ ...message.begins, at: at - this.beganAt });
      if (message?.rendered) this.rendered.push({ ...message.rendered, at: at - this.beganAt });
    }
    this.lines.set(group, this.stage.lineCount(log));
  }

  /** All that was submitted has left the submit queue. */
  private isRouted(): boolean {
    return this.second > SUBMITTED_AFTER_SECONDS && this.stage.depth('Farm/Submit') === 0;
  }

  private depths(queue: 'Queue' | 'DeadLetters'): number[] {
    return GROUPS.map(({ name }) => this.stage.depth(`Farm/${name}/${queue}`));
  }
}

function key({ frame, fence }: Pick<Attempt, 'frame' | 'fence'>): string {
  return `${frame}#${fence}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
