import {
  type CallFault, type DeliveryFault, type EnvironmentFault, type FaultableCall, type FaultPlan, type FaultRates, type Random, RandomFaults,
} from '../../simulator/src';

/** Every kind of fault that AWS makes its users live with, often enough that most seeds see some. */
const RATES: FaultRates = {
  throttle: 0.02,
  errorBefore: 0.01,
  errorAfter: 0.01,
  crashBefore: 0.01,
  crashAfter: 0.01,
  slow: 0.02,
  partial: 0.05,
  duplicate: 0.05,
  delay: 0.05,
  staleRead: 0.3,
  longestDelayMs: 4_000,
};

/** Random faults for everybody but the operator, who starts and inspects. */
export class CampaignFaults implements FaultPlan {
  private readonly random: RandomFaults;

  /** A pattern that depends on clocks asks for `clockSkew` too. */
  constructor(random: Random, more: FaultRates = {}) {
    this.random = new RandomFaults({ ...RATES, ...more }, random);
  }

  onCall(call: FaultableCall): CallFault | undefined {
    return call.caller === 'operator' ? undefined : this.random.onCall(call);
  }

  onDelivery(): DeliveryFault | undefined {
    return this.random.onDelivery();
  }

  onEventuallyConsistentRead(): boolean {
    return this.random.onEventuallyConsistentRead();
  }

  onEnvironment(): EnvironmentFault | undefined {
    return this.random.onEnvironment();
  }
}
