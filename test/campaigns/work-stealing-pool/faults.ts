import { type Death, MENDED_MS, type Workload } from './workload';
import type { CallFault, DeliveryFault, EnvironmentFault, FaultableCall, FaultRates, Random } from '../../../simulator/src';
import { CampaignFaults } from '../faults';

/** A runner and a leader make some calls a second, for minutes: more often than this they would do nothing but die. */
const RATES: FaultRates = { crashBefore: 0.002, crashAfter: 0.002, clockSkew: 0.5, longestClockSkewMs: 1_000 };

/** Something that went wrong. */
export interface Trouble {
  readonly at: number;
  /** Readable name of who made the call. */
  readonly who: string;
  readonly operation: string;
  readonly kind: CallFault['kind'];
}

/** The campaign's usual faults, brownouts, deaths, wrong clocks and late depths: as the weather is, and until it is mended. */
export class PoolFaults extends CampaignFaults {
  readonly troubles: Trouble[] = [];
  private readonly deaths: Death[];
  private readonly draw: Random;

  constructor(
    random: Random, private readonly plan: Pick<Workload, 'weather' | 'brownouts' | 'deaths' | 'depthLagMs'>, private readonly elapsedMs: () => number,
  ) {
    super(random.fork('anytime'), RATES);
    this.draw = random.fork('pool');
    this.deaths = [...plan.deaths];
  }

  override onCall(call: FaultableCall): CallFault | undefined {
    if (call.caller === 'operator') return undefined;
    const fault = this.isMended ? undefined : this.drawn(call);
    if (fault) this.troubles.push({ at: this.elapsedMs(), who: call.caller, operation: call.operation, kind: fault.kind });
    return fault;
  }

  override onDelivery(): DeliveryFault | undefined {
    return this.plan.weather === 'UNSTEADY' && !this.isMended ? super.onDelivery() : undefined;
  }

  override onEventuallyConsistentRead(): boolean {
    return super.onEventuallyConsistentRead() && !this.isMended;
  }

  override onEnvironment(): EnvironmentFault | undefined {
    return super.onEnvironment();
  }

  onQueueDepth(): number {
    const { depthLagMs } = this.plan;
    return depthLagMs > 0 ? this.draw.integer(0, depthLagMs) : 0;
  }

  private get isMended(): boolean {
    return this.elapsedMs() >= MENDED_MS;
  }

  private drawn(call: FaultableCall): CallFault | undefined {
    const now = this.elapsedMs();
    const due = this.deaths.findIndex(({ atMs, who }) => call.canCrash && atMs <= now && call.caller.includes(who));
    if (due >= 0) return { kind: this.deaths.splice(due, 1)[0]!.kind };
    const brownout = this.plan.brownouts.find(({ service, fromMs, toMs }) => service === call.service && fromMs <= now && now < toMs);
    if (brownout && this.draw.chance(brownout.share)) return { kind: brownout.kind };
    return this.plan.weather === 'UNSTEADY' ? super.onCall(call) : undefined;
  }
}
