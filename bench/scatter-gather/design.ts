import type { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ThinkTimes } from './banks';
import type { FunctionOverride, Outcome, Simulation } from '../../simulator/src';

/** One way to ask many banks and to gather their replies. */
export interface Design {
  readonly name: string;
  readonly stack: new (scope: Construct, id: string, banks: number) => Stack;
  /** What a bank does with a request. */
  bank(name: string, thinkTimes: ThinkTimes, simulation: () => Simulation): FunctionOverride;
  /** How many replies the outcome has. Throws when it is not the kind of outcome that the design promises. */
  replies(outcome: Outcome): number;
}

/** Construct id of the state machine, or of what has it inside. */
export const MACHINE = 'LoanQuotes';
