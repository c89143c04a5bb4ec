import type { EventDetails, HistoryEvent, HistoryEventType } from './asl/history';

/** How many events of all executions are kept unless an option says otherwise: the longest history that one execution can have. */
export const DEFAULT_KEPT_EVENTS = 25_000;

/** The histories of the executions that were started last, so that a long campaign does not fill the memory. */
export class HistoryStore {
  private readonly histories = new Map<string, HistoryEvent[]>();
  private kept = 0;

  constructor(readonly limit: number) {}

  add(executionArn: string, event: HistoryEvent) {
    if (this.limit === 0) return;
    let history = this.histories.get(executionArn);
    if (!history) {
      // A history that was dropped does not start again in its middle.
      if (event.id !== 1) return;
      this.histories.set(executionArn, history = []);
    }
    history.push(event);
    this.kept++;
    while (this.kept > this.limit) this.dropOldest();
  }

  of(executionArn: string): readonly HistoryEvent[] | undefined {
    return this.histories.get(executionArn);
  }

  private dropOldest() {
    const [arn, history] = this.histories.entries().next().value!;
    this.histories.delete(arn);
    this.kept -= history.length;
  }
}

export interface ApiOptions {
  readonly includeData: boolean;
  readonly roleArn: string;
  readonly region: string;
}

/** An event as GetExecutionHistory answers it. @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html */
export function toApiEvent(event: HistoryEvent, options: ApiOptions): Record<string, unknown> {
  const base = { timestamp: new Date(event.timestamp), type: event.type, id: event.id, previousEventId: event.previousEventId };
  const key = detailsKey(event.type);
  return key === undefined ? base : { ...base, [key]: apiDetails(event.type, event.details, options) };
}

const WITHOUT_DETAILS = /^(Parallel(StateStarted|StateSucceeded|StateFailed)|MapState(Succeeded|Failed)|MapRunSucceeded|LambdaFunctionStarted|.*StateAborted)$/;

function detailsKey(type: HistoryEventType): string | undefined {
  if (WITHOUT_DETAILS.test(type)) return undefined;
  if (type.endsWith('StateEntered')) return 'stateEnteredEventDetails';
  if (type.endsWith('StateExited')) return 'stateExitedEventDetails';
  return `${type[0].toLowerCase()}${type.slice(1)}EventDetails`;
}

function apiDetails(type: HistoryEventType, details: EventDetails, { includeData, roleArn, region }: ApiOptions) {
  const { input, output, parameters, assignedVariables, ...rest } = details;
  const api: Record<string, unknown> = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const data = (name: string, value: unknown) => {
    if (value === undefined) return;
    if (includeData) api[name] = JSON.stringify(value);
    api[`${name}Details`] = { truncated: false };
  };
  data('input', input);
  data('output', output);
  if (assignedVariables) {
    // "Map of variable name and value as a serialized JSON representation." https://docs.aws.amazon.com/step-functions/latest/apireference/API_StateExitedEventDetails.html
    if (includeData) {
      api.assignedVariables = Object.fromEntries(Object.entries(assignedVariables).map(([name, value]) => [name, JSON.stringify(value)]));
    }
    api.assignedVariablesDetails = { truncated: false };
  }
  if (type === 'LambdaFunctionScheduled') {data('input', parameters);} else if (parameters !== undefined) {
    if (includeData) api.parameters = JSON.stringify(parameters);
    api.region = region;
  }
  if (type === 'ExecutionStarted') api.roleArn = roleArn;
  return api;
}
