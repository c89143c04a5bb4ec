import { Duration } from 'aws-cdk-lib';
import { StealingSettings } from './contract';
import { misuse, wholeSeconds } from '../shared/misuse';

/** Options of stealing. */
export interface LeaderStealingOptions {
  /**
   * How long a plan is in force, and a group that was stolen from steals nothing: whole seconds, from 5 seconds to 5 minutes. The leader looks five times
   * as often.
   * @default Duration.seconds(15)
   */
  readonly interval?: Duration;

  /**
   * Nothing is stolen that would wait for less where it is: what a thief loses because the task's cache, files or licence are not there.
   * @default Duration.seconds(2)
   */
  readonly minimumGain?: Duration;
}

const SHORTEST_INTERVAL = 5;
const LONGEST_INTERVAL = 300;

/** Whether idle groups take tasks from busy ones. */
export class Stealing {
  /**
   * One leader plans which idle worker takes how many tasks from which group. When it dies, another one takes over.
   * @param options how often it plans, and what a steal must gain
   */
  public static leader(options: LeaderStealingOptions = {}): Stealing {
    const { interval = Duration.seconds(15), minimumGain = Duration.seconds(2) } = options;
    const intervalSeconds = wholeSeconds(undefined, 'interval of Stealing.leader', interval);
    if (intervalSeconds < SHORTEST_INTERVAL || intervalSeconds > LONGEST_INTERVAL) {
      throw misuse(undefined, `interval of Stealing.leader must be from ${SHORTEST_INTERVAL} s to ${LONGEST_INTERVAL} s, received ${intervalSeconds} s`);
    }
    if (minimumGain.isUnresolved()) throw misuse(undefined, 'minimumGain of Stealing.leader must be known at synthesis, received a token; give it as a number');
    return new Stealing({ intervalSeconds, minimumGainSeconds: minimumGain.toSeconds({ integral: false }) });
  }

  /** Each group does what was routed to it, and nothing else. A retired or dead group's tasks wait. */
  public static disabled(): Stealing {
    return new Stealing(undefined);
  }

  private constructor(private readonly settings: StealingSettings | undefined) {
  }

  /** @internal */
  public _bind(): StealingSettings | undefined {
    return this.settings;
  }
}
