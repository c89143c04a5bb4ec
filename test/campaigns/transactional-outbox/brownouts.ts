import type { CallFault, FaultableCall, Random } from '../../../simulator/src';
import { CampaignFaults } from '../faults';

/** Minutes in which a destination throttles, fails, takes a part of a batch, or does its work and does not say so. */
export interface Brownout {
  readonly service: 'events' | 'sqs';
  readonly fromMs: number;
  readonly toMs: number;
  /** How much of the calls it hits. */
  readonly share: number;
  readonly kind: 'throttle' | 'error-before' | 'error-after' | 'partial';
}

const PUBLISHING: readonly string[] = ['PutEvents', 'SendMessage', 'SendMessageBatch'];

/** The campaign's usual faults, and worse ones for whoever publishes during a brownout. */
export class FaultsWithBrownouts extends CampaignFaults {
  private readonly draw: Random;

  /** `elapsedMs`: virtual time since the start of the run. */
  constructor(random: Random, private readonly brownouts: readonly Brownout[], private readonly elapsedMs: () => number) {
    super(random.fork('anytime'));
    this.draw = random.fork('brownouts');
  }

  override onCall(call: FaultableCall): CallFault | undefined {
    const now = this.elapsedMs();
    const brownout = this.brownouts.find(({ service, fromMs, toMs }) => service === call.service && fromMs <= now && now < toMs);
    if (brownout && PUBLISHING.includes(call.operation) && this.draw.chance(brownout.share)) return brownout.kind === 'partial' ? { kind: 'partial', share: 0.5 } : { kind: brownout.kind };
    return super.onCall(call);
  }
}
