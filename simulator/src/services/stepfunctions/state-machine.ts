import type { Caller, World } from '../../service';
import type { ExecutionType } from './asl/environment';
import { StateMachine as Definition } from './asl/state-machine';
import { checkTasks } from './definition-check';
import { checkName, MAX_DEFINITION_BYTES } from './limits';
import { checkLogging, useTracing } from './observability';

/** What makes a state machine. */
export interface StateMachineProperties {
  readonly name: string;
  /** The definition in Amazon States Language, as JSON. */
  readonly definition: string;
  readonly roleArn: string;
  /** @default STANDARD */
  readonly type?: ExecutionType;
  /** Readable name, for traces. @default the name */
  readonly label?: string;
  /** Whether it logs to CloudWatch. @default false */
  readonly logging?: boolean;
  /** Whether it sends traces to X-Ray. @default false */
  readonly tracing?: boolean;
}

/** A state machine that exists. */
export interface StateMachine {
  readonly arn: string;
  readonly name: string;
  readonly label: string;
  readonly type: ExecutionType;
  readonly roleArn: string;
  readonly creationDate: number;
  readonly definitionText: string;
  readonly definition: Definition;
  /** What its tasks call services as. */
  readonly caller: Caller;
}

const SERVICE_PRINCIPAL = 'states.amazonaws.com';

/** Checks everything that CreateStateMachine checks; throws one sentence that names the state machine. */
export function createStateMachine(world: World, properties: StateMachineProperties): StateMachine {
  const { name, definition: definitionText, roleArn, type = 'STANDARD', label = name } = properties;
  const refuse = (reason: string) => new Error(`state machine '${label}': ${reason}`);
  if (type !== 'STANDARD' && type !== 'EXPRESS') throw refuse(`the type must be STANDARD or EXPRESS, not ${JSON.stringify(type)}`);
  if (typeof roleArn !== 'string' || !/^arn:[^:]+:iam::\d*:role\/.+/.test(roleArn)) {
    throw refuse(`RoleArn must be the ARN of a role, not ${JSON.stringify(roleArn)}`);
  }
  const arn = `arn:aws:states:${world.region}:${world.account}:stateMachine:${name}`;
  if (!world.iam.canAssume(SERVICE_PRINCIPAL, roleArn, arn)) throw refuse(`${SERVICE_PRINCIPAL} may not assume role ${roleArn}`);
  if (Buffer.byteLength(definitionText, 'utf8') > MAX_DEFINITION_BYTES) throw refuse(`the definition has more than ${MAX_DEFINITION_BYTES} bytes`);
  try {
    checkName(name);
    const definition = Definition.parse(definitionText);
    const caller: Caller = { principal: { kind: 'role', arn: roleArn }, name: label };
    checkTasks(world, definition.definition, type, caller);
    if (properties.logging) checkLogging(world, caller);
    if (properties.tracing) useTracing(world, caller);
    return {
      arn,
      name,
      label,
      type,
      roleArn,
      creationDate: world.kernel.now,
      definitionText,
      definition,
      caller,
    };
  } catch (error: any) {
    throw refuse(String(error?.message));
  }
}
