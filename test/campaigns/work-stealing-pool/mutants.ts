import { type Mutant, withResources } from '../campaign';

const HANDLERS = 'lambda-src/work-stealing-pool';
const RUNTIME = 'runtime-src/work-stealing-pool';

/** One way to break each guarantee. */
export const mutants: Readonly<Record<string, Mutant>> = {
  'commit-without-fence': {
    kind: 'source',
    description: 'whoever comes to the end of a task commits it, also one from whom it was taken',
    file: `${RUNTIME}/task-claims.ts`,
    replace: [
      ["ConditionExpression: '#fence = :fence AND #state = :running'", "ConditionExpression: '(#fence = :fence OR #fence <> :fence) AND #state = :running'"],
      ["'#fence = :fence AND (#state = :running OR #state = :state)'", "'(#fence = :fence OR #fence <> :fence) AND (#state = :running OR #state = :state)'"],
    ],
  },
  'commit-what-is-done': {
    kind: 'source',
    description: 'a task is committed, or released, that is done',
    file: `${RUNTIME}/task-claims.ts`,
    replace: [["ConditionExpression: '#fence = :fence AND #state = :running'", "ConditionExpression: '#fence = :fence AND (#state = :running OR #state <> :running)'"]],
  },
  'two-leaders': {
    kind: 'source',
    description: 'a leader writes its plan whoever leads',
    file: `${HANDLERS}/registry.ts`,
    replace: [['Item: { ...itemKey.leader(), ...item }, ...condition }', 'Item: { ...itemKey.leader(), ...item } }']],
  },
  'two-plans-of-one-revision': {
    kind: 'source',
    description: 'a plan whose write was not answered, and the next one, have the same revision',
    file: `${HANDLERS}/leadership.ts`,
    replace: [['mine ? this.revision :', 'mine ? mine.revision :']],
  },
  'steal-by-sending-on': {
    kind: 'source',
    description: "a thief sends what it steals to its own group's queue and deletes it",
    file: `${RUNTIME}/worker.ts`,
    replace: [
      ["import { TaskClaims } from './task-claims';", "import { TaskClaims } from './task-claims';\nimport { sqsSdk } from '../shared/sqs-sdk';"],
      ['else if (this.accepting && !this.stopped) messages.forEach', `else if (queue !== this.own) {
        for (const { task, receiptHandle } of messages) {
          const QueueUrl = this.settings.queueUrls[this.settings.group];
          await this.props.sqs.send(new (sqsSdk().SendMessageCommand)({ QueueUrl, MessageBody: JSON.stringify(task) }));
          await queue.delete(receiptHandle);
        }
      } else if (this.accepting && !this.stopped) messages.forEach`],
    ],
    mutate: (template) => withResources(template, 'AWS::IAM::Policy', ({ PolicyDocument: { Statement } }) => {
      for (const statement of Statement) if (statement.Action.includes('sqs:ReceiveMessage')) statement.Action.push('sqs:SendMessage');
    }),
  },
  'thief-deletes-first': {
    kind: 'source',
    description: 'what is stolen is deleted before it is done',
    file: `${RUNTIME}/attempts.ts`,
    replace: [['this.underWay.add(attempt);', 'this.underWay.add(attempt); if (queue.group !== this.props.settings.group) void queue.delete(message.receiptHandle);']],
  },
  'same-fence-again': {
    kind: 'source',
    description: 'who begins a task again has the same fence',
    file: `${RUNTIME}/task-claims.ts`,
    replace: [['if_not_exists(#fence, :zero) + :one', 'if_not_exists(#fence, :one) + :zero']],
  },
  'messages-not-kept-hidden': {
    kind: 'source',
    description: 'what is under way comes again when the lease is over',
    file: `${RUNTIME}/attempts.ts`,
    replace: [['...queues.map((queue) => this.keepHidden(queue, attempts)), ', '']],
  },
  'claims-not-renewed': {
    kind: 'source',
    description: 'a task that takes longer than a lease is anybody\'s',
    file: `${RUNTIME}/attempts.ts`,
    replace: [[', ...attempts.map(this.keepClaim)', '']],
  },
  'duplicates-run': {
    kind: 'source',
    description: 'a task is begun from each of its messages',
    file: `${RUNTIME}/task-claims.ts`,
    replace: [['(#state <> :done AND (#message = :message OR #until < :now))', '#state <> :done OR #message = :message OR #until < :now OR attribute_exists(#id)']],
  },
  'refused-are-deleted': {
    kind: 'source',
    description: 'a worker from whom a task was taken deletes its message',
    file: `${RUNTIME}/attempts.ts`,
    replace: [["return events.tell({ kind: 'REFUSED', task, home });", 'return this.remove(attempt);']],
  },
  'poison-deleted': {
    kind: 'source',
    description: 'a task that fails a second time is deleted',
    file: `${RUNTIME}/attempts.ts`,
    replace: [['if (failure !== undefined) events.tell', 'if (failure !== undefined && receiveCount > 1) return this.remove(attempt);\n    if (failure !== undefined) events.tell']],
  },
  'no-dead-letter-queue': {
    kind: 'template',
    description: 'a task is tried for ever',
    mutate: (template) => withResources(template, 'AWS::SQS::Queue', (queue) => {
      delete queue.RedrivePolicy;
    }),
  },
  'steals-without-grant': {
    kind: 'source',
    description: 'who has nothing to do looks into all queues',
    file: `${RUNTIME}/worker.ts`,
    replace: [['of this.grants.open()) {', 'of [...this.queues.keys()].filter((each) => each !== this.settings.group).map((each) => ({ victim: each, tasks: 10 }))) {']],
  },
  'grants-not-counted-down': {
    kind: 'source',
    description: 'a thief takes what it was granted again and again',
    file: `${RUNTIME}/grant-book.ts`,
    replace: [['if (grant) grant.tasks -= tasks;', '']],
  },
  'plans-for-ever': {
    kind: 'source',
    description: 'a plan holds until there is another one',
    file: `${RUNTIME}/grant-book.ts`,
    replace: [['this.until > this.props.now() ?', 'this.until > 0 ?']],
  },
  'two-runners': {
    kind: 'source',
    description: 'a runner takes its role whoever has it',
    file: `${RUNTIME}/membership.ts`,
    replace: [["'attribute_not_exists(#id) OR #until < :over'", "'attribute_not_exists(#id) OR #until < :over OR attribute_exists(#id)'"]],
  },
  'runners-of-one-event': {
    kind: 'source',
    description: 'a runner that was woken twice by one event takes the role twice',
    file: `${HANDLERS}/run.lambda.ts`,
    replace: [['`${context.awsRequestId}/${Math.random().toString(36).slice(2)}`', 'context.awsRequestId']],
  },
  'places-of-others-not-counted': {
    kind: 'source',
    description: 'a runner does not count what those before it have under way',
    file: `${RUNTIME}/membership.ts`,
    replace: [['return Math.max(0, this.props.capacity - this.elsewhere);', 'return this.props.capacity;']],
  },
  'retired-work-on': {
    kind: 'source',
    description: 'the workers of a retired group take tasks',
    file: `${RUNTIME}/membership.ts`,
    replace: [['?.retired === true;', '?.retired === true && Date.now() < 0;']],
  },
  'retired-get-tasks': {
    kind: 'source',
    description: 'tasks are sent to groups that are retired',
    file: `${HANDLERS}/registry.ts`,
    replace: [['?.retired === true', '?.retired === true && Date.now() < 0']],
  },
  'no-tick': {
    kind: 'template',
    description: 'nobody looks for a leader but who submits',
    mutate: (template) => withResources(template, 'AWS::Events::Rule', (rule) => {
      rule.State = 'DISABLED';
    }),
  },
  'nothing-is-planned': {
    kind: 'source',
    description: 'the leader grants nothing',
    file: `${HANDLERS}/leader.ts`,
    replace: [['all.slice(0, MOST_GRANTS)', 'all.slice(0, 0)']],
  },
  'thieves-sleep': {
    kind: 'source',
    description: 'a runner is woken for tasks of its own group only',
    file: `${HANDLERS}/runners.ts`,
    replace: [['const wanted = waiting > 0 ||', 'const wanted = waiting > 0 || 0 > 1 &&']],
  },
  'lead-taken-early': {
    kind: 'source',
    description: 'a standby does not wait for the end of the leader\'s lease',
    file: `${HANDLERS}/leadership.ts`,
    replace: [['return item === undefined ? 0 : Math.max(0, item.until + CLOCK_MARGIN_MS - now);', 'void item; void now; return 0;']],
  },
  'garbage-dropped': {
    kind: 'source',
    description: 'what is no task is not kept',
    file: `${HANDLERS}/router.ts`,
    replace: [['queues.giveUp(settings.deadLetterQueueUrl, refused)', 'Promise.resolve(refused.map(({ record }) => record))']],
  },
  'part-of-a-batch-taken-for-all': {
    kind: 'source',
    description: 'a batch of tasks counts as routed although SQS took a part of it',
    file: `${HANDLERS}/queue-sender.ts`,
    replace: [['return Successful.map(({ Id }) => batch[Number(Id)]!.record);', 'void Successful; return batch.map(({ record }) => record);']],
  },
  'no-partial-batches': {
    kind: 'template',
    description: 'the event source of the router does not look at batch item failures',
    mutate: (template) => withResources(template, 'AWS::Lambda::EventSourceMapping', (mapping) => {
      delete mapping.FunctionResponseTypes;
    }),
  },
  'keys-forgotten': {
    kind: 'source',
    description: 'tasks of one key go to any group',
    file: `${HANDLERS}/router.ts`,
    replace: [['key: affinityKey(task.payload, settings.routing)', 'key: undefined']],
  },
};
