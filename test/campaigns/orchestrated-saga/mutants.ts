import { type Definition, withDefinitions } from './definitions';
import { type Mutant, type Template, withResources } from '../campaign';

/** At least one way to break each promise. */
export const mutants: Readonly<Record<string, Mutant>> = {
  'ends-read-not-begins': {
    kind: 'source',
    description: 'a recovery believes only what has ended: a step that was called and has not answered counts as never called',
    file: 'lambda-src/orchestrated-saga/step-log.ts',
    replace: [["case 'TaskScheduled': return {", "case 'TaskScheduled': return before.outcome !== 'DONE' ? before : {"]],
  },
  'no-recovery-rule': {
    kind: 'template',
    description: 'nobody is told when an execution dies',
    mutate: (template) => withResources(template, 'AWS::Events::Rule', (rule) => {
      if (rule.EventPattern.source[0] === 'aws.states') rule.State = 'DISABLED';
    }),
  },
  'recovery-rule-without-timeouts': {
    kind: 'template',
    description: 'executions that time out are not recovered',
    mutate: (template) => withResources(template, 'AWS::Events::Rule', ({ EventPattern: { source, detail } }) => {
      if (source[0] === 'aws.states') detail.status = detail.status.filter((status: string) => status !== 'TIMED_OUT');
    }),
  },
  'undo-with-key-of-action': {
    kind: 'template',
    description: 'a compensation gets the key of its action',
    mutate: (template) => withStates(template, (state) => replaceText(state.Arguments, 'Payload', '#UNDO', '#DO')),
  },
  'undo-claims-key-of-action': {
    kind: 'source',
    description: 'participants remember an undo under the key of its action',
    file: 'runtime-src/orchestrated-saga/request.ts',
    replace: [['UNDO: `${common}UNDO` }', 'UNDO: `${common}DO` }']],
  },
  'timeout-is-a-failure': {
    kind: 'template',
    description: 'after a timeout only the steps before are undone',
    mutate: (template) => withStates(template, (state, name, states) => {
      const undo = `Undo ${name}`;
      for (const rule of state.Catch ?? []) if (rule.Next === undo && rule.ErrorEquals.includes('States.ALL')) rule.Next = states[undo].Next;
      if (state.Type === 'Parallel') replaceText(state.Assign, 'mayHaveCommitted', 'outcome != "ABORTED"', 'outcome = "DONE"');
    }),
  },
  'no-tombstone': {
    kind: 'source',
    description: 'participants forget that they were asked to undo what they had not done',
    file: 'runtime-src/orchestrated-saga/participant.ts',
    replace: [[': await commit(memory, claimTombstone(memory, keys), [], pause);', ": { outcome: 'COMMITTED' as const };"]],
  },
  'claim-without-condition': {
    kind: 'source',
    description: 'participants do again what they have done meanwhile',
    file: 'runtime-src/orchestrated-saga/claims.ts',
    replace: [[
      'return [put(memory, { id: keys.DO, expiration: memory.expiresAt, result }),',
      'return [{ Put: { TableName: memory.tableName, Item: { id: keys.DO, expiration: memory.expiresAt, result } } },',
    ]],
  },
  'uncalled-undone': {
    kind: 'source',
    description: 'a recovery undoes all steps, also those that were never called',
    file: 'lambda-src/orchestrated-saga/recovery-plan.ts',
    replace: [['.lastIndexOf(true);', '.length;']],
  },
  'refused-claim-left': {
    kind: 'source',
    description: 'a recovery whose claim is refused, perhaps because of its own that was not answered, leaves the saga to somebody else',
    file: 'lambda-src/orchestrated-saga/recover.ts',
    replace: [['return recover(received, executionArn, dependencies);', 'return NOTHING_TO_DO;']],
  },
  'late-begin-let-in': {
    kind: 'source',
    description: 'a recovery that finds no saga does not see to it that none is entered later',
    file: 'lambda-src/orchestrated-saga/recover.ts',
    replace: [['beginning ? registry.enter(sagaId, dead.at(-1)!, me) : undefined', 'undefined']],
  },
  'results-forgotten': {
    kind: 'source',
    description: 'a recovery does not know what the steps have returned',
    file: 'lambda-src/orchestrated-saga/recover.ts',
    replace: [["(outcome === 'DONE' ? [[id, result]] : [])", "(outcome === 'DONE' && false ? [[id, result]] : [])"]],
  },
  'recorded-not-told': {
    kind: 'source',
    description: 'what was on record when an execution died is never told',
    file: 'lambda-src/orchestrated-saga/recover.ts',
    replace: [['failure: null, entry: STATE.TELL', 'failure: null, entry: NOTHING']],
  },
  'overtaken-tells': {
    kind: 'template',
    description: 'an execution whose saga somebody else has finished tells its own end nevertheless',
    mutate: (template) => withStates(template, (state, name, states) => {
      for (const rule of state.Catch ?? []) if (rule.Next === 'Overtaken') Object.assign(rule, { Assign: state.Assign, Next: state.Next });
      if (state.Type === 'Choice' && state.Default === 'Overtaken') state.Default = state.Choices[0].Next;
      // A state that nothing leads to is refused as the stack is deployed.
      if (name === 'Overtaken') delete states[name];
    }),
  },
  'parked-in-silence': {
    kind: 'template',
    description: 'no message is sent when a saga is parked',
    mutate: (template) => withStates(template, (state, name, states) => {
      if (name === 'Send parked') states[name] = { Type: 'Pass', Output: state.Output, Next: state.Next };
    }),
  },
  'alarm-that-never-rings': {
    kind: 'template',
    description: 'the alarm of parked sagas waits for a thousand of them',
    mutate: (template) => withResources(template, 'AWS::CloudWatch::Alarm', (alarm) => {
      if (alarm.AlarmDescription.startsWith('sagas are parked')) alarm.Threshold = 1_000;
    }),
  },
  'saga-id-begun-twice': {
    kind: 'template',
    description: 'a saga begins also when there is one with its id',
    mutate: (template) => withStates(template, ({ Arguments }, name) => {
      if (name !== 'Begin') return;
      const put = Arguments.TransactItems?.[0].Put ?? Arguments;
      put.ConditionExpression = 'attribute_not_exists(#nothing) OR #executionArn = :me OR #status = :running';
      put.ExpressionAttributeNames = { '#nothing': 'nothing', '#executionArn': 'executionArn', '#status': 'status' };
    }),
  },
  'lock-taken-from-another': {
    kind: 'template',
    description: 'a saga takes a lock that another one holds',
    mutate: (template) => withStates(template, ({ Arguments }, name) => {
      const update = name === 'Begin' ? Arguments.TransactItems?.[1].Update : undefined;
      if (update) update.ConditionExpression += ' OR attribute_exists(#lock)';
    }),
  },
  'lock-kept': {
    kind: 'template',
    description: 'a saga that ends does not release its lock',
    mutate: (template) => withStates(template, ({ Arguments }, name) => {
      if (name === 'Complete' || name === 'Compensated') Arguments.TransactItems?.splice(1);
    }),
  },
  'history-not-granted': {
    kind: 'template',
    description: 'a recovery may not read histories',
    mutate: (template) => withResources(template, 'AWS::IAM::Policy', ({ PolicyDocument }) => {
      for (const statement of PolicyDocument.Statement) {
        if ([statement.Action].flat().includes('states:GetExecutionHistory')) statement.Action = 'states:DescribeExecution';
      }
    }),
  },
  'recovery-not-startable': {
    kind: 'template',
    description: 'the rule of deaths may not start recoveries',
    mutate: (template) => withResources(template, 'AWS::IAM::Policy', ({ PolicyDocument }) => {
      for (const statement of PolicyDocument.Statement) if (statement.Action === 'states:StartExecution') statement.Action = 'states:ListExecutions';
    }),
  },
};

/** The template with changed states of its state machines, those of branches among them. `states`: those that the state can go to. */
function withStates(template: Template, change: (state: any, name: string, states: Definition['States']) => void): Template {
  const visit = (states: Definition['States']) => {
    for (const [name, state] of Object.entries(states)) {
      change(state, name, states);
      for (const branch of state.Branches ?? []) visit(branch.States);
    }
  };
  return withDefinitions(template, ({ States }) => visit(States));
}

function replaceText(object: any, field: string, from: string, to: string) {
  if (typeof object?.[field] === 'string') object[field] = object[field].replaceAll(from, to);
}
