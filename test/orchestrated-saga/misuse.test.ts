import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { enqueue, everyKindOfStep, orders, outgoing } from './fixtures';
import {
  ExponentialRetryOptions, OrchestratedSaga, OrchestratedSagaProps, SagaIsolation, SagaRecovery, SagaRetry, SagaStep, SagaStepOptions, SagaWorkflow,
  UnknownOutcome,
} from '../../src';
import { NOTHING } from '../../src/orchestrated-saga/contract';
import { compileRecovery, compileSaga } from '../../src/orchestrated-saga/workflow/compile';
import { inlineFunction, newStack } from '../scatter-gather/fixtures';

const SECOND = Duration.seconds(1);
const unknown = Lazy.number({ produce: () => 60 });

describe('misuse of a saga is refused with one clear sentence', () => {
  it.each<[string, Partial<OrchestratedSagaProps>, string]>([
    ['no steps', { steps: [] }, 'a saga needs at least one step, received none [Test/Trip]'],
    ['a deadline of a fraction of a second', { deadline: Duration.millis(1500) }, 'deadline must be whole seconds and at least 1, received 1.5 s [Test/Trip]'],
    ['a deadline of nothing', { deadline: Duration.seconds(0) }, 'deadline must be whole seconds and at least 1, received 0 s'],
    ['a deadline that nobody knows', { deadline: Duration.seconds(unknown) }, 'deadline must be known at synthesis, received a token; give it as a number'],
    ['a deadline that leaves no time to go back', { deadline: Duration.days(301) }, 'deadline must be at most 300 days, received 301; a workflow has a year, and the saga must be able to go back in it'],
    ['a retention of a fraction of a second', { retention: Duration.millis(1500) }, 'retention must be whole seconds and at least 1, received 1.5 s'],
    ['a retention of nothing', { retention: Duration.seconds(0) }, 'retention must be whole seconds and at least 1, received 0 s'],
    ['a retention that nobody knows', { retention: Duration.seconds(unknown) }, 'retention must be known at synthesis, received a token; give it as a number'],
    ['a saga id that is no expression', { sagaId: '$input.orderId' }, "sagaId must be a JSONata expression in {% %}, received '$input.orderId'"],
    ['a saga id that does not parse', { sagaId: '{% $input. %}' }, 'sagaId does not parse as JSONata'],
    ['EXPRESS with recovery', { workflow: SagaWorkflow.EXPRESS },
      'an EXPRESS saga cannot be recovered: Express executions have no history and no status events; say recovery: SagaRecovery.NONE, or use STANDARD'],
    ['EXPRESS with recovery that is said', { workflow: SagaWorkflow.EXPRESS, recovery: SagaRecovery.AUTOMATIC }, 'an EXPRESS saga cannot be recovered'],
    ['EXPRESS for long', { workflow: SagaWorkflow.EXPRESS, recovery: SagaRecovery.NONE, deadline: Duration.seconds(241) },
      'deadline must be at most 240 s in EXPRESS mode, received 241 s; use STANDARD for longer'],
  ])('%s', (_, props, sentence) => {
    expect(() => sagaOf(newStack(), props)).toThrow(sentence);
  });

  it.each<[string, Partial<OrchestratedSagaProps>]>([
    ['the shortest', { deadline: Duration.seconds(30), retention: Duration.seconds(1) }],
    ['the longest', { deadline: Duration.days(300), retention: Duration.days(3_650) }],
    ['the longest EXPRESS', { workflow: SagaWorkflow.EXPRESS, recovery: SagaRecovery.NONE, deadline: Duration.seconds(240) }],
    ['STANDARD without recovery', { recovery: SagaRecovery.NONE }],
  ])('and not %s', (_, props) => {
    expect(() => sagaOf(newStack(), props)).not.toThrow();
  });

  it('resuming what is not recovered', () => {
    const stack = newStack();
    const saga = sagaOf(stack, { recovery: SagaRecovery.NONE });
    expect(() => saga.grantResume(inlineFunction(stack, 'Operator'))).toThrow('a saga with SagaRecovery.NONE cannot be resumed; use SagaRecovery.AUTOMATIC [Test/Trip]');
  });
});

describe('misuse of steps is refused with one clear sentence', () => {
  type Steps = (step: (id: string, more?: Partial<SagaStepOptions> & { undone?: boolean }) => SagaStep, stack: Stack) => SagaStep[];
  const pivot = { pivot: true, undone: true };

  it.each<[string, Steps, string]>([
    ['an id with a space', (step) => [step('Book it')], "the id of a step must have 1 to 60 letters, digits, '-' or '_', received 'Book it'"],
    ['no id', (step) => [step('')], "the id of a step must have 1 to 60 letters, digits, '-' or '_', received ''"],
    ['an id that is too long', (step) => [step('s'.repeat(61))], "the id of a step must have 1 to 60 letters, digits, '-' or '_'"],
    ['an id of the saga\'s own states', (step) => [step('Complete')], "the id of a step must not be that of one of the saga's own states, received 'Complete'; choose another"],
    ['an id twice', (step) => [step('A'), step('A')], "ids of steps must be unique, received 'A' twice [Test/Trip]"],
    ['an id of a group twice', (step) => [step('A'), SagaStep.parallel('A', [step('B'), step('C')])], "ids of steps must be unique, received 'A' twice"],
    ['an id in a group twice', (step) => [step('B'), SagaStep.parallel('A', [step('B'), step('C')])], "ids of steps must be unique, received 'B' twice"],
    ['nothing to undo it and no reason', (step) => [step('A', { undone: false })],
      "step 'A' comes before the pivot and must have a compensation, or say why there is nothing to undo in noCompensation [Test/Trip]"],
    ['an empty reason', (step) => [step('A', { undone: false, noCompensation: '' })], "step 'A' comes before the pivot and must have a compensation"],
    ['a reason besides a compensation', (step) => [step('A', { noCompensation: 'why' })], "step 'A' has a compensation and says why it has none; leave noCompensation out"],
    ['the same in a group', (step) => [SagaStep.parallel('G', [step('A'), step('B', { undone: false })])], "step 'B' comes before the pivot and must have a compensation"],
    ['a pivot that nothing undoes', (step) => [step('A', { pivot: true, undone: false })], "step 'A' comes before the pivot and must have a compensation"],
    ['two pivots', (step) => [step('A', pivot), step('B', pivot)], "a saga has at most one pivot, received 'A' and 'B'"],
    ['a pivot in a group', (step) => [SagaStep.parallel('G', [step('A'), step('B', pivot)])], "the pivot must not be in a parallel group, received 'B' in 'G'; give it a step of its own"],
    ['retriable before the pivot', (step) => [step('A', { retriable: true }), step('B', pivot)],
      "step 'A' is retriable, but comes before the pivot; leave retriable out, or move the step behind the pivot"],
    ['retriable without a pivot', (step) => [step('A', { retriable: true })], "step 'A' is retriable, but comes before the pivot"],
    ['a compensation behind the pivot', (step) => [step('A', pivot), step('B', { retriable: true })],
      "step 'B' comes behind the pivot 'A' and must not have a compensation: the saga never goes back from there"],
    ['a step behind the pivot that is not retriable', (step) => [step('A', pivot), step('B', { undone: false })],
      "step 'B' comes behind the pivot 'A' and must say retriable: true: the saga can only go forward from there"],
    ['the same in a group behind the pivot', (step) => [step('A', pivot), SagaStep.parallel('G', [step('B', { undone: false, retriable: true }), step('C', { undone: false })])],
      "step 'C' comes behind the pivot 'A' and must say retriable: true"],
    ['errors to go back on, behind the pivot', (step) => [step('A', pivot), step('B', { undone: false, retriable: true, abortOn: ['Lost'] })],
      "step 'B' comes behind the pivot 'A', where abortOn has no meaning: the saga never goes back from there; leave it out"],
    ['an unknown outcome to go back on, behind the pivot', (step) => [step('A', pivot), step('B', { undone: false, retriable: true, onUnknown: UnknownOutcome.compensate() })],
      "step 'B' comes behind the pivot 'A', where onUnknown has no meaning"],
    ['a timeout above the deadline', (step) => [step('A', { timeout: Duration.seconds(601) })], "timeout of step 'A' must be at most the saga's deadline (600 s), received 601 s"],
    ['a timeout of the pivot above the deadline', (step) => [step('A', { ...pivot, timeout: Duration.seconds(601) })], "timeout of step 'A' must be at most the saga's deadline"],
    ['a timeout of nothing', (step) => [step('A', { timeout: Duration.seconds(0) })], "timeout of step 'A' must be whole seconds and at least 1, received 0 s [Test/Trip]"],
    ['a timeout that nobody knows', (step) => [step('A', { timeout: Duration.seconds(unknown) })], "timeout of step 'A' must be known at synthesis, received a token; give it as a number"],
    ['a compensation timeout of a fraction', (step) => [step('A', { compensationTimeout: Duration.millis(500) })], "compensationTimeout of step 'A' must be whole seconds and at least 1, received 0.5 s"],
    ['errors of Step Functions that abort', (step) => [step('A', { abortOn: ['States.TaskFailed'] })],
      "abortOn of step 'A' must name errors of the action itself, received 'States.TaskFailed', after which the action may have taken effect"],
    ['errors without a name', (step) => [step('A', { abortOn: [''] })], "abortOn of step 'A' must name errors, received ''"],
    ['a group of one', (step) => [SagaStep.parallel('G', [step('A')])], "parallel group 'G' must have at least 2 steps, received 1"],
    ['a group in a group', (step) => [SagaStep.parallel('G', [step('A'), SagaStep.parallel('H', [step('B'), step('C')])])], "parallel group 'G' must not contain a group, received 'H'"],
    ['an approval behind the pivot', (step) => [step('A', pivot), SagaStep.humanApproval('B', { timeout: Duration.minutes(1) })],
      "step 'B' waits for a person and must come before the pivot 'A': nobody can refuse any more"],
    ['an approval above the deadline', () => [SagaStep.humanApproval('B', { timeout: Duration.minutes(11) })], "timeout of step 'B' must be at most the saga's deadline (600 s), received 660 s"],
    ['a message that is no expression', () => [SagaStep.humanApproval('B', { timeout: Duration.minutes(1), message: 'Yes?' })],
      "message of approval 'B' must be a JSONata expression in {% %}, received 'Yes?'"],
  ])('%s', (_, steps, sentence) => {
    const stack = newStack();
    const action = inlineFunction(stack, 'F');
    const step = (id: string, { undone = true, ...more }: Partial<SagaStepOptions> & { undone?: boolean } = {}) => SagaStep.function(id, {
      action, compensation: undone ? action : undefined, ...more,
    });
    expect(() => sagaOf(stack, { steps: steps(step, stack) })).toThrow(sentence);
  });

  it('a step behind the pivot may take longer than the deadline', () => {
    const stack = newStack();
    const action = inlineFunction(stack, 'F');
    expect(() => sagaOf(stack, {
      steps: [
        SagaStep.function('A', { action, compensation: action, pivot: true }),
        SagaStep.function('B', { action, retriable: true, timeout: Duration.hours(1) }),
      ],
    })).not.toThrow();
  });

  it.each<[string, (stack: Stack) => SagaStep, string]>([
    ['a person', () => SagaStep.humanApproval('B', { timeout: Duration.minutes(1) }), "step 'B' waits for a person, which EXPRESS sagas cannot; use STANDARD [Test/Trip]"],
    ['a token', (stack) => SagaStep.task('B', {
      action: enqueue(stack, 'B', { integrationPattern: sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN, messageBody: sfn.TaskInput.fromText('{% $states.context.Task.Token %}') }), noCompensation: 'why',
    }), "step 'B' has a task with '.waitForTaskToken', which EXPRESS sagas cannot wait for; use STANDARD [Test/Trip]"],
    ['a job in a compensation', (stack) => SagaStep.task('B', {
      action: enqueue(stack, 'B'),
      compensation: tasks.StepFunctionsStartExecution.jsonata(stack, 'Undo', {
        stateMachine: sfn.StateMachine.fromStateMachineName(stack, 'Machine', 'undo'), integrationPattern: sfn.IntegrationPattern.RUN_JOB,
      }),
    }), "step 'B' has a task with '.sync:2', which EXPRESS sagas cannot wait for"],
  ])('%s that an EXPRESS saga would have to wait for', (_, step, sentence) => {
    const stack = newStack();
    const props = { workflow: SagaWorkflow.EXPRESS, recovery: SagaRecovery.NONE, deadline: Duration.minutes(4) };
    expect(() => sagaOf(stack, { ...props, steps: [step(stack)] })).toThrow(sentence);
  });

  it('no state of a saga has a name that a step could have', () => {
    const description = everyKindOfStep();
    const names = [compileSaga(description), compileRecovery(description, 'arn')].flatMap(({ States }) => Object.keys(States));
    const own = names.filter((name) => /^[A-Za-z0-9_-]{1,60}$/.test(name) && !description.steps.some(({ id }) => id === name));
    expect(own).toEqual(expect.arrayContaining(['Begin', 'Locked', 'Park', 'Recover']));
    const action = inlineFunction(newStack(), 'F');
    for (const id of [...own, NOTHING]) expect(() => SagaStep.function(id, { action, noCompensation: 'why' })).toThrow(`received '${id}'; choose another`);
  });
});

describe('misuse of a task is refused with one clear sentence', () => {
  it.each<[string, (stack: Stack) => sfn.TaskStateBase, string]>([
    ['in JSONPath', (stack) => tasks.SqsSendMessage.jsonPath(stack, 'Send', { queue: outgoing(stack), messageBody: sfn.TaskInput.fromText('x') }),
      "the task of step 'A' must be written in JSONata, received JSONPath; make it with its jsonata() method [Test/Send]"],
    ['in whatever the workflow has', (stack) => new tasks.SqsSendMessage(stack, 'Send', { queue: outgoing(stack), messageBody: sfn.TaskInput.fromText('x') }),
      "the task of step 'A' must be written in JSONata, received JSONPath"],
    ['with a state behind it', (stack) => {
      const task = enqueue(stack, 'Send');
      task.next(sfn.Pass.jsonata(stack, 'Then'));
      return task;
    }, "the task of step 'A' must be a single state, received 2: Send, Then; leave next() and addCatch() out [Test/Send]"],
    ['with a catch', (stack) => enqueue(stack, 'Send').addCatch(sfn.Pass.jsonata(stack, 'Caught')) as sfn.TaskStateBase,
      "the task of step 'A' must be a single state, received 2: Send, Caught"],
    ['in use', (stack) => {
      const task = enqueue(stack, 'Send');
      SagaStep.task('First', { action: task, noCompensation: 'why' });
      return task;
    }, "the task of step 'A' is in use already; make one for each action and each compensation (Trying to use state 'Send'"],
    ['with an output', (stack) => enqueue(stack, 'Send', { outputs: '{% $states.result.MessageId %}' }),
      "the task of step 'A' must be without Output, received \"{% $states.result.MessageId %}\"; what the service answers is the step's result [Test/Send]"],
    ['with variables', (stack) => enqueue(stack, 'Send', { assign: { sent: true } }), "the task of step 'A' must be without Assign, received {\"sent\":true}; results of steps are in $results"],
    ['with a timeout', (stack) => enqueue(stack, 'Send', { taskTimeout: sfn.Timeout.duration(Duration.seconds(5)) }),
      "the task of step 'A' must be without TimeoutSeconds, received 5; give the step a timeout"],
    ['of a function by its ARN', (stack) => tasks.LambdaInvoke.jsonata(stack, 'Invoke', { lambdaFunction: inlineFunction(stack, 'F'), payloadResponseOnly: true }),
      "the task of step 'A' must call a service's integration (arn:aws:states:::…), received another resource; use SagaStep.function, or leave payloadResponseOnly out [Test/Invoke]"],
    ['of an activity', (stack) => tasks.StepFunctionsInvokeActivity.jsonata(stack, 'Work', { activity: new sfn.Activity(stack, 'Activity') }),
      "the task of step 'A' must call a service's integration (arn:aws:states:::…), received another resource"],
  ])('%s', (_, task, sentence) => {
    const stack = newStack();
    const action = task(stack);
    expect(() => SagaStep.task('A', { action, noCompensation: 'why' })).toThrow(sentence);
  });

  it('one object as action and compensation', () => {
    const task = enqueue(newStack(), 'Send');
    expect(() => SagaStep.task('A', { action: task, compensation: task })).toThrow("the task of step 'A' is in use already");
  });
});

describe('misuse of retries is refused with one clear sentence', () => {
  it.each<[string, ExponentialRetryOptions, string]>([
    ['no attempts', { maxAttempts: 0 }, 'maxAttempts of SagaRetry.exponential must be a whole number from 1 to 50, received 0'],
    ['too many attempts', { maxAttempts: 51 }, 'received 51'],
    ['a wait of nothing', { interval: Duration.seconds(0) }, 'interval of SagaRetry.exponential must be whole seconds and at least 1, received 0 s'],
    ['a wait that nobody knows', { interval: Duration.seconds(unknown) }, 'interval of SagaRetry.exponential must be known at synthesis, received a token'],
    ['a longest wait of a fraction', { maxInterval: Duration.millis(2500) }, 'maxInterval of SagaRetry.exponential must be whole seconds and at least 1, received 2.5 s'],
    ['a longest wait below the first', { interval: Duration.seconds(10), maxInterval: Duration.seconds(5) }, 'maxInterval of SagaRetry.exponential must be at least interval (10 s), received 5 s'],
    ['waits that shrink', { backoffRate: 0.5 }, 'backoffRate of SagaRetry.exponential must be from 1 to 10, received 0.5'],
    ['waits that explode', { backoffRate: 11 }, 'received 11'],
    ['no rate', { backoffRate: NaN }, 'received NaN'],
  ])('%s', (_, options, sentence) => {
    expect(() => SagaRetry.exponential(options)).toThrow(sentence);
  });

  it('and not the ends of the ranges', () => {
    expect(() => SagaRetry.exponential({ maxAttempts: 50, backoffRate: 1, interval: SECOND, maxInterval: SECOND })).not.toThrow();
    expect(() => SagaRetry.exponential({ maxAttempts: 1, backoffRate: 10 })).not.toThrow();
  });
});

describe('misuse of a semantic lock is refused with one clear sentence', () => {
  const text = AttributeType.STRING;
  const partitionValue = '{% $input.orderId %}';

  it.each<[string, (stack: Stack) => SagaIsolation, string]>([
    ['no key', (stack) => SagaIsolation.semanticLock(orders(stack), { partitionKey: '', partitionValue }),
      "partitionKey of SagaIsolation.semanticLock must name the table's partition key, received ''"],
    ['a value that is no expression', (stack) => SagaIsolation.semanticLock(orders(stack), { partitionKey: 'orderId', partitionValue: 'order' }),
      "partitionValue of SagaIsolation.semanticLock must be a JSONata expression in {% %}, received 'order'"],
    ['a sort key without a value', (stack) => SagaIsolation.semanticLock(orders(stack), { partitionKey: 'orderId', partitionValue, sortKey: 'line' }),
      'sortKey and sortValue of SagaIsolation.semanticLock belong together, received only sortKey'],
    ['a sort value without a key', (stack) => SagaIsolation.semanticLock(orders(stack), { partitionKey: 'orderId', partitionValue, sortValue: '{% "1" %}' }),
      'sortKey and sortValue of SagaIsolation.semanticLock belong together, received only sortValue'],
    ['a sort value that does not parse', (stack) => SagaIsolation.semanticLock(orders(stack), { partitionKey: 'orderId', partitionValue, sortKey: 'line', sortValue: '{% ( %}' }),
      'sortValue of SagaIsolation.semanticLock does not parse as JSONata'],
    ['another key than the table\'s', (stack) => SagaIsolation.semanticLock(orders(stack), { partitionKey: 'id', partitionValue }),
      "SagaIsolation.semanticLock must name the keys of table 'Test/Orders', orderId (S), received id"],
    ['a key too few', (stack) => SagaIsolation.semanticLock(
      new Table(stack, 'Lines', { partitionKey: { name: 'orderId', type: text }, sortKey: { name: 'line', type: text } }), { partitionKey: 'orderId', partitionValue },
    ), "SagaIsolation.semanticLock must name the keys of table 'Test/Lines', orderId (S) and line (S), received orderId"],
    ['a key that is a number', (stack) => SagaIsolation.semanticLock(
      new Table(stack, 'Lines', { partitionKey: { name: 'orderId', type: text }, sortKey: { name: 'line', type: AttributeType.NUMBER } }),
      { partitionKey: 'orderId', partitionValue, sortKey: 'line', sortValue: '{% "1" %}' },
    ), "SagaIsolation.semanticLock needs a table whose keys are text, received 'Test/Lines' with orderId (S) and line (N)"],
  ])('%s', (_, build, sentence) => {
    expect(() => build(newStack())).toThrow(sentence);
  });

  it('and not a table from elsewhere, of which nobody knows the keys', () => {
    const table = Table.fromTableName(newStack(), 'Orders', 'orders');
    expect(() => SagaIsolation.semanticLock(table, { partitionKey: 'id', partitionValue, sortKey: 'line', sortValue: '{% "1" %}' })).not.toThrow();
  });
});

function sagaOf(stack: Stack, props: Partial<OrchestratedSagaProps> = {}): OrchestratedSaga {
  const steps = props.steps ?? [SagaStep.function('Charge', { action: inlineFunction(stack, 'Charge'), compensation: inlineFunction(stack, 'Refund') })];
  return new OrchestratedSaga(stack, 'Trip', { deadline: Duration.minutes(10), ...props, steps });
}
