import { ERROR } from './contract';
import { Definition, READABLE_CAUSE } from '../shared/asl';

export interface ReplayWorkflowDescription {
  readonly partition: string;
  readonly replayArn: string;
  /** The handler's own limit, with room for its start. */
  readonly stepTimeoutSeconds: number;
}

/** About two hours in all: whoever replays during an incident often does it before the destination is well. */
const RETRY = { IntervalSeconds: 5, BackoffRate: 2, MaxDelaySeconds: 300, MaxAttempts: 30, JitterStrategy: 'FULL' };

/**
 * Publishes step by step until the handler says that it is done. The end of the range is pinned first: otherwise a replay of live
 * traffic would never end. A step goes on from the cursor of the step before, so a retried one publishes some events again and skips none.
 *
 * A step takes up to a quarter of an hour and seven events of the history, of which an execution has 25,000: a month of replaying.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export function replayWorkflow({ partition, replayArn, stepTimeoutSeconds }: ReplayWorkflowDescription): Definition {
  return {
    Comment: 'Publishes outbox events again, straight from the table',
    QueryLanguage: 'JSONata',
    StartAt: 'Pin the range',
    States: {
      'Pin the range': {
        Type: 'Pass',
        Assign: {
          // What is no request is refused by the handler, in a sentence.
          request: '{% $type($states.input) = "object" ? $merge([{"to": $states.context.Execution.StartTime}, $states.input]) : $states.input %}',
          progress: null,
        },
        Next: 'Publish',
      },
      'Publish': {
        Type: 'Task',
        Resource: `arn:${partition}:states:::lambda:invoke`,
        Arguments: { FunctionName: replayArn, Payload: { request: '{% $request %}', progress: '{% $progress %}' } },
        TimeoutSeconds: stepTimeoutSeconds,
        Retry: [{ ErrorEquals: [ERROR.INVALID_REPLAY_REQUEST], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'], ...RETRY }],
        Catch: [{
          ErrorEquals: ['States.ALL'],
          Assign: { error: '{% $states.errorOutput.Error %}', cause: `{% ${READABLE_CAUSE} %}` },
          Next: 'Failed',
        }],
        Assign: { progress: '{% $states.result.Payload %}' },
        Output: '{% $states.result.Payload %}',
        Next: 'Done?',
      },
      'Done?': {
        Type: 'Choice',
        Choices: [{ Condition: '{% $progress.done %}', Next: 'Done' }],
        Default: 'Publish',
      },
      'Done': { Type: 'Succeed' },
      'Failed': {
        Type: 'Fail',
        Error: '{% $error %}',
        Cause: '{% $cause & ($progress = null ? "" : "; to go on, start it again with the same request and cursor " & $string($progress.cursor)) %}',
      },
    },
  };
}
