import { type SFNClient, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { completedBy } from './completion';
import type { Gathering, GatheringStore } from './gathering-store';
import type { ReceivedAnswer } from './reply-event';
import { DETAIL_TYPE, EVENT_SOURCE, type LateReplyDetail, type LateReplyReason } from '../../src/scatter-gather/contract';
import type { EventPublisher } from '../shared/event-publisher';

export interface CollectorDependencies {
  readonly gatheringName: string;
  readonly store: GatheringStore;
  readonly publisher: EventPublisher;
  readonly stepFunctions: SFNClient;
}

/** Errors by which Step Functions says that a token needs no answer any more: it was used, or its task has timed out. */
const SPENT_TOKEN_ERRORS = new Set(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken']);

/**
 * Takes answers into their gathering and wakes the workflow when they suffice. Every step may be repeated: a crash at any
 * point is finished by the redelivery of the same messages.
 */
export class Collector {
  constructor(private readonly dependencies: CollectorDependencies) {}

  /** Takes in answers that belong to one gathering. Answers how many of them changed nothing. */
  async collect(correlationId: string, answers: readonly ReceivedAnswer[]): Promise<{ late: number }> {
    const { store } = this.dependencies;
    const late: LateReply[] = [];
    let gathering = await store.find(correlationId);
    if (!gathering) {
      late.push(...answers.map((answer) => ({ answer, reason: 'UNKNOWN_CORRELATION_ID' as const })));
    } else {
      const { expected } = gathering;
      const asked = answers.filter((answer) => expected.includes(answer.responder));
      const strangers = answers.filter((answer) => !expected.includes(answer.responder));
      late.push(...strangers.map((answer) => ({ answer, reason: 'UNKNOWN_RESPONDER' as const })));
      if (gathering.status === 'OPEN' && asked.length > 0) {
        const kept = await this.keep(correlationId, asked, late);
        if (kept.length > 0) gathering = await this.record(gathering, kept, late);
      } else {
        await this.sortOut(gathering, asked, late);
      }
      if (gathering.status === 'CLOSED' && gathering.closedBy === 'COLLECTOR') await this.wake(gathering);
    }
    await this.report(late);
    return { late: late.length };
  }

  /** Stores each responder's first answer; answers those that are to be recorded, first deliveries and repeated ones. */
  private async keep(correlationId: string, answers: readonly ReceivedAnswer[], late: LateReply[]): Promise<ReceivedAnswer[]> {
    const kept: ReceivedAnswer[] = [];
    for (const answer of answers) {
      const outcome = await this.dependencies.store.keepAnswer(correlationId, answer);
      if (outcome === 'DUPLICATE') late.push({ answer, reason: 'DUPLICATE' });
      else kept.push(answer);
    }
    return kept;
  }

  /** Makes the answers count and closes the gathering if they suffice. */
  private async record(before: Gathering, answers: readonly ReceivedAnswer[], late: LateReply[]): Promise<Gathering> {
    const { store } = this.dependencies;
    let gathering = await store.record(before.correlationId, answers);
    if (gathering.status === 'CLOSED') {
      await this.sortOut(gathering, answers, late);
      return gathering;
    }
    // A close that is refused because more answers were recorded meanwhile is decided anew with them.
    while (gathering.status === 'OPEN' && await completedBy(gathering, () => store.findWithAnswers(before.correlationId))) {
      gathering = await store.closeAt(gathering);
    }
    return gathering;
  }

  /** Tells what answers to a closed gathering are: late, second answers, or repeated deliveries of one that counted. */
  private async sortOut(gathering: Gathering, answers: readonly ReceivedAnswer[], late: LateReply[]): Promise<void> {
    for (const answer of answers) {
      if (!gathering.replied.has(answer.responder) && !gathering.failed.has(answer.responder)) {
        late.push({ answer, reason: 'LATE' });
      } else if (await this.dependencies.store.answeredByEvent(gathering.correlationId, answer.responder) !== answer.eventId) {
        late.push({ answer, reason: 'DUPLICATE' });
      }
    }
  }

  /** Hands the workflow its turn. Only a closed gathering gets here, so that what the workflow reads next cannot change. */
  private async wake(gathering: Gathering): Promise<void> {
    try {
      await this.dependencies.stepFunctions.send(new SendTaskSuccessCommand({ taskToken: gathering.taskToken, output: '{}' }));
    } catch (error) {
      if (!SPENT_TOKEN_ERRORS.has((error as Error).name)) throw error;
    }
  }

  private async report(late: readonly LateReply[]): Promise<void> {
    const { gatheringName, publisher } = this.dependencies;
    await publisher.publish(late.map(({ answer, reason }) => {
      const detail: LateReplyDetail = {
        gathering: gatheringName,
        correlationId: answer.correlationId,
        responder: answer.responder,
        reason,
        ...(answer.payload === undefined ? { error: answer.error!, cause: answer.cause! } : { payload: JSON.parse(answer.payload) as unknown }),
      };
      return { source: EVENT_SOURCE, detailType: DETAIL_TYPE.LATE_REPLY, detail };
    }));
  }
}

interface LateReply {
  readonly answer: ReceivedAnswer;
  readonly reason: LateReplyReason;
}
