import { Call, SagaDescription } from './description';
import { request } from './expressions';
import { jsonata, literal, States } from './states';
import { DETAIL_TYPE, Direction, EVENT_SOURCE } from '../contract';

type State = States[string];

/** The Task state that calls, without retries and transitions, and the expression of what it returned. */
export interface CallState {
  readonly state: State;
  readonly result: string;
}

export function callState({ saga, partition, eventBusName }: SagaDescription, step: string, direction: Direction, call: Call): CallState {
  switch (call.kind) {
    case 'FUNCTION': return invoke(partition, call.functionArn, request(step, direction));
    case 'TASK': return { state: call.state, result: '$states.result' };
    case 'APPROVAL': return {
      state: {
        Type: 'Task',
        Resource: `arn:${partition}:states:::events:putEvents.waitForTaskToken`,
        Arguments: {
          Entries: [{
            EventBusName: eventBusName,
            Source: EVENT_SOURCE,
            DetailType: DETAIL_TYPE.APPROVAL_REQUESTED,
            Detail: jsonata(`{"saga": ${literal(saga)}, "sagaId": $sagaId, "step": ${literal(step)}, "message": ${call.message}, "taskToken": $states.context.Task.Token}`),
          }],
        },
      },
      result: '$states.result',
    };
  }
}

export function invoke(partition: string, functionArn: string, payload: string): CallState {
  return {
    state: {
      Type: 'Task',
      Resource: `arn:${partition}:states:::lambda:invoke`,
      Arguments: { FunctionName: functionArn, Payload: jsonata(payload) },
    },
    result: '$states.result.Payload',
  };
}
