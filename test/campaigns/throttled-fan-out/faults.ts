import { DELIVERY_TIMEOUT_MS, type Target, TARGETS } from './stack';
import type { Workload } from './workload';
import type { CallFault, FaultableCall, FaultRates, Random } from '../../../simulator/src';
import { CampaignFaults } from '../faults';

/** An invocation makes some twenty calls; one that dies keeps its messages for the visibility timeout, which is minutes. */
const UNSTEADY: FaultRates = { crashBefore: 0.002, crashAfter: 0.002, throttle: 0.01 };
const STEADY: FaultRates = { crashBefore: 0, crashAfter: 0, throttle: 0, errorBefore: 0, errorAfter: 0 };
/** As far as the limiter says that it copes with, and every other environment has one. */
const CLOCKS: FaultRates = { clockSkew: 0.5, longestClockSkewMs: 5_000 };

/** The campaign's usual faults, wrong clocks, and brownouts of the services that the dispatchers use. */
export class FanOutFaults extends CampaignFaults {
  /** Deliveries that failed whatever the target did. */
  readonly failedUnseen: Record<Target, number> = { Mail: 0, Push: 0 };
  /** When a dispatcher died, in milliseconds since the start. */
  readonly deaths: Record<Target, number[]> = { Mail: [], Push: [] };
  /** When a target's answer did not reach its dispatcher, in milliseconds since the start. */
  readonly unheard: Record<Target, number[]> = { Mail: [], Push: [] };
  private readonly draw: Random;

  constructor(random: Random, private readonly plan: Pick<Workload, 'unsteady' | 'brownouts'>, private readonly elapsedMs: () => number) {
    super(random.fork('anytime'), { ...(plan.unsteady ? UNSTEADY : STEADY), ...CLOCKS });
    this.draw = random.fork('brownouts');
  }

  override onCall(call: FaultableCall): CallFault | undefined {
    const target = TARGETS.find((each) => call.canCrash && call.caller.includes(`Notify/${each}/`));
    const fault = this.drawn(call, target);
    if (!target || !fault) return fault;
    if (fault.kind.startsWith('crash')) this.deaths[target].push(this.elapsedMs());
    if (call.service !== 'lambda') return fault;
    // How long the way to a target takes is not the limiter's: its slots say when a message sets out.
    if (fault.kind === 'slow') return undefined;
    if (fault.kind === 'error-before' || fault.kind === 'error-after') this.failedUnseen[target]++;
    if (fault.kind === 'error-after') this.unheard[target].push(this.elapsedMs());
    return fault;
  }

  private drawn(call: FaultableCall, target: Target | undefined): CallFault | undefined {
    const now = this.elapsedMs();
    const brownout = this.plan.brownouts.find(({ service, fromMs, toMs }) => service === call.service && fromMs <= now && now < toMs);
    if (target && brownout && this.draw.chance(brownout.share)) return { kind: brownout.kind };
    return super.onCall(call);
  }
}

/** From here on a delivery has failed for its dispatcher. */
export const FAILED_AFTER_MS = DELIVERY_TIMEOUT_MS - 100;
