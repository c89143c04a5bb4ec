import { type Mutant, withResources } from '../campaign';

const DISPATCHER = 'lambda-src/throttled-fan-out';

/** One way to break each guarantee. */
export const mutants: Readonly<Record<string, Mutant>> = {
  'limiter-without-condition': {
    kind: 'source',
    description: "the limiter's item is written whoever was faster",
    file: `${DISPATCHER}/limiter-store.ts`,
    replace: [
      ["first ? 'attribute_not_exists(id)' : 'revision = :before'", "'attribute_not_exists(nothing)'"],
      ["...(!first && { ExpressionAttributeValues: { ':before': item.revision - 1 } }),", ''],
      ['const first = item.revision === 1;', ''],
    ],
  },
  'wall-clock-of-the-worker': {
    kind: 'source',
    description: "slots are in each worker's wall-clock time, not in the item's",
    file: `${DISPATCHER}/limiter/item-clock.ts`,
    replace: [
      ['return this.source.monotonic() + this.lowest;', 'return this.source.wall();'],
      ['return Math.min(ANY_MS, this.highest - this.lowest);', 'return 0;'],
      ['return time - this.lowest;', 'return time - this.source.wall() + this.source.monotonic();'],
    ],
  },
  'late-slots-used': {
    kind: 'source',
    description: 'a slot is used however late',
    file: `${DISPATCHER}/dispatcher.ts`,
    replace: [['if (limiter.now() > slot + usableForMs) continue;', '']],
  },
  'slots-not-waited-for': {
    kind: 'source',
    description: 'what is granted goes at once, not at its slot',
    file: `${DISPATCHER}/dispatcher.ts`,
    replace: [['for (let early = slot - limiter.now(); early > 0; early = slot - limiter.now()) await sleep(Math.ceil(early));', '']],
  },
  'usual-receive-count': {
    kind: 'template',
    description: 'messages that were received five times go to the dead-letter queue',
    mutate: (template) => withResources(template, 'AWS::SQS::Queue', ({ RedrivePolicy }) => {
      if (RedrivePolicy) RedrivePolicy.maxReceiveCount = 5;
    }),
  },
  'deferral-is-an-attempt': {
    kind: 'source',
    description: 'a message that was received as often as it may fail is given up when it has to wait once more',
    file: `${DISPATCHER}/dispatcher.ts`,
    replace: [
      ['private defer({ record }: Message, ms: number): void {', `private defer(message: Message, ms: number): void {
        const { record } = message;
        if (Number(record.attributes.ApproximateReceiveCount) >= this.surroundings.settings.maxAttempts) return this.give(message, 'FAILED', 'deferred');`],
    ],
  },
  'throttled-is-failed': {
    kind: 'source',
    description: 'a delivery that the target throttles counts as a failed attempt',
    file: `${DISPATCHER}/dispatcher.ts`,
    replace: [['this.defer(message, retryAfterMs ?? THROTTLED_AGAIN_MS);', "await this.attempted(message, 'throttled');"]],
  },
  'no-ageing': {
    kind: 'source',
    description: 'messages of lower priorities wait as long as higher ones press',
    file: `${DISPATCHER}/limiter/acquire.ts`,
    replace: [['const aged = request.aged && request.rank > 0 ?', 'const aged = false ?']],
  },
  'no-priorities': {
    kind: 'source',
    description: 'nobody waits for higher priorities, which book no further ahead than others',
    file: `${DISPATCHER}/limiter/acquire.ts`,
    replace: [
      ['const blockedUntil = probe ? now : Math.max(now, ...state.pressing.slice(0, request.rank));', 'const blockedUntil = now;'],
      ['heldBack.length > 1 ? HORIZON_MS.highest', 'heldBack.length > 1 ? HORIZON_MS.others'],
    ],
  },
  'dead-letters-dropped': {
    kind: 'source',
    description: 'what is given up is not sent anywhere',
    file: `${DISPATCHER}/give-up.ts`,
    replace: [['const dead = messages.filter(({ reason }) => reason !== \'EXPIRED\');', 'const dead: GivenUp[] = [];'],
      ['return new Set(kept.flat());', 'return new Set([...kept.flat(), ...messages]);']],
  },
  'expired-dropped': {
    kind: 'source',
    description: 'what is too old is not sent anywhere',
    file: `${DISPATCHER}/give-up.ts`,
    replace: [['const expired = messages.filter(({ reason }) => reason === \'EXPIRED\');', 'const expired: GivenUp[] = [];'],
      ['return new Set(kept.flat());', 'return new Set([...kept.flat(), ...messages]);']],
  },
  'part-of-a-batch-taken-for-all': {
    kind: 'source',
    description: 'a batch of given-up messages counts as kept although SQS took a part of it',
    file: `${DISPATCHER}/give-up.ts`,
    replace: [['return Successful.map(({ Id }) => batch[Number(Id)]!.givenUp);', 'void Successful; return batch.map(({ givenUp }) => givenUp);']],
  },
  'never-expires': {
    kind: 'source',
    description: 'messages are delivered however old they are',
    file: `${DISPATCHER}/dispatcher.ts`,
    replace: [['this.pending[0]!.sentAt < oldest', 'this.pending[0]!.sentAt < oldest - 1e12']],
  },
  'poison-for-ever': {
    kind: 'source',
    description: 'a message is tried however often it has failed',
    file: `${DISPATCHER}/dispatcher.ts`,
    replace: [['if (failures >= maxAttempts) {', 'if (failures >= maxAttempts + 100) {']],
  },
  'deferred-are-deleted': {
    kind: 'source',
    description: 'messages that have to wait are not reported as batch item failures',
    file: `${DISPATCHER}/undelivered.ts`,
    replace: [['return { comingBack: this.later.map(({ record }) => record.messageId),', 'return { comingBack: [],']],
  },
  'no-partial-batches': {
    kind: 'template',
    description: 'the event sources do not look at batch item failures',
    mutate: (template) => withResources(template, 'AWS::Lambda::EventSourceMapping', (mapping) => {
      delete mapping.FunctionResponseTypes;
    }),
  },
  'many-probes': {
    kind: 'source',
    description: 'an open switch lets everything through when it is time for a probe',
    file: `${DISPATCHER}/limiter/kill-switch.ts`,
    replace: [["return now >= state.until ? 'ONE' : { waitMs: state.until - now };", "return now >= state.until ? 'ALL' : { waitMs: state.until - now };"]],
  },
  'switch-never-opens': {
    kind: 'source',
    description: 'failures do not open the kill switch',
    file: `${DISPATCHER}/limiter/kill-switch.ts`,
    replace: [['const opens = all >= killSwitch.minimumDeliveries && window.failed >= all * killSwitch.errorShare;', 'const opens = false;']],
  },
  'retry-after-ignored': {
    kind: 'source',
    description: 'Retry-After holds for the message alone',
    file: `${DISPATCHER}/limiter/acquire.ts`,
    replace: [['if (state.pace.silentUntil > now)', 'if (state.pace.silentUntil > now + 1e12)']],
  },
  'operator-ignored': {
    kind: 'source',
    description: 'what the operator writes is not read',
    file: `${DISPATCHER}/control.ts`,
    replace: [['const { control, refused } = controlOf(Item, settings.limit);', 'const { control, refused } = controlOf({ ...Item, paused: false, killSwitch: \'AUTO\' }, settings.limit);']],
  },
  'unbounded-invocations': {
    kind: 'template',
    description: 'the event sources run as many invocations as there are batches',
    mutate: (template) => withResources(template, 'AWS::Lambda::EventSourceMapping', (mapping) => {
      delete mapping.ScalingConfig;
    }),
  },
  'places-not-counted': {
    kind: 'source',
    description: 'an invocation has as many deliveries under way as it has slots',
    file: `${DISPATCHER}/places.ts`,
    replace: [['while (this.free < 1) await Promise.race(this.underWay);', '']],
  },
  'unknown-priorities-dropped': {
    kind: 'template',
    description: "the lowest priority's queue takes its own name only",
    mutate: (template) => withResources(template, 'AWS::SNS::Subscription', (subscription) => {
      const asked = subscription.FilterPolicy?.priority;
      if (asked?.some((each: unknown) => typeof each === 'object')) subscription.FilterPolicy.priority = ['bulk'];
    }),
  },
  'higher-priorities-twice': {
    kind: 'template',
    description: "the lowest priority's event source keeps what has a queue of its own",
    mutate: (template) => withResources(template, 'AWS::Lambda::EventSourceMapping', (mapping) => {
      delete mapping.FilterCriteria;
    }),
  },
};
