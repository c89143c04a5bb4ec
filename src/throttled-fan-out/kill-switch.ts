import { Duration } from 'aws-cdk-lib';
import { KillSwitchSettings } from './contract';
import { misuse, requireIntegerInRange, wholeSeconds } from '../shared/misuse';

/** Options of a kill switch. */
export interface KillSwitchOptions {
  /**
   * It does not open before so many deliveries of the window: from 1 to 10,000.
   * @default 10
   */
  readonly minimumDeliveries?: number;

  /**
   * Over how long the share is taken: whole seconds, at most 15 minutes.
   * @default Duration.seconds(30)
   */
  readonly window?: Duration;

  /**
   * How long it stays open before one delivery probes the target: whole seconds, at most 15 minutes. A probe that is delivered closes it.
   * @default Duration.seconds(10)
   */
  readonly probeEvery?: Duration;
}

const LONGEST = Duration.minutes(15);

/** Stops the deliveries to a target that fails, and lets one through now and then to see whether it is back. */
export class KillSwitch {
  /**
   * Opens when this share of the deliveries fails: above 0 and at most 1. Being throttled is no failure.
   * @param share for example 0.5: every second delivery
   * @param options what is measured, and how often an open switch probes
   */
  public static atErrorShare(share: number, options: KillSwitchOptions = {}): KillSwitch {
    if (!(share > 0 && share <= 1)) throw misuse(undefined, `share of KillSwitch.atErrorShare must be above 0 and at most 1, received ${share}`);
    const minimumDeliveries = options.minimumDeliveries ?? 10;
    requireIntegerInRange(undefined, 'minimumDeliveries of KillSwitch.atErrorShare', minimumDeliveries, 1, 10_000);
    return new KillSwitch({
      errorShare: share,
      minimumDeliveries,
      windowMs: milliseconds('window', options.window ?? Duration.seconds(30)),
      probeEveryMs: milliseconds('probeEvery', options.probeEvery ?? Duration.seconds(10)),
    });
  }

  /** Delivers whatever fails. */
  public static disabled(): KillSwitch {
    return new KillSwitch(undefined);
  }

  private constructor(private readonly settings: KillSwitchSettings | undefined) {
  }

  /** @internal */
  public _bind(): KillSwitchSettings | undefined {
    return this.settings;
  }
}

function milliseconds(name: string, duration: Duration): number {
  const seconds = wholeSeconds(undefined, `${name} of KillSwitch.atErrorShare`, duration);
  if (seconds > LONGEST.toSeconds()) {
    throw misuse(undefined, `${name} of KillSwitch.atErrorShare must be at most ${LONGEST.toSeconds()} s, received ${seconds} s`);
  }
  return seconds * 1000;
}
