import { Duration } from 'aws-cdk-lib';
import type { Stage, Story, Vocabulary } from '../stage';
import { type Axis, drawn, legend, type Mark, type Panel } from './chart';
import { type Arrival, backAfter, excess, type Limit, percentile, rates } from './measure';
import { picture } from './picture';
import { type Health, SmsProvider } from './sms-provider';

const PRIORITIES = ['critical', 'normal', 'bulk'] as const;
/** As the app has them. */
const LIMITS = {
  Email: { ratePerSecond: 50, burst: 100 },
  Sms: { ratePerSecond: 5, burst: 5 },
  Audit: { ratePerSecond: 200, burst: 200 },
} as const satisfies Record<string, Limit>;
type Target = keyof typeof LIMITS;
const TARGETS = Object.keys(LIMITS) as Target[];

const FLOOD = [{ channel: 'email', recipients: 4000 }, { channel: 'sms', recipients: 900 }];
/** While the flood lasts: one every so many seconds. */
const TRICKLE = [
  { channel: 'email', priority: 'critical', everySeconds: 2 },
  { channel: 'email', priority: 'normal', everySeconds: 1 },
  { channel: 'sms', priority: 'critical', everySeconds: 4 },
  { channel: 'sms', priority: 'normal', everySeconds: 10 },
];
const TRICKLE_SECONDS = 320;
const LENGTH_SECONDS = 340;

/** What becomes of the SMS provider, and when. */
const PROVIDER: readonly { readonly atSecond: number; readonly health: Health; readonly words: string }[] = [
  { atSecond: 40, health: 'DOWN', words: 'the SMS provider fails: 503 to every request' },
  { atSecond: 100, health: 'BUSY', words: 'the SMS provider is back, but busy: it takes 2 a second and answers the rest with 429' },
  { atSecond: 150, health: 'WELL', words: 'the SMS provider is well again' },
];
const FAILS_MS = PROVIDER[0].atSecond * 1000;
const WELL_MS = PROVIDER[2].atSecond * 1000;
/** So long the rate may grow afterwards, by the app's adaptive rate. */
const GROWS_MS = 60_000;
const MARKS: readonly Mark[] = [
  { from: FAILS_MS, to: PROVIDER[1].atSecond * 1000, sign: '×', means: 'provider fails' },
  { from: PROVIDER[1].atSecond * 1000, to: WELL_MS, sign: '~', means: 'provider throttles' },
];

const CHART_SPAN_MS = 5_000;
const PICTURE_SPAN_MS = 2_000;
const RECOVERY_SPAN_MS = 10_000;

const STEPS: Vocabulary = {
  'cloudwatch.alarm': ({ detail }) => (detail?.to === 'ALARM' ? 'ALARM' : undefined),
};

/** What the story has seen, second by second. */
interface Seen {
  readonly email: Arrival[];
  /** The rate that the limiter allows. */
  readonly allowed: Record<Target, number[]>;
  readonly switchOpen: boolean[];
  readonly published: Record<string, number>;
}

export const play: Story = async (stage) => {
  stage.chapter('A campaign floods everything, and codes and receipts go on; meanwhile the SMS provider fails, throttles and comes back');
  stage.deploy({ tell: STEPS });
  const beganAt = stage.now;
  const provider = new SmsProvider(beganAt);
  stage.endpoint('https://sms.example.com/messages', provider.answer);
  const seen = await watch(stage, provider);

  const audit = stage.happened('sqs.SendMessage', 'Notify/Audit/Dispatch').map(({ at }) => at - beganAt);
  const arrivals: Record<Target, readonly number[]> = { Email: times(seen.email), Sms: times(provider.requests), Audit: audit };
  draw(stage, seen, provider, audit);
  tellWaits(stage, seen.email, provider.requests);
  tellQueues(stage);
  const recovery = expectAll(stage, seen, provider, arrivals);
  stage.close();
  stage.result({
    status: stage.failed ? 'FAILED' : 'SUCCEEDED',
    output: {
      published: seen.published,
      deadLetters: total(stage, 'DeadLetters'),
      expired: total(stage, 'Expired'),
      smsBackAtNinetyPercent: recovery === undefined ? 'never' : `${(recovery / 1000).toFixed(1)} s after the provider was well`,
    },
  });
};

/** Plays the whole story, and looks at everything once a second. */
async function watch(stage: Stage, provider: SmsProvider): Promise<Seen> {
  const beganAt = stage.now;
  const seen: Seen = { email: [], allowed: { Email: [], Sms: [], Audit: [] }, switchOpen: [], published: { email: 0, sms: 0 } };
  const publish = (message: { channel: string; priority: string; recipients: number }) => {
    const { channel, priority, recipients } = message;
    seen.published[channel] += recipients;
    stage.start('Publish', { ...stage.read(priority === 'bulk' ? 'typescript/campaign.json' : 'typescript/code.json'), ...message });
  };
  for (const { channel, recipients } of FLOOD) {
    stage.tell(`the campaign publishes ${recipients} messages to ${channel}, priority bulk`);
    publish({ channel, priority: 'bulk', recipients });
  }
  stage.tell('from now on, all the time: a critical e-mail every 2 s and SMS every 4 s, a normal e-mail every second and SMS every 10 s');

  let lines = 0;
  for (let second = 0; second < LENGTH_SECONDS; second++) {
    const change = PROVIDER.find(({ atSecond }) => atSecond === second);
    if (change) {
      provider.health = change.health;
      stage.tell(change.words);
    }
    for (const { everySeconds, ...message } of second < TRICKLE_SECONDS ? TRICKLE : []) {
      if (second % everySeconds === 0) publish({ ...message, recipients: 1 });
    }
    await stage.pass(Duration.seconds(1));
    seen.email.push(...sentSince(stage, lines, beganAt));
    lines = stage.lineCount('SendEmailLogs');
    look(stage, seen);
  }
  return seen;
}

/** What the e-mail function has logged. */
function sentSince(stage: Stage, lines: number, beganAt: number): Arrival[] {
  return stage.linesOf('SendEmailLogs', lines).map(({ at, message: line }) => {
    const { message } = JSON.parse(line);
    if (message?.sent === undefined) throw new Error(`the e-mail function has not sent but logged: ${line}`);
    return { at: at - beganAt, id: message.sent, priority: message.priority, accepted: true, waitedMs: message.waitedMs };
  });
}

/** The limits' items say which rate is allowed, and whether the kill switch is open. */
function look(stage: Stage, { allowed, switchOpen }: Seen) {
  const items = new Map(stage.items('Notify/Table').map((item) => [item.id, item]));
  for (const target of TARGETS) {
    allowed[target].push(LIMITS[target].ratePerSecond * (items.get(`${target}#limiter#0`)?.state.pace.share ?? 1));
  }
  const open = (items.get('Sms#limiter#0')?.state.killSwitch.position ?? 'CLOSED') !== 'CLOSED';
  if (open !== (switchOpen.at(-1) ?? false)) {
    stage.tell(open ? 'the kill switch of Sms opens: nothing but probes goes out' : 'a probe was answered: the kill switch of Sms closes');
  }
  switchOpen.push(open);
}

function draw(stage: Stage, seen: Seen, provider: SmsProvider, audit: readonly number[]) {
  const panels = (spanMs: number): Panel[] => {
    const lengthMs = LENGTH_SECONDS * 1000;
    const layer = (name: string, arrived: readonly Arrival[]) => ({ name, rates: rates(times(arrived), spanMs, lengthMs) });
    const layers = (all: readonly Arrival[]) => [
      ...PRIORITIES.map((name) => layer(name, all.filter(({ accepted, priority }) => accepted && priority === name))),
      layer('refused', all.filter(({ accepted }) => !accepted)),
    ];
    const panel = (target: Target, of: Panel['layers'], marks: readonly Mark[] = []): Panel => {
      const allowed = seen.allowed[target].filter((_, second) => (second * 1000) % spanMs === 0);
      return { target, limit: LIMITS[target].ratePerSecond, layers: of, allowed, marks };
    };
    return [
      panel('Email', layers(seen.email)),
      panel('Sms', layers(provider.requests), MARKS),
      panel('Audit', [{ name: 'all', rates: rates(audit, spanMs, lengthMs) }]),
    ];
  };
  const axis = (spanMs: number): Axis => ({ spanMs, lengthMs: LENGTH_SECONDS * 1000 });
  stage.say('\nWhat reached the targets, all priorities and the refused requests; the line is the limit\n');
  for (const panel of panels(CHART_SPAN_MS)) for (const line of drawn(panel, axis(CHART_SPAN_MS))) stage.say(line);
  for (const line of legend(axis(CHART_SPAN_MS), MARKS)) stage.say(line);
  const svg = picture('What reached the targets, in spans of two seconds', panels(PICTURE_SPAN_MS), axis(PICTURE_SPAN_MS));
  const file = stage.write('cdk.out/deliveries.svg', svg);
  stage.say(`\nthe same as a picture, by priority: ${file}`);
}

function tellWaits(stage: Stage, email: readonly Arrival[], sms: readonly Arrival[]) {
  const spread = (target: string, arrivals: readonly Arrival[]) => PRIORITIES.map((priority) => {
    const waits = arrivals.filter((arrival) => arrival.accepted && arrival.priority === priority).map(({ waitedMs }) => waitedMs);
    const at = (share: number) => (percentile(waits, share) / 1000).toFixed(2).padStart(7);
    return { target, priority, messages: waits.length, P50: at(0.5), P99: at(0.99), longest: at(1) };
  });
  stage.show('Seconds from the queue to the target\'s yes', [
    ...spread('Email', email),
    ...spread('Sms, before its trouble and from a minute after it on', sms.filter(({ at }) => !inTrouble(at))),
    ...spread('Sms, in between', sms.filter(({ at }) => inTrouble(at))),
  ]);
}

function inTrouble(at: number): boolean {
  return at >= FAILS_MS && at < WELL_MS + GROWS_MS;
}

function tellQueues(stage: Stage) {
  stage.show('What is left in queues', TARGETS.map((target) => ({
    target,
    ...Object.fromEntries(PRIORITIES.map((priority) => [priority, stage.depth(`Notify/${target}/${priority}Queue`)])),
    'dead letters': stage.depth(`Notify/${target}/DeadLetters`),
    'expired': stage.depth(`Notify/${target}/Expired`),
  })));
}

/** @returns how long after it was well again the SMS provider got nine tenths of its rate */
function expectAll(stage: Stage, seen: Seen, provider: SmsProvider, arrivals: Record<Target, readonly number[]>): number | undefined {
  const { email, sms } = seen.published;
  const accepted = provider.requests.filter((request) => request.accepted);
  stage.expect(`every message arrived: ${email} e-mails, ${sms} SMS`, distinct(seen.email) === email && distinct(accepted) === sms);
  stage.expect('and all of them at the auditors', stage.depth('Auditors') >= email + sms);
  const left = PRIORITIES.reduce((sum, priority) => sum + total(stage, `${priority}Queue`), 0);
  stage.expect('nothing is left, nothing became too old', left === 0 && total(stage, 'Expired') === 0);
  stage.expect('nothing is in a dead-letter queue, for throttling, waiting or the outage', total(stage, 'DeadLetters') === 0);
  for (const target of TARGETS) {
    const { ratePerSecond, burst } = LIMITS[target];
    const within = excess(arrivals[target], LIMITS[target]) <= 0;
    stage.expect(`${target} never got more than ${ratePerSecond} × t + ${burst} in any t seconds, refused requests included`, within);
  }

  const perSecond = times(seen.email).filter((at) => at >= 10_000 && at < 70_000).length / 60;
  stage.expect(`in the flood, and while SMS was down, Email got ${perSecond.toFixed(1)} of 50 a second`, perSecond >= 0.95 * LIMITS.Email.ratePerSecond);
  const wait = (priority: string, share: number) => (
    percentile(seen.email.filter((arrival) => arrival.priority === priority).map(({ waitedMs }) => waitedMs), share)
  );
  const [critical, bulk] = [wait('critical', 0.99), wait('bulk', 0.5)];
  stage.expect(`critical e-mails overtook the flood: P99 ${seconds(critical)}, half of bulk waited ${seconds(bulk)}`, critical < 1_000 && bulk > 30_000);

  const openSeconds = seen.switchOpen.filter(Boolean).length;
  const openedAt = (seen.switchOpen.indexOf(true) + 1) * 1000;
  const asked = provider.requests.filter(({ at, status }) => status === 503 && at > openedAt).length;
  stage.expect(`in ${openSeconds} s with an open switch the provider failed ${asked} requests`, openSeconds > 0 && asked <= openSeconds / 10 + 1);
  const whileBusy = provider.requests.filter(({ at }) => at >= PROVIDER[1].atSecond * 1000 && at < WELL_MS);
  const refused = whileBusy.filter(({ status }) => status === 429).length;
  stage.expect(`the busy provider had to refuse ${refused} of ${whileBusy.length} requests, for the rate follows it`, refused > 0 && refused < 0.2 * whileBusy.length);
  stage.expect('an alarm says that the switch was open', stage.alarm('Sms/Alarms/KillSwitchOpen') === 'ALARM');
  const recovery = backAfter(times(accepted), WELL_MS, 0.9 * LIMITS.Sms.ratePerSecond, RECOVERY_SPAN_MS);
  stage.expect(`${seconds(recovery ?? Infinity)} after it was well the provider got nine tenths of its rate`, recovery !== undefined && recovery <= 120_000);
  return recovery;
}

function distinct(arrivals: readonly Arrival[]): number {
  return new Set(arrivals.map(({ id }) => id)).size;
}

function total(stage: Stage, queue: string): number {
  return TARGETS.reduce((sum, target) => sum + stage.depth(`Notify/${target}/${queue}`), 0);
}

function times(arrivals: readonly Arrival[]): number[] {
  return arrivals.map(({ at }) => at);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
