import { Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AdaptiveRate, FanOutTarget, KillSwitch, Rate, ThrottledFanOut } from '../../../src';
import { targetFunction } from '../../throttled-fan-out/scene';

export const PRIORITIES = ['critical', 'normal', 'bulk'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** `Mail` gets everything, at a rate of its own choice; `Push` what is for it, with all that adapts. */
export const TARGETS = ['Mail', 'Push'] as const;
export type Target = (typeof TARGETS)[number];

export interface TargetLimits {
  readonly ratePerSecond: number;
  readonly burst: number;
  readonly maxConcurrency: number;
  /** What that leaves for one invocation. */
  readonly parallel: number;
  readonly maxAttempts: number;
  readonly maxAgeMs: number;
  readonly killSwitch?: { readonly minimumDeliveries: number; readonly probeEveryMs: number };
}

export const DELIVERY_TIMEOUT_MS = 5_000;
export const AGEING_MS = 30_000;
/** The share of the rate that aged messages have for certain. */
export const AGED_SHARE = 0.1;
/** What `Push` asks publishers for. */
export const CHANNEL = { attribute: 'channel', push: 'push' };

const HOUR_MS = 3_600_000;

export const LIMITS: Readonly<Record<Target, TargetLimits>> = {
  Mail: { ratePerSecond: 4, burst: 4, maxConcurrency: 6, parallel: 1, maxAttempts: 3, maxAgeMs: 13 * 24 * HOUR_MS },
  Push: {
    ratePerSecond: 2, burst: 3, maxConcurrency: 12, parallel: 2, maxAttempts: 4, maxAgeMs: 8 * 60_000,
    killSwitch: { minimumDeliveries: 5, probeEveryMs: 10_000 },
  },
};

export function functionOf(target: Target): string {
  return `Send${target}`;
}

/** One fan-out to two functions. */
export class CampaignStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const fanOut = new ThrottledFanOut(this, 'Notify', { priorities: [...PRIORITIES] });
    const { Mail, Push } = LIMITS;
    fanOut.addTarget('Mail', FanOutTarget.function(targetFunction(this, functionOf('Mail'))), {
      ...this.common(Mail),
      killSwitch: KillSwitch.disabled(),
      reserve: { critical: 0.2 },
    });
    fanOut.addTarget('Push', FanOutTarget.function(targetFunction(this, functionOf('Push'))), {
      ...this.common(Push),
      filter: { [CHANNEL.attribute]: [CHANNEL.push] },
      adaptive: AdaptiveRate.aimd({ floor: Rate.perSecond(0.5), latencyTarget: Duration.seconds(1) }),
      killSwitch: KillSwitch.atErrorShare(0.5, {
        minimumDeliveries: Push.killSwitch!.minimumDeliveries, probeEvery: Duration.millis(Push.killSwitch!.probeEveryMs),
      }),
    });
  }

  private common({ ratePerSecond, burst, maxConcurrency, maxAttempts, maxAgeMs }: TargetLimits) {
    return {
      rate: Rate.perSecond(ratePerSecond, { burst }),
      maxConcurrency,
      maxAttempts,
      maxAge: Duration.millis(maxAgeMs),
      deliveryTimeout: Duration.millis(DELIVERY_TIMEOUT_MS),
      ageing: Duration.millis(AGEING_MS),
    };
  }
}
