import type { Answer, Gathering } from './gathering-store';
import type { Completion, GatheringResult } from '../../src/scatter-gather/contract';
import { evaluate } from '../shared/jsonata';

export type CompletedBy = GatheringResult['completedBy'];

/** Loads what a condition looks at; only conditions need it. */
export type LoadAnswers = () => Promise<{ answers: readonly Answer[]; request: unknown }>;

/**
 * What completes the gathering with the answers recorded so far; undefined when it has to wait. When every responder has
 * answered there is nothing to wait for, whatever the criterion.
 */
export async function completedBy(gathering: Gathering, load: LoadAnswers): Promise<Exclude<CompletedBy, 'TIMEOUT'> | undefined> {
  const { completion, expected, replied, failed } = gathering;
  if (completion.kind === 'COUNT' && replied.size >= completion.count) return 'COUNT';
  if (completion.kind === 'CONDITION' && await conditionHolds(completion.expression, gathering, load)) return 'CONDITION';
  return expected.every((responder) => replied.has(responder) || failed.has(responder)) ? 'ALL' : undefined;
}

/** Whether the caller got what it asked for, and not only what there was. */
export function isSatisfied(completion: Completion, by: CompletedBy, replied: number, expected: number): boolean {
  return completion.kind === 'ALL' ? replied === expected : by === completion.kind;
}

async function conditionHolds(expression: string, gathering: Gathering, load: LoadAnswers): Promise<boolean> {
  const { answers, request } = await load();
  const replies = recordedReplies(gathering, answers).map((answer) => ({
    responder: answer.responder,
    payload: JSON.parse(answer.payload!) as unknown,
  }));
  try {
    return Boolean(await evaluate(expression, { replies, request }));
  } catch {
    // A payload that the condition cannot handle does not satisfy it; the deadline still ends the gathering.
    return false;
  }
}

/** Replies that were recorded before the close, in the order of arrival. What was only stored came too late. */
export function recordedReplies(gathering: Gathering, answers: readonly Answer[]): Answer[] {
  return answers.filter((answer) => gathering.replied.has(answer.responder)).sort(byArrival);
}

export function recordedFailures(gathering: Gathering, answers: readonly Answer[]): Answer[] {
  return answers.filter((answer) => gathering.failed.has(answer.responder)).sort(byArrival);
}

function byArrival(a: Answer, b: Answer): number {
  return a.receivedAt - b.receivedAt || (a.responder < b.responder ? -1 : 1);
}
