import { App, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { ApiDestination, HttpMethod } from 'aws-cdk-lib/aws-events';
import { SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, Pass, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { addEmail, connection, emailing, inlineFunction, newStack, THREE_PRIORITIES } from './fixtures';
import { AdaptiveRate, FanOutTarget, KillSwitch, Rate, ThrottledFanOut, ThrottledFanOutProps, ThrottledTargetOptions } from '../../src';

const unknown = Lazy.number({ produce: () => 7 });

describe('misuse of a fan-out is refused with one clear sentence', () => {
  it.each<[string, ThrottledFanOutProps, string]>([
    ['no priority', { priorities: [] }, 'priorities must be 1 to 5 names, highest first, received 0 [Test/Notify]'],
    ['too many priorities', { priorities: ['a', 'b', 'c', 'd', 'e', 'f'] }, 'priorities must be 1 to 5 names, highest first, received 6'],
    ['a priority twice', { priorities: ['high', 'low', 'high'] }, "priorities must be different names, received 'high' twice"],
    ['a priority without a name', { priorities: [''] }, "a priority must be 1 to 32 letters, digits and any of _ -, received ''"],
    ['a priority that is too long', { priorities: ['p'.repeat(33)] }, 'a priority must be 1 to 32 letters'],
    ['a priority with a blank', { priorities: ['very high'] }, "received 'very high'"],
  ])('%s', (_, props, sentence) => {
    expect(() => new ThrottledFanOut(newStack(), 'Notify', props)).toThrow(sentence);
  });

  it('a FIFO topic', () => {
    const stack = newStack();
    expect(() => new ThrottledFanOut(stack, 'Notify', { topic: new Topic(stack, 'Topic', { fifo: true }) }))
      .toThrow("topic must be a standard one, received 'Test/Topic', a FIFO topic, which does not hand message groups on to standard queues [Test/Notify]");
  });

  it('no target at all', () => {
    const app = new App();
    new ThrottledFanOut(new Stack(app, 'Test'), 'Notify');
    expect(() => app.synth()).toThrow('a throttled fan-out needs at least one target; call addTarget');
  });

  it.each([
    ['no id', '', "the id of a target must be 1 to 32 letters, digits and any of _ -, received ''"],
    ['an id that is too long', 't'.repeat(33), 'the id of a target must be 1 to 32 letters'],
    ['an id that would reach into other targets\' items', 'E#', "received 'E#'"],
    ['the id of the topic', 'Topic', "the id of a target must not be that of a part of the fan-out (Alarms, Bus, Table, Topic, Undelivered), received 'Topic'"],
    ['the id of the bus', 'Bus', "received 'Bus'"],
    ['an id that is there already', 'Email', "there is a target 'Email' already; ids must be unique [Test/Notify]"],
  ])('a target with %s', (_, id, sentence) => {
    const stack = newStack();
    const fanOut = emailing(stack);
    expect(() => fanOut.addTarget(id, FanOutTarget.queue(new Queue(stack, 'Queue')), { rate: Rate.perSecond(1) })).toThrow(sentence);
  });

  it('a metric of a priority that nobody has', () => {
    const [target] = emailing(newStack()).targets;
    expect(() => target.metricDelivered('urgent')).toThrow("priority of a metric must be one of 'normal', received 'urgent' [Test/Notify/Email]");
    expect(() => target.metricOldestAge('urgent')).toThrow("received 'urgent'");
  });
});

describe('misuse of a target\'s options is refused with one clear sentence', () => {
  const slow = Rate.perSecond(10, { burst: 2 });

  it.each<[string, Partial<ThrottledTargetOptions>, string]>([
    ['places for less than two of each priority', { maxConcurrency: 5 }, "maxConcurrency of target 'Email' with 3 priorities must be a whole number from 6 to 10000, received 5 [Test/Notify]"],
    ['too many places', { maxConcurrency: 10_001 }, 'from 6 to 10000, received 10001'],
    ['places that nobody knows', { maxConcurrency: unknown }, "maxConcurrency of target 'Email' must be known at synthesis, received a token; give a number"],
    ['no attempt', { maxAttempts: 0 }, "maxAttempts of target 'Email' must be a whole number from 1 to 100, received 0"],
    ['too many attempts', { maxAttempts: 101 }, 'received 101'],
    ['attempts that nobody knows', { maxAttempts: unknown }, "maxAttempts of target 'Email' must be known at synthesis"],
    ['a reserve for nobody', { reserve: { urgent: 0.1 } }, "reserve must name one of the priorities 'critical', 'normal', 'bulk', received 'urgent', of target 'Email' [Test/Notify]"],
    ['a reserve for the lowest', { reserve: { bulk: 0.1 } }, "reserve of the lowest priority has no meaning, received 0.1 for 'bulk'; leave it out, of target 'Email'"],
    ['less than no reserve', { reserve: { critical: -0.1 } }, "reserve of 'critical' must be at least 0 and below 1, received -0.1"],
    ['all as a reserve', { reserve: { critical: 1 } }, "reserve of 'critical' must be at least 0 and below 1, received 1"],
    ['a reserve that is no number', { reserve: { critical: NaN } }, 'received NaN'],
    ['all as reserves', { reserve: { critical: 0.5, normal: 0.5 } }, 'reserve must be below 1 together, received 1'],
    ['nothing left for the lowest', { rate: slow, reserve: { critical: 0.6 } }, 'reserve must leave the lowest priority 1 of the burst of 2, received 0.6 together; reserve less or give the rate a burst of 3'],
    ['an attribute in both filters', { filter: { channel: ['email'] }, filterPolicy: { channel: SubscriptionFilter.existsFilter() } },
      "filter and filterPolicy must be about different attributes, received 'channel' in both, of target 'Email'"],
    ['a filter of priorities', { filter: { priority: ['critical'] } }, "filter cannot ask for 'priority', which decides about the queue; name another attribute"],
    ['a filter policy of priorities', { filterPolicy: { priority: SubscriptionFilter.existsFilter() } }, "filter cannot ask for 'priority'"],
    ['a filter that nothing passes', { filter: { channel: [] } }, "filter must have at least one value for 'channel', received none"],
    ['too many attributes', { filter: { a: ['1'], b: ['1'], c: ['1'], d: ['1'], e: ['1'] } }, 'filter and filterPolicy must have at most 4 attributes together, received 5'],
    ['an age below a minute', { maxAge: Duration.seconds(59) }, "maxAge of target 'Email' must be from 60 s to 1123200 s, received 59 s [Test/Notify]"],
    ['an age near the queues\' end', { maxAge: Duration.days(14) }, 'received 1209600 s'],
    ['an age of a fraction of a second', { maxAge: Duration.millis(90_500) }, "maxAge of target 'Email' must be whole seconds and at least 1, received 90.5 s"],
    ['an age that nobody knows', { maxAge: Duration.seconds(unknown) }, "maxAge of target 'Email' must be known at synthesis, received a token"],
    ['too long a delivery', { deliveryTimeout: Duration.seconds(61) }, "deliveryTimeout of target 'Email' must be from 1 s to 60 s, received 61 s"],
    ['a delivery in no time', { deliveryTimeout: Duration.millis(500) }, "deliveryTimeout of target 'Email' must be whole seconds and at least 1, received 0.5 s"],
    ['too long a delay', { retryDelay: Duration.minutes(16) }, "retryDelay of target 'Email' must be from 1 s to 900 s, received 960 s"],
    ['ageing beyond the age', { ageing: Duration.days(7) }, "ageing of target 'Email' must be from 1 s to 604799 s, received 604800 s"],
    ['an alarm beyond the age', { maxAge: Duration.hours(1), alarms: { oldestAge: Duration.hours(1) } }, "oldestAge of target 'Email' must be from 1 s to 3599 s, received 3600 s"],
    ['a floor at the ceiling', { adaptive: AdaptiveRate.aimd({ floor: Rate.perSecond(50) }) },
      "floor of AdaptiveRate.aimd must be below the rate of 50 a second, received 50 a second, of target 'Email'"],
    ['a latency that no delivery lives to see', { adaptive: AdaptiveRate.aimd({ floor: Rate.perSecond(5), latencyTarget: Duration.seconds(10) }) },
      'latencyTarget of AdaptiveRate.aimd must be below deliveryTimeout (10000 ms), received 10000 ms'],
  ])('%s', (_, options, sentence) => {
    expect(() => emailing(newStack(), { priorities: THREE_PRIORITIES }, options)).toThrow(sentence);
  });

  it('an alarm of the fan-out beyond the age', () => {
    expect(() => emailing(newStack(), { alarms: { oldestAge: Duration.hours(2) } }, { maxAge: Duration.hours(1) })).toThrow("oldestAge of target 'Email'");
  });

  it.each<[string, Partial<ThrottledTargetOptions>]>([
    ['the least', {
      maxConcurrency: 6, maxAttempts: 1, maxAge: Duration.minutes(1), deliveryTimeout: Duration.seconds(1), retryDelay: Duration.seconds(1),
      ageing: Duration.seconds(1), reserve: { critical: 0 }, alarms: { oldestAge: Duration.seconds(1) },
    }],
    ['the most', {
      rate: Rate.perSecond(10_000), maxConcurrency: 10_000, maxAttempts: 100, maxAge: Duration.days(13), deliveryTimeout: Duration.seconds(60),
      retryDelay: Duration.minutes(15), filter: { a: ['1'], b: ['1'], c: ['1'], d: ['1'] }, reserve: { critical: 0.49, normal: 0.5 },
    }],
    ['a reserve that leaves just one', { rate: slow, reserve: { critical: 0.5 } }],
  ])('and not %s', (_, options) => {
    expect(() => emailing(newStack(), { priorities: THREE_PRIORITIES }, options)).not.toThrow();
  });

  it('and not a fifth attribute where there is one priority', () => {
    expect(() => emailing(newStack(), {}, { filter: { a: ['1'], b: ['1'], c: ['1'], d: ['1'], e: ['1'] } })).not.toThrow();
  });

  it.each<[string, Partial<ThrottledTargetOptions>, string]>([
    ['an adaptive rate', { adaptive: AdaptiveRate.aimd({ floor: Rate.perSecond(1) }) }, 'adaptive'],
    ['a kill switch', { killSwitch: KillSwitch.atErrorShare(0.5) }, 'killSwitch'],
  ])('%s of an API destination', (_, options, name) => {
    expect(() => withDestination(newStack(), options))
      .toThrow(`${name} has no meaning with FanOutTarget.apiDestination, for EventBridge does not tell how a request ended; use FanOutTarget.http, of target 'Partner' [Test/Notify]`);
  });

  it('and not the lack of a kill switch', () => {
    expect(() => withDestination(newStack(), { killSwitch: KillSwitch.disabled() })).not.toThrow();
  });
});

describe('misuse of rates, switches and targets is refused with one clear sentence', () => {
  const floor = Rate.perSecond(1);

  it.each<[string, (stack: Stack) => unknown, string]>([
    ['no rate', () => Rate.perSecond(0), 'deliveries of Rate.perSecond must be above 0 and at most 10000, received 0'],
    ['too high a rate', () => Rate.perMinute(600_001), 'deliveries of Rate.perMinute must be above 0 and at most 600000, received 600001'],
    ['less than no rate', () => Rate.perHour(-1), 'deliveries of Rate.perHour must be above 0 and at most 36000000, received -1'],
    ['a rate that is no number', () => Rate.perSecond(NaN), 'received NaN'],
    ['a rate that nobody knows', () => Rate.perSecond(unknown), 'deliveries of Rate.perSecond must be known at synthesis, received a token; give a number'],
    ['a burst of one', () => Rate.perSecond(5, { burst: 1 }), 'burst of Rate.perSecond(5) must be a whole number and at least 2, received'],
    ['a burst that is too small for the rate', () => Rate.perSecond(500, { burst: 20 }), 'burst of Rate.perSecond(500) must be a whole number and at least 21, received'],
    ['a burst that is too small for each shard', () => Rate.perSecond(10_000, { burst: 404 }), 'burst of Rate.perSecond(10000) must be a whole number and at least 405, received'],
    ['a part of a burst', () => Rate.perMinute(5, { burst: 2.5 }), 'received 2.5'],
    ['a burst that nobody knows', () => Rate.perHour(5, { burst: unknown }), 'burst of Rate.perHour must be known at synthesis, received a token'],
    ['no increase', () => AdaptiveRate.aimd({ floor, increasePerSecond: 0 }), 'increasePerSecond of AdaptiveRate.aimd must be above 0, received 0'],
    ['no decrease', () => AdaptiveRate.aimd({ floor, decrease: 1 }), 'decrease of AdaptiveRate.aimd must be above 0 and below 1, received 1; it is what is left of the rate'],
    ['nothing left of the rate', () => AdaptiveRate.aimd({ floor, decrease: 0 }), 'received 0'],
    ['no latency', () => AdaptiveRate.aimd({ floor, latencyTarget: Duration.millis(0) }), 'latencyTarget of AdaptiveRate.aimd must be whole milliseconds and at least 1, received'],
    ['a latency that nobody knows', () => AdaptiveRate.aimd({ floor, latencyTarget: Duration.millis(unknown) }), 'latencyTarget of AdaptiveRate.aimd'],
    ['no share', () => KillSwitch.atErrorShare(0), 'share of KillSwitch.atErrorShare must be above 0 and at most 1, received 0'],
    ['a percentage as share', () => KillSwitch.atErrorShare(50), 'received 50'],
    ['no delivery', () => KillSwitch.atErrorShare(1, { minimumDeliveries: 0 }), 'minimumDeliveries of KillSwitch.atErrorShare must be a whole number from 1 to 10000, received 0'],
    ['too long a window', () => KillSwitch.atErrorShare(1, { window: Duration.hours(1) }), 'window of KillSwitch.atErrorShare must be at most 900 s, received 3600 s'],
    ['a window of nothing', () => KillSwitch.atErrorShare(1, { window: Duration.seconds(0) }), 'window of KillSwitch.atErrorShare must be whole seconds and at least 1, received 0 s'],
    ['probes too seldom', () => KillSwitch.atErrorShare(1, { probeEvery: Duration.minutes(16) }), 'probeEvery of KillSwitch.atErrorShare must be at most 900 s, received 960 s'],
    ['a FIFO queue', (stack) => FanOutTarget.queue(new Queue(stack, 'Queue', { fifo: true })),
      "the queue of FanOutTarget.queue must be a standard one, received 'Test/Queue', a FIFO queue; what is paced by priority has no order"],
    ['an Express state machine', (stack) => FanOutTarget.stateMachine(expressMachine(stack)),
      "the state machine of FanOutTarget.stateMachine must be a Standard one, received 'Test/Express', an Express one, which starts again for a message that comes again"],
    ['plain HTTP', (stack) => FanOutTarget.http({ url: 'http://sms.example.com', connection: connection(stack) }),
      "url of FanOutTarget.http must begin with https:// and a host, received 'http://sms.example.com'"],
    ['a URL without a host', (stack) => FanOutTarget.http({ url: 'https:///send', connection: connection(stack) }), "received 'https:///send'"],
    ['a request without a body', (stack) => FanOutTarget.http({ url: 'https://sms.example.com', connection: connection(stack), method: HttpMethod.GET }),
      'method of FanOutTarget.http must be one of POST, PUT, PATCH, for the delivery is the body, received GET'],
  ])('%s', (_, build, sentence) => {
    expect(() => build(newStack())).toThrow(sentence);
  });

  it.each<[string, (stack: Stack) => unknown]>([
    ['a URL that is a token', (stack) => FanOutTarget.http({ url: Lazy.string({ produce: () => 'https://sms.example.com' }), connection: connection(stack) })],
    ['the smallest burst', () => [Rate.perSecond(500, { burst: 21 }), Rate.perSecond(10_000, { burst: 405 }), Rate.perHour(1, { burst: 2 })]],
    ['the bounds of a switch', () => KillSwitch.atErrorShare(1, { minimumDeliveries: 1, window: Duration.minutes(15), probeEvery: Duration.seconds(1) })],
  ])('and not %s', (_, build) => {
    expect(() => build(newStack())).not.toThrow();
  });
});

describe('warnings', () => {
  it.each([
    ['has none', undefined, "the API destination of target 'Partner' has no rateLimitPerSecond, so EventBridge takes 300; set it to the target's rate of 10 a second"],
    ['has a lower one', 9, "the API destination of target 'Partner' has a rateLimitPerSecond of 9, below the target's rate of 10"],
  ])('of an API destination\'s rate, when it %s', (_, rateLimitPerSecond, sentence) => {
    const stack = newStack();
    withDestination(stack, {}, rateLimitPerSecond);
    Annotations.fromStack(stack).hasWarning('/Test/Notify/Partner', Match.stringLikeRegexp(sentence));
  });

  it('of nothing when the API destination has the target\'s rate', () => {
    const stack = newStack();
    withDestination(stack, {}, 10);
    Annotations.fromStack(stack).hasNoWarning('/Test/Notify/Partner', Match.anyValue());
  });

  it('of a function that may run longer than a delivery may take, and of no other', () => {
    const stack = newStack();
    const fanOut = emailing(stack);
    fanOut.addTarget('Slow', FanOutTarget.function(inlineFunction(stack, 'Slow', { timeout: Duration.seconds(11) })), { rate: Rate.perSecond(1) });
    fanOut.addTarget('Punctual', FanOutTarget.function(inlineFunction(stack, 'Punctual', { timeout: Duration.seconds(10) })), { rate: Rate.perSecond(1) });
    const annotations = Annotations.fromStack(stack);
    annotations.hasWarning('/Test/Notify/Slow', Match.stringLikeRegexp("the function of target 'Slow' may run for 11 s, longer than deliveryTimeout \\(10 s\\)"));
    for (const id of ['Punctual', 'Email']) annotations.hasNoWarning(`/Test/Notify/${id}`, Match.anyValue());
  });
});

it('targets are those that were added, and the list is the caller\'s own', () => {
  const fanOut = new ThrottledFanOut(newStack(), 'Notify');
  const target = addEmail(fanOut);
  fanOut.targets.pop();
  expect(fanOut.targets).toEqual([target]);
});

function withDestination(stack: Stack, options: Partial<ThrottledTargetOptions>, rateLimitPerSecond?: number) {
  const destination = new ApiDestination(stack, 'Destination', { connection: connection(stack), endpoint: 'https://partner.example.com', rateLimitPerSecond });
  new ThrottledFanOut(stack, 'Notify').addTarget('Partner', FanOutTarget.apiDestination(destination), { rate: Rate.perSecond(10), ...options });
}

function expressMachine(stack: Stack): StateMachine {
  return new StateMachine(stack, 'Express', { definitionBody: DefinitionBody.fromChainable(new Pass(stack, 'Pass')), stateMachineType: StateMachineType.EXPRESS });
}
