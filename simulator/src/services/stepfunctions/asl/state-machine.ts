import { MachineDefinition } from './definition';
import { InvalidDefinition } from './errors';
import { Expressions } from './expressions';
import { validateMachine } from './validation/machine';

/** A definition that passed all checks, with its expressions parsed. It holds no state: any number of executions can share it. */
export class StateMachine {
  /** Throws `InvalidDefinition`, in one sentence, when Step Functions would refuse to create the state machine. */
  static parse(definition: string | object): StateMachine {
    const parsed: unknown = typeof definition === 'string' ? parseJson(definition) : definition;
    const expressions = new Expressions();
    return new StateMachine(validateMachine(parsed, expressions), expressions);
  }

  private constructor(readonly definition: MachineDefinition, readonly expressions: Expressions) {}
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new InvalidDefinition(`the definition of a state machine must be JSON: ${(thrown as Error).message}`);
  }
}
