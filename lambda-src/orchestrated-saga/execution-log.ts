import { DescribeExecutionCommand, GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';

/** What is known of an execution that has ended. */
export interface EndedExecution {
  readonly executionArn: string;
  readonly input: unknown;
  readonly status: string;
  readonly error: string;
  readonly cause: string;
}

const ENDS = ['ExecutionSucceeded', 'ExecutionFailed', 'ExecutionTimedOut', 'ExecutionAborted'];
const PAGE = 1000;

/** Reads executions. What it answers is complete: it throws rather than answer a part. */
export class ExecutionLog {
  constructor(private readonly stepFunctions: SFNClient) {}

  /** @throws while the execution runs, or its end cannot be seen yet */
  async describe(executionArn: string): Promise<EndedExecution> {
    const { status = '', input = '{}', error = '', cause = '' } = await this.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'RUNNING' || status === 'PENDING_REDRIVE') throw new Error(`execution ${executionArn} has not ended, its status is ${status}`);
    return { executionArn, input: JSON.parse(input) as unknown, status, error, cause };
  }

  /**
   * All events of an execution that has ended, in order of their ids.
   * @throws when an event is missing, the one that ends the execution included: what is not on record must not be taken for what has not happened
   */
  async events(executionArn: string): Promise<HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.stepFunctions.send(new GetExecutionHistoryCommand({
        executionArn, maxResults: PAGE, includeExecutionData: true, ...(nextToken !== undefined && { nextToken }),
      }));
      events.push(...page.events ?? []);
      nextToken = page.nextToken;
    } while (nextToken);
    events.sort((one, other) => (one.id ?? 0) - (other.id ?? 0));
    const gap = events.findIndex((event, index) => event.id !== index + 1);
    if (gap !== -1) throw new Error(`the history of ${executionArn} has no event ${gap + 1} yet`);
    if (!ENDS.includes(events.at(-1)?.type ?? '')) throw new Error(`the history of ${executionArn} does not show its end yet`);
    return events;
  }
}
