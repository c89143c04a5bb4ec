import { Duration, type Stack } from 'aws-cdk-lib';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { allSteps, type SagaShape } from './saga-shape';

export type Direction = 'DO' | 'UNDO';

/** Megabytes of a participant's function, for its cost. */
export const PARTICIPANT_MEMORY_MB = 128;
/** Longer than any step may take: a step's timeout does not stop its function. */
const FUNCTION_TIMEOUT = Duration.minutes(2);

export function participantName(step: string, direction: Direction): string {
  return `${direction === 'DO' ? 'Do' : 'Undo'}${step}`;
}

/** Names of the functions that a saga calls. */
export function participantsOf(shape: SagaShape): { readonly name: string; readonly step: string; readonly direction: Direction }[] {
  return allSteps(shape).flatMap(({ id: step, behindPivot }) => (
    (behindPivot ? ['DO'] as const : ['DO', 'UNDO'] as const).map((direction) => ({ name: participantName(step, direction), step, direction }))
  ));
}

/** The participants' functions, with one role for all. The simulation gives them their behaviour. */
export class Participants {
  private readonly functions: ReadonlyMap<string, lambda.Function>;

  constructor(stack: Stack, shape: SagaShape) {
    const role = new Role(stack, 'ParticipantRole', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaBasicExecutionRole')],
    });
    this.functions = new Map(participantsOf(shape).map(({ name }) => [name, new lambda.Function(stack, name, {
      runtime: lambda.Runtime.NODEJS_22_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async () => null;'),
      memorySize: PARTICIPANT_MEMORY_MB,
      timeout: FUNCTION_TIMEOUT,
      role,
    })]));
  }

  doing(step: string): lambda.Function {
    return this.functions.get(participantName(step, 'DO'))!;
  }

  undoing(step: string): lambda.Function {
    return this.functions.get(participantName(step, 'UNDO'))!;
  }
}
