import { type Mutant, type Template, withResources } from '../campaign';

/** One way to break each guarantee. */
export const mutants: Readonly<Record<string, Mutant>> = {
  'latest-records-first': {
    kind: 'template',
    description: 'the pipes start at the end of their streams',
    mutate: (template) => withPipes(template, ({ SourceParameters }) => {
      SourceParameters.DynamoDBStreamParameters.StartingPosition = 'LATEST';
    }),
  },
  'removals-published': {
    kind: 'template',
    description: 'the filter lets removed rows through',
    mutate: (template) => withPipes(template, ({ SourceParameters: { FilterCriteria } }) => {
      for (const filter of FilterCriteria.Filters) filter.Pattern = filter.Pattern.replace('"eventName":["INSERT"]', '"eventName":["INSERT","REMOVE"]');
    }),
  },
  'group-per-event': {
    kind: 'template',
    description: 'the group of a FIFO queue is the event, not the aggregate',
    mutate: (template) => withPipes(template, ({ TargetParameters: { SqsQueueParameters: queue } = {} as any }) => {
      if (queue) queue.MessageGroupId = queue.MessageDeduplicationId;
    }),
  },
  'fifo-in-batches': {
    kind: 'template',
    description: 'rows go to a FIFO queue ten at a time',
    mutate: (template) => withPipes(template, ({ SourceParameters: { DynamoDBStreamParameters: stream }, TargetParameters }) => {
      if (TargetParameters?.SqsQueueParameters) stream.BatchSize = 10;
    }),
  },
  'no-dead-letter-grant': {
    kind: 'template',
    description: 'the pipes may not write to their dead-letter queues',
    mutate: (template) => withResources(template, 'AWS::IAM::Policy', ({ PolicyDocument }) => {
      PolicyDocument.Statement = PolicyDocument.Statement.filter(({ Action, Resource }: any) => (
        ![Action].flat().includes('sqs:SendMessage') || !JSON.stringify(Resource).includes('DeadLetters')));
    }),
  },
  'claim-without-condition': {
    kind: 'source',
    description: 'an event can be claimed twice',
    file: 'runtime-src/transactional-outbox/inbox.ts',
    replace: [['ConditionExpression: `attribute_not_exists(${INBOX.PARTITION_KEY})`', "ConditionExpression: 'attribute_not_exists(nothing)'"]],
  },
  'old-image-dropped': {
    kind: 'source',
    description: 'a change comes without what was there before',
    file: 'lambda-src/transactional-outbox/envelope.ts',
    replace: [['    old: change.OldImage as TypedItem | undefined,', '    old: undefined,']],
  },
  'parked-do-not-wait': {
    kind: 'source',
    description: 'events go on although their aggregate is parked',
    file: 'lambda-src/transactional-outbox/relay.ts',
    replace: [['if (await parkedKeys.mustWait(', 'if (false && await parkedKeys.mustWait(']],
  },
  'replay-skips-failures': {
    kind: 'source',
    description: 'a replay takes what it could not publish for done',
    file: 'lambda-src/transactional-outbox/replay.ts',
    replace: [['const done = unfinished ? unfinished.index : items.length;', 'const done = items.length;']],
  },
  'replay-without-cursor': {
    kind: 'source',
    description: 'each step of a replay begins again',
    file: 'lambda-src/transactional-outbox/replay-step.ts',
    replace: [['progress?.cursor ? decodeCursor(progress.cursor) : wanted.cursor', 'wanted.cursor']],
  },
  'replay-without-order': {
    kind: 'source',
    description: "a replay publishes an aggregate's events side by side",
    file: 'lambda-src/transactional-outbox/replayed-table.ts',
    replace: [['laneOf: (row) => textOf(row, ROW.PARTITION_KEY)', 'laneOf: (row) => textOf(row, ROW.EVENT_ID)']],
  },
};

function withPipes(template: Template, change: (properties: any) => void): Template {
  return withResources(template, 'AWS::Pipes::Pipe', change);
}
