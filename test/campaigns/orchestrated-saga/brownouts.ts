import type { CallFault, DeliveryFault, FaultableCall, FaultableDelivery, Random } from '../../../simulator/src';
import { CampaignFaults } from '../faults';
import { MENDED_MS } from './workload';

/** A while in which a service throttles, fails, or does its work and does not say so. */
export interface Brownout {
  readonly service: 'dynamodb' | 'sqs' | 'events' | 'lambda' | 'states';
  readonly fromMs: number;
  readonly toMs: number;
  /** How much of the calls it hits. */
  readonly share: number;
  readonly kind: 'throttle' | 'error-before' | 'error-after';
}

/** Chance that the end of an execution is told to its recovery twice. */
const TOLD_TWICE = 0.2;
/** Each read draws for itself: more often than this, an execution that ended long ago would look as if it ran still in all of a recovery's attempts. */
const STALE = 0.1;
const LONGEST_DELAY_MS = 4_000;

/** The campaign's usual faults, brownouts, participants that die, and deaths that are told twice. */
export class SagaFaults extends CampaignFaults {
  private readonly draw: Random;

  /** `elapsedMs`: virtual time since the start of the run. */
  constructor(
    random: Random,
    private readonly plan: { readonly brownouts: readonly Brownout[]; readonly participantDies: number; readonly recoverIsDown: boolean },
    private readonly elapsedMs: () => number,
  ) {
    super(random.fork('anytime'));
    this.draw = random.fork('sagas');
  }

  override onCall(call: FaultableCall): CallFault | undefined {
    if (call.caller === 'operator') return undefined;
    const now = this.elapsedMs();
    const { brownouts, participantDies, recoverIsDown } = this.plan;
    const brownout = brownouts.find(({ service, fromMs, toMs }) => service === call.service && fromMs <= now && now < toMs);
    if (brownout && this.draw.chance(brownout.share)) return { kind: brownout.kind };
    if (recoverIsDown && now < MENDED_MS && call.operation === 'Invoke' && call.target?.includes('Recover')) return { kind: 'throttle' };
    if (call.canCrash && call.operation === 'TransactWriteItems' && this.draw.chance(participantDies)) {
      return { kind: this.draw.pick(['crash-before', 'crash-after', 'crash-after'] as const) };
    }
    return super.onCall(call);
  }

  override onDelivery(delivery?: FaultableDelivery): DeliveryFault | undefined {
    if (delivery?.kind === 'event' && delivery.subject.includes('Deaths') && this.draw.chance(TOLD_TWICE)) {
      return { duplicatesAfterMs: [this.draw.integer(1, LONGEST_DELAY_MS)] };
    }
    return super.onDelivery();
  }

  override onEventuallyConsistentRead(): boolean {
    return this.draw.chance(STALE);
  }
}
