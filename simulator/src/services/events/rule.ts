import type { EventPattern } from './pattern';
import type { Schedule } from './schedule';
import type { RuleTarget } from './target';

export interface EventBus {
  readonly name: string;
  readonly arn: string;
  readonly rules: Map<string, Rule>;
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly bus: EventBus;
  /** The readable name in traces and errors. */
  readonly label: string;
  enabled: boolean;
  readonly pattern?: EventPattern;
  readonly schedule?: Schedule;
  readonly targets: readonly RuleTarget[];
}
