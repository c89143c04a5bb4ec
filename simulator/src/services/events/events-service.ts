import { ApiDestinations } from './api-destinations';
import { Connections } from './connections';
import { Deliveries } from './delivery';
import { EventPattern } from './pattern';
import {
  checkRequest, detailOf, entryBytes, entryError, entryTime, eventTime, type EventEnvelope, type PutEventsEntry,
} from './put-events';
import { eventsResources } from './resources';
import type { EventBus, Rule } from './rule';
import { parseSchedule } from './schedule';
import { compileTarget, FORWARDED, type ForwardedEntry, type TargetProperties } from './target';
import type { ResourceProvider } from '../../cloudformation/resource-provider';
import type { PolicyDocument } from '../../iam/iam';
import type { AccessRequest } from '../../iam/principal';
import { type Operation, type OperationContext, type Service, ServiceError, type World } from '../../service';

/** A rule as a template describes it. */
export interface RuleProperties {
  readonly Name: string;
  readonly EventBusName?: string;
  readonly EventPattern?: unknown;
  readonly ScheduleExpression?: string;
  readonly State?: string;
  readonly Targets?: readonly TargetProperties[];
}

/** An event that an AWS service publishes on the default bus, such as a state machine's status change. */
export interface ServiceEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
  readonly resources?: readonly string[];
}

/** Events cost per 64 KB. @see https://aws.amazon.com/eventbridge/pricing/ */
const BILLED_CHUNK_BYTES = 65_536;
/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html (targets per rule) */
const MOST_TARGETS = 5;

/** Amazon EventBridge: buses, rules and their targets. */
export class EventsService implements Service {
  readonly name = 'events';
  readonly resources: readonly ResourceProvider[];
  readonly operations: Readonly<Record<string, Operation>>;
  readonly connections: Connections;
  readonly apiDestinations: ApiDestinations;
  private readonly buses = new Map<string, EventBus>();
  private readonly deliveries: Deliveries;
  private readonly ids;

  constructor(private readonly world: World) {
    this.connections = new Connections(world);
    this.apiDestinations = new ApiDestinations(world, this.connections);
    this.resources = eventsResources(this);
    this.deliveries = new Deliveries(world);
    this.ids = world.kernel.random.fork('events/ids');
    this.addBus('default');
    this.operations = {
      PutEvents: { access: (input) => this.putEventsAccess(input), handle: (input, context) => this.putEvents(input, context) },
      TestEventPattern: { access: () => [{ action: 'events:TestEventPattern', resource: '*' }], readOnly: true, handle: testEventPattern },
      InvokeApiDestination: this.apiDestinations.invoke,
      EnableRule: this.switchRule('events:EnableRule', true),
      DisableRule: this.switchRule('events:DisableRule', false),
    };
  }

  createBus(name: string): EventBus {
    if (this.buses.has(name)) throw new Error(`event bus '${name}' exists already`);
    if (!/^[A-Za-z0-9._/-]{1,256}$/.test(name) || name.startsWith('aws.')) {
      throw new Error(`event bus name '${name}' is not valid: letters, digits and . _ - / are allowed`);
    }
    return this.addBus(name);
  }

  createRule(properties: RuleProperties, label: string = properties.Name): Rule {
    const bus = this.bus(properties.EventBusName ?? 'default');
    if (!bus) throw new Error(`event bus '${properties.EventBusName}' of rule '${label}' does not exist`);
    const { Name: name, EventPattern: pattern, ScheduleExpression: schedule, Targets: targets = [], State: state = 'ENABLED' } = properties;
    if (pattern === undefined && schedule === undefined) throw new Error(`rule '${label}' needs an EventPattern or a ScheduleExpression`);
    if (schedule !== undefined && bus.name !== 'default') throw new Error(`rule '${label}' has a schedule: only the default bus takes one, not '${bus.name}'`);
    if (targets.length > MOST_TARGETS) throw new Error(`rule '${label}' has ${targets.length} targets, at most ${MOST_TARGETS} are allowed`);
    const rule: Rule = {
      name,
      label,
      bus,
      arn: `arn:aws:events:${this.world.region}:${this.world.account}:rule/${bus.name === 'default' ? '' : `${bus.name}/`}${name}`,
      enabled: state !== 'DISABLED',
      ...located(label, () => ({
        pattern: pattern === undefined ? undefined : EventPattern.compile(pattern),
        schedule: schedule === undefined ? undefined : parseSchedule(schedule),
        targets: targets.map((target) => compileTarget(target, this.apiDestinations)),
      })),
    };
    bus.rules.set(name, rule);
    if (rule.schedule) this.scheduleNext(rule);
    return rule;
  }

  /** Adds a resource policy to a bus. */
  allow(busName: string, policy: PolicyDocument) {
    this.world.iam.addResourcePolicy(this.busArn(busName), policy);
  }

  /** The ARN of a bus, whether it exists or not. */
  busArn(nameOrArn: string): string {
    return nameOrArn.startsWith('arn:') ? nameOrArn : `arn:aws:events:${this.world.region}:${this.world.account}:event-bus/${nameOrArn}`;
  }

  /** Publishes on the default bus what an AWS service tells about itself; nobody pays or needs a permission for it. */
  publishServiceEvent(event: ServiceEvent) {
    this.route(this.bus('default')!, this.envelope(event.source, event.detailType, event.detail, event.resources ?? [], this.world.kernel.now));
  }

  private addBus(name: string): EventBus {
    const bus: EventBus = { name, arn: this.busArn(name), rules: new Map() };
    this.buses.set(name, bus);
    return bus;
  }

  private bus(nameOrArn: string): EventBus | undefined {
    return this.buses.get(nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.indexOf('event-bus/') + 'event-bus/'.length) : nameOrArn);
  }

  private putEventsAccess(input: any): AccessRequest[] {
    const entries: PutEventsEntry[] = Array.isArray(input?.Entries) ? input.Entries : [];
    return entries.map((entry) => ({
      action: 'events:PutEvents',
      resource: this.busArn(entry.EventBusName ?? 'default'),
      context: { 'events:source': entry.Source ?? '', 'events:detail-type': entry.DetailType ?? '' },
    }));
  }

  private putEvents(input: any, { entryFails }: OperationContext) {
    const entries = checkRequest(input?.Entries).map((entry: ForwardedEntry) => {
      const error = entryFails?.()
        ? { ErrorCode: 'InternalFailure', ErrorMessage: 'the entry failed (injected)' }
        : entry[FORWARDED] ? undefined : entryError(entry);
      return error ?? { EventId: this.accept(entry) };
    });
    return { FailedEntryCount: entries.filter((entry) => 'ErrorCode' in entry).length, Entries: entries };
  }

  private accept(entry: ForwardedEntry): string {
    const { kernel, meter, trace } = this.world;
    const event = entry[FORWARDED]
      ?? this.envelope(entry.Source!, entry.DetailType!, detailOf(entry), entry.Resources ?? [], entryTime(entry.Time, kernel.now));
    meter.add('events.customEvents', Math.max(1, Math.ceil(entryBytes(entry) / BILLED_CHUNK_BYTES)));
    const bus = this.bus(entry.EventBusName ?? 'default');
    // AWS takes an event for a bus that does not exist, and it is gone.
    if (bus) this.route(bus, event);
    else trace.record({ at: kernel.now, subject: `${entry.EventBusName}`, event: 'events.lost', detail: { id: event.id, because: 'no such event bus' } });
    return event.id;
  }

  private envelope(source: string, detailType: string, detail: unknown, resources: readonly string[], time: number): EventEnvelope {
    const { account, region } = this.world;
    return { 'version': '0', 'id': this.ids.uuid(), 'detail-type': detailType, source, account, 'time': eventTime(time), region, resources, detail };
  }

  private route(bus: EventBus, event: EventEnvelope) {
    for (const rule of bus.rules.values()) {
      if (rule.enabled && rule.pattern?.matches(event)) this.trigger(rule, event);
    }
  }

  private trigger(rule: Rule, event: EventEnvelope) {
    this.deliveries.metric('MatchedEvents', rule);
    for (const target of rule.targets) this.deliveries.start(event, rule, target);
  }

  /** Schedules go on for ever, so they never keep a run from being quiet. */
  private scheduleNext(rule: Rule) {
    const { kernel } = this.world;
    const at = rule.schedule!.next(kernel.now);
    if (at === undefined) return;
    kernel.schedule(at - kernel.now, () => {
      if (rule.enabled) this.trigger(rule, this.envelope('aws.events', 'Scheduled Event', {}, [rule.arn], kernel.now));
      this.scheduleNext(rule);
    }, { background: true });
  }

  private switchRule(action: string, enabled: boolean): Operation {
    const find = (input: any) => this.bus(input?.EventBusName ?? 'default')?.rules.get(input?.Name);
    return {
      access: (input) => [{ action, resource: find(input)?.arn ?? '*' }],
      handle: (input) => {
        const rule = find(input);
        if (!rule) throw new ServiceError('ResourceNotFoundException', `Rule ${input?.Name} does not exist on EventBus ${input?.EventBusName ?? 'default'}.`);
        rule.enabled = enabled;
        return {};
      },
    };
  }
}

export const eventsService = (world: World): EventsService => new EventsService(world);

function testEventPattern(input: any) {
  const pattern = located('', () => EventPattern.compile(input?.EventPattern), (message) => new ServiceError('InvalidEventPatternException', message));
  const event = located('', () => JSON.parse(input?.Event) as unknown, () => new ServiceError('ValidationException', 'Parameter Event is not valid JSON.'));
  return { Result: pattern.matches(event) };
}

function located<T>(label: string, work: () => T, fail: (message: string) => Error = (message) => new Error(`rule '${label}': ${message}`)): T {
  try {
    return work();
  } catch (error: any) {
    throw fail(String(error.message));
  }
}
