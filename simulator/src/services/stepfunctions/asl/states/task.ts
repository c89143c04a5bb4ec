import { withRecovery } from './recovery';
import { effectiveInput, finish, Transition } from './transition';
import { CancellationScope } from '../cancellation';
import { TaskCall, TaskFailure } from '../environment';
import { ErrorName, StateError } from '../errors';
import { EventDetails, HistoryEventType } from '../history';
import { Json } from '../json';
import { StateRun } from '../state-run';
import { parseTaskResource, TaskResource } from '../task-resource';

/** "TimeoutSeconds … The default value is 99999999", also the most that is accepted. */
const MAX_SECONDS = 99_999_999;

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html */
export async function runTask(run: StateRun): Promise<Transition> {
  return withRecovery(run, async () => finish(run, await attempt(run)));
}

async function attempt(run: StateRun): Promise<Json> {
  const { state } = run;
  const target = parseTaskResource(state.Resource!, run.name);
  run.forgetTaskToken();
  const input = run.usesJsonata ? run.input : effectiveInput(run);
  const timeoutSeconds = await seconds(run, 'TimeoutSeconds', input);
  const heartbeatSeconds = await seconds(run, 'HeartbeatSeconds', input);
  const parameters = await evaluatedParameters(run, input);
  const credentials = state.Credentials === undefined ? undefined :
    run.usesJsonata ? await run.evaluate(state.Credentials, 'Credentials') : run.template(state.Credentials, input);

  const events = taskEvents(target);
  const about = target.kind === 'service' ? { resource: target.api, resourceType: target.service } : { resource: state.Resource };
  run.thread.add(events.scheduled, {
    ...about, parameters, timeoutInSeconds: timeoutSeconds, heartbeatInSeconds: heartbeatSeconds,
  });
  run.thread.add(events.started, about);

  const scope = new CancellationScope(run.branch.scope);
  let lastHeartbeat = run.branch.execution.environment.now();
  const called = callEnvironment(run, {
    stateName: run.name,
    resource: state.Resource!,
    target,
    parameters,
    taskToken: () => run.taskToken(),
    credentials,
    retryCount: run.retryCount,
    timeoutSeconds,
    heartbeatSeconds,
    signal: scope,
    heartbeat: () => { lastHeartbeat = run.branch.execution.environment.now(); },
    submitted: (answer: Json) => { if (!scope.cancelled) run.thread.add('TaskSubmitted', { ...about, output: answer }); },
  });
  try {
    const result = await scope.race(Promise.race([
      called,
      ...(timeoutSeconds === undefined ? [] : [timeout(run, timeoutSeconds, scope)]),
      ...(heartbeatSeconds === undefined ? [] : [heartbeatTimeout(run, heartbeatSeconds, () => lastHeartbeat, scope)]),
    ]));
    run.withinLimit(result, { fromTask: target.kind === 'service' ? target.service : state.Resource });
    run.thread.add(events.succeeded, { ...about, output: result });
    return result;
  } catch (thrown) {
    if (thrown instanceof StateError) {
      const details: EventDetails = { ...about, error: thrown.error, cause: thrown.causeText };
      run.thread.add(thrown.error === ErrorName.TIMEOUT ? events.timedOut : events.failed, details);
    }
    throw thrown;
  } finally {
    scope.cancel();
  }
}

async function evaluatedParameters(run: StateRun, input: Json): Promise<Json> {
  const { Arguments, Parameters } = run.state;
  if (run.usesJsonata) return Arguments === undefined ? run.input : run.withinLimit(await run.evaluate(Arguments, 'Arguments'));
  return Parameters === undefined ? input : run.withinLimit(run.template(Parameters, input));
}

async function callEnvironment(run: StateRun, call: TaskCall): Promise<Json> {
  try {
    return await run.branch.execution.environment.runTask(call);
  } catch (thrown) {
    // Anything else is a defect of the environment, not a failure of the task: it must not be retried or caught.
    if (!isTaskFailure(thrown)) throw thrown;
    throw new StateError(thrown.error, thrown.cause, { fromTask: true });
  }
}

/** By its shape, because the rejection may come from another realm. */
function isTaskFailure(thrown: unknown): thrown is TaskFailure {
  if (typeof thrown !== 'object' || thrown === null || !('error' in thrown)) return false;
  const { error, cause } = thrown as { error: unknown; cause?: unknown };
  return (error === undefined || typeof error === 'string') && (cause === undefined || typeof cause === 'string');
}

async function timeout(run: StateRun, afterSeconds: number, scope: CancellationScope): Promise<never> {
  await run.branch.execution.environment.sleep(afterSeconds * 1000, scope);
  throw new StateError(ErrorName.TIMEOUT, undefined, { fromTask: true });
}

/** One timer at a time: when it fires and a heartbeat has come meanwhile, it waits for what is left since that one. */
async function heartbeatTimeout(run: StateRun, withinSeconds: number, last: () => number, scope: CancellationScope): Promise<never> {
  const { environment } = run.branch.execution;
  for (;;) {
    const left = last() + withinSeconds * 1000 - environment.now();
    if (left <= 0) throw new StateError(ErrorName.TIMEOUT, undefined, { fromTask: true, missedHeartbeat: true });
    await environment.sleep(left, scope);
  }
}

/** `TimeoutSeconds` or `HeartbeatSeconds`: a number, an expression, or taken from the path beside it. */
async function seconds(run: StateRun, field: 'TimeoutSeconds' | 'HeartbeatSeconds', input: Json): Promise<number | undefined> {
  const fixed = run.state[field];
  const path = run.state[`${field}Path`];
  if (fixed !== undefined) {
    const value = run.usesJsonata ? (await run.evaluateAs('number', fixed, field)) as number : Number(fixed);
    if (!isSeconds(value)) throw run.evaluationFailed(field, `The ${field} field must be an integer from 1 to ${MAX_SECONDS} but was: ${value}`);
    return value;
  }
  if (path === undefined) return undefined;
  const found = run.path(path, input);
  const value = typeof found === 'string' && /^\d+$/.test(found) ? Number(found) : found;
  if (!isSeconds(value)) {
    throw run.failure(`The ${field}Path field must refer to an integer from 1 to ${MAX_SECONDS} but was: ${path} == ${JSON.stringify(found)}`);
  }
  return value;
}

function isSeconds(value: Json): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_SECONDS;
}

interface TaskEvents {
  readonly scheduled: HistoryEventType;
  readonly started: HistoryEventType;
  readonly succeeded: HistoryEventType;
  readonly failed: HistoryEventType;
  readonly timedOut: HistoryEventType;
}

function taskEvents(target: TaskResource): TaskEvents {
  switch (target.kind) {
    case 'lambda': return {
      scheduled: 'LambdaFunctionScheduled',
      started: 'LambdaFunctionStarted',
      succeeded: 'LambdaFunctionSucceeded',
      failed: 'LambdaFunctionFailed',
      timedOut: 'LambdaFunctionTimedOut',
    };
    case 'activity': return {
      scheduled: 'ActivityScheduled',
      started: 'ActivityStarted',
      succeeded: 'ActivitySucceeded',
      failed: 'ActivityFailed',
      timedOut: 'ActivityTimedOut',
    };
    case 'service': return {
      scheduled: 'TaskScheduled',
      started: 'TaskStarted',
      succeeded: 'TaskSucceeded',
      failed: 'TaskFailed',
      timedOut: 'TaskTimedOut',
    };
  }
}
