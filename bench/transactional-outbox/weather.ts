import { OPERATOR } from './operator';
import type { CallFault, DeliveryFault, FaultableCall, FaultableDelivery, FaultPlan } from '../../simulator/src';

type Breakage = (call: FaultableCall) => CallFault | undefined;

/** Faults that come and go while a simulation runs. Whoever writes orders is spared: what was not committed is nobody's loss. */
export class Weather implements FaultPlan {
  private readonly broken = new Map<string, Breakage>();
  private storm?: FaultPlan;

  /** From now on, and until `mends`. */
  breaks(what: string, how: Breakage) {
    this.broken.set(what, how);
  }

  mends(what: string) {
    this.broken.delete(what);
  }

  /** Chances for everybody; none ends it. */
  turns(storm?: FaultPlan) {
    this.storm = storm;
  }

  onCall(call: FaultableCall): CallFault | undefined {
    if (call.caller === OPERATOR.name) return undefined;
    for (const breakage of this.broken.values()) {
      const fault = breakage(call);
      if (fault) return fault;
    }
    return this.storm?.onCall(call);
  }

  onDelivery(delivery: FaultableDelivery): DeliveryFault | undefined {
    return this.storm?.onDelivery(delivery);
  }

  onEventuallyConsistentRead(subject: string): boolean {
    return this.storm?.onEventuallyConsistentRead(subject) ?? false;
  }
}
