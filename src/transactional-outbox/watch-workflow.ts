import { METRIC } from './contract';
import { Definition } from '../shared/asl';

export interface WatchWorkflowDescription {
  readonly partition: string;
  readonly pipeName: string;
  readonly outboxName: string;
}

const RETRY = [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 4, JitterStrategy: 'FULL' }];

/** Without a function: Step Functions asks and writes by itself. A pipe that cannot be described any more does not run either. */
export function watchWorkflow({ partition, pipeName, outboxName }: WatchWorkflowDescription): Definition {
  return {
    Comment: 'Writes down whether the pipe runs',
    QueryLanguage: 'JSONata',
    StartAt: 'Ask',
    States: {
      Ask: {
        Type: 'Task',
        Resource: `arn:${partition}:states:::aws-sdk:pipes:describePipe`,
        Arguments: { Name: pipeName },
        Retry: [{ ErrorEquals: ['Pipes.NotFoundException'], MaxAttempts: 0 }, ...RETRY],
        Catch: [{ ErrorEquals: ['Pipes.NotFoundException'], Output: { notRunning: 1 }, Next: 'Write' }],
        Output: { notRunning: '{% $states.result.CurrentState = "RUNNING" ? 0 : 1 %}' },
        Next: 'Write',
      },
      Write: {
        Type: 'Task',
        Resource: `arn:${partition}:states:::aws-sdk:cloudwatch:putMetricData`,
        Arguments: {
          Namespace: METRIC.NAMESPACE,
          MetricData: [{
            MetricName: METRIC.NOT_RUNNING,
            Dimensions: [{ Name: METRIC.DIMENSION, Value: outboxName }],
            Value: '{% $states.input.notRunning %}',
            Unit: 'Count',
          }],
        },
        Retry: RETRY,
        End: true,
      },
    },
  };
}
