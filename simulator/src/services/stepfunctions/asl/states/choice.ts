import { effectiveInput, finishWithoutResult, Transition } from './transition';
import { ruleHolds } from '../choice-rule';
import { ChoiceRule } from '../definition';
import { ErrorName } from '../errors';
import { Json } from '../json';
import { StateRun } from '../state-run';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html */
export async function runChoice(run: StateRun): Promise<Transition> {
  const input = run.usesJsonata ? run.input : effectiveInput(run);
  const rules = run.state.Choices ?? [];
  for (let index = 0; index < rules.length; index++) {
    const rule = rules[index];
    if (!(await holds(run, rule, index, input))) continue;
    const place = `Choices[${index}]/`;
    // The state's own Assign and Output are for when no rule holds.
    return finishWithoutResult(run, input, { next: rule.Next, assign: rule.Assign, output: rule.Output, place });
  }
  if (run.state.Default === undefined) {
    throw run.failure('Failed to transition out of the state. The state does not point to a next state.', ErrorName.NO_CHOICE_MATCHED);
  }
  return finishWithoutResult(run, input, { next: run.state.Default, assign: run.state.Assign, output: run.state.Output });
}

async function holds(run: StateRun, rule: ChoiceRule, index: number, input: Json): Promise<boolean> {
  if (!run.usesJsonata) return ruleHolds(run, rule, input);
  return (await run.evaluateAs('boolean', rule.Condition!, `Choices[${index}]/Condition`)) as boolean;
}
