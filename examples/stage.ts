import { mkdirSync, readFileSync, writeFileSync } from 'fs';
import * as path from 'path';
import type { Duration } from 'aws-cdk-lib';
import { type Example, synthesize } from './example';
import { plain, seconds, table } from './print';
import {
  type CloudWatchService, type DynamoDbService, type EndpointHandler, type FaultPlan, type LogsService, type Outcome, type Run, Simulation,
  type SqsService, type TraceEntry,
} from '../simulator/src';

/** What `examples/<pattern>/demo.ts` exports as `play`: the pattern's example, told step by step. */
export type Story = (stage: Stage) => Promise<void>;

/** The things that happen which a story tells, by the trace's names for them, each with its words. No words, no line. */
export type Vocabulary = Readonly<Record<string, (entry: TraceEntry) => string | undefined>>;

export interface Scene {
  /** Context for the app, as `cdk synth -c` takes it. */
  readonly context?: Readonly<Record<string, string>>;
  /** Stacks of the app; all unless given. */
  readonly stacks?: readonly string[];
  /** What of the things that happen is printed, beside what the story says itself. */
  readonly tell?: Vocabulary;
  /** How the time since the first thing that happened is printed: `seconds` unless given, `hours` for long stories. */
  readonly clock?: (ms: number) => string;
  /** What goes wrong; nothing unless given. */
  readonly faults?: FaultPlan;
}

const OPERATOR = { principal: { kind: 'operator' }, name: 'operator', faultFree: true } as const;
const SUBJECT_WIDTH = 32;

/** Where a story is played: one simulated account at a time, its virtual clock, and the lines that people read. */
export class Stage {
  /** What has been synthesized, by its context. */
  private readonly assemblies = new Map<string, string>();
  private account?: Simulation;
  private clock = seconds;
  private begin?: number;
  private readonly claims: { readonly claim: string; readonly holds: boolean }[] = [];
  private failures = 0;

  constructor(private readonly example: Example, private readonly print: (line: string) => void = console.log) {}

  /** Whether a result was a failure, or something that the story expects does not hold. */
  get failed(): boolean {
    return this.failures > 0 || this.claims.some(({ holds }) => !holds);
  }

  chapter(title: string) {
    this.print(`\n── ${title}\n`);
  }

  /** A JSON file of the example's folder. */
  read(file: string): any {
    return JSON.parse(readFileSync(path.join(this.example.directory, file), 'utf8'));
  }

  /** Writes a file that people look at afterwards, below the example's folder. @returns its path, as from where the command was called */
  write(file: string, text: string): string {
    const written = path.join(this.example.directory, file);
    mkdirSync(path.dirname(written), { recursive: true });
    writeFileSync(written, text);
    return path.relative(process.cwd(), written);
  }

  /** Synthesizes the example and deploys it into a new account, where the clock begins anew. */
  deploy({ context, ...scene }: Scene = {}) {
    const key = JSON.stringify(context ?? {});
    const assembly = this.assemblies.get(key) ?? synthesize(this.example, context);
    this.assemblies.set(key, assembly);
    this.load(assembly, scene);
  }

  /** Deploys a cloud assembly or a template. */
  load(location: string, { stacks, tell = {}, clock = seconds, faults }: Omit<Scene, 'context'> = {}) {
    this.clock = clock;
    this.begin = undefined;
    const listener = (entry: TraceEntry) => {
      this.begin ??= entry.at;
      const words = tell[entry.event]?.(entry);
      if (words) this.print(`${this.clock(entry.at - this.begin)}  ${entry.subject.padEnd(SUBJECT_WIDTH)} ${words}`);
    };
    this.account = Simulation.load(location, { seed: 1, stacks, faults, trace: { keep: true, listener } });
    this.print(`deployed ${this.account.resources.length} resources into a simulated account\n`);
  }

  /** A line without the time. */
  say(text: string = '') {
    this.print(text);
  }

  /** A line with the time: what somebody in the story does, or sees. */
  tell(text: string) {
    this.begin ??= this.now;
    this.print(`${this.clock(this.now - this.begin)}  ${text}`);
  }

  show(title: string, rows: readonly Readonly<Record<string, unknown>>[]) {
    this.print(`\n${[title, ...table(rows)].join('\n            ')}\n`);
  }

  /** Virtual time, in milliseconds since 1970. */
  get now(): number {
    return this.simulation.world.kernel.now;
  }

  /** Invokes a function, starts an execution, sends to a queue or publishes on a bus, and lets time pass until it has ended. */
  invoke(target: string, input?: unknown): Promise<Outcome> {
    return this.simulation.complete(target, input);
  }

  /** The same, and the story goes on before it has ended: nothing happens until time passes. */
  start(target: string, input?: unknown): Run {
    return this.simulation.start(target, input);
  }

  /**
   * Lets time pass until what the story waits for has come.
   * @throws when nothing is left to happen before that
   */
  async until(awaited: string, come: () => boolean) {
    await this.simulation.run({ until: come });
    if (!come()) throw new Error(`the story waits for ${awaited}, and nothing is left to happen`);
  }

  /** Calls an operation of AWS as an operator with every permission, and lets time pass until it has answered. */
  async call(service: string, operation: string, input: object): Promise<any> {
    let answer: { readonly value: unknown } | { readonly error: unknown } | undefined;
    this.simulation.world.call({ service, operation, input, caller: OPERATOR })
      .then((value) => { answer = { value }; }, (error) => { answer = { error }; });
    await this.simulation.run({ until: () => answer !== undefined });
    if (answer === undefined) throw new Error(`${service} ${operation} has not answered, and nothing is left to happen`);
    if ('error' in answer) throw answer.error;
    return answer.value;
  }

  async stopPipe(pipe: string) {
    await this.call('pipes', 'StopPipe', { Name: this.nameOf(pipe, 'AWS::Pipes::Pipe') });
  }

  async startPipe(pipe: string) {
    await this.call('pipes', 'StartPipe', { Name: this.nameOf(pipe, 'AWS::Pipes::Pipe') });
  }

  /** Lets this much time pass, whatever happens in it. */
  async pass(time: Duration) {
    await this.simulation.run({ deadline: this.now + time.toMilliseconds() });
  }

  /** Lets time pass until nothing is under way any more. */
  async settle() {
    await this.simulation.run();
  }

  /** The physical name (or URL, or ARN) of a resource, by its logical id or construct path. */
  nameOf(resource: string, ...types: readonly string[]): string {
    return this.simulation.find(resource, types.length > 0 ? types : undefined).provisioned.ref;
  }

  /** All items of a table, as plain values. */
  items(tableName: string): Record<string, any>[] {
    const dynamodb = this.simulation.world.service<DynamoDbService>('dynamodb');
    return dynamodb.items(this.nameOf(tableName, 'AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable')).map((item) => plain({ M: item }));
  }

  /** How many messages a queue holds. */
  depth(queue: string): number {
    const { attributes } = this.simulation.find(queue, ['AWS::SQS::Queue']).provisioned;
    const found = this.simulation.world.service<SqsService>('sqs').queues().find(({ arn }) => arn === attributes?.Arn)!;
    return found.visible + found.inFlight + found.delayed;
  }

  /** Plays an endpoint outside AWS, and all below its URL. */
  endpoint(url: string, handler: EndpointHandler) {
    this.simulation.http.endpoint(url, handler);
  }

  /** How many lines a log group has received. */
  lineCount(logGroup: string): number {
    return this.logs.lineCount(this.nameOf(logGroup, 'AWS::Logs::LogGroup'));
  }

  /** What functions wrote to a log group after its first `since` lines, as far as it is kept: the latest thousand. */
  linesOf(logGroup: string, since: number = 0): readonly { readonly at: number; readonly message: string }[] {
    const name = this.nameOf(logGroup, 'AWS::Logs::LogGroup');
    const lines = this.logs.lines(name);
    return lines.slice(Math.max(0, lines.length - (this.logs.lineCount(name) - since)));
  }

  /** Everything of this kind that has happened so far, by the trace's name for it; to one resource, by its path below the stack, if given. */
  happened(event: string, subject?: string): readonly TraceEntry[] {
    return this.simulation.world.trace.entries.filter((entry) => entry.event === event && (subject === undefined || entry.subject === subject));
  }

  alarm(alarm: string): string {
    return this.simulation.world.service<CloudWatchService>('cloudwatch').alarms.state(this.nameOf(alarm, 'AWS::CloudWatch::Alarm'));
  }

  /** What must be true for the story to be; when it is not, the command fails. */
  expect(claim: string, holds: boolean) {
    this.claims.push({ claim, holds });
    this.print(`${holds ? 'holds ' : 'BROKEN'}      ${claim}`);
  }

  /**
   * Ends the work in the account, and says what it cost.
   * @throws when requests were denied, or more or less was lost than the story tells
   */
  close({ lost: expected = 0 }: { readonly lost?: number } = {}) {
    const { billable, denials, lost, virtualMs } = this.simulation.report();
    const units = Object.entries(billable).filter(([unit]) => unit !== 'logs.bytes').map(([unit, quantity]) => `${round(quantity)} ${unit}`);
    this.print(`\n${this.clock(virtualMs).trim()} of virtual time; billed: ${units.join(', ')}`);
    if (denials.length > 0 || lost.length !== expected) throw new Error(`${denials.length} requests were denied and ${lost.length} deliveries lost`);
  }

  /** How it ends: the last lines of a story. */
  result({ status, output, error, cause }: Outcome) {
    if (status !== 'SUCCEEDED') this.failures++;
    this.print(`\nresult  ${status}`);
    this.print(JSON.stringify(output ?? { error, cause }, null, 2));
    const held = this.claims.filter(({ holds }) => holds).length;
    if (this.claims.length > 0) this.print(`${held} of ${this.claims.length} expectations hold`);
  }

  private get logs(): LogsService {
    return this.simulation.world.service<LogsService>('logs');
  }

  private get simulation(): Simulation {
    if (!this.account) throw new Error('nothing is deployed yet: call deploy first');
    return this.account;
  }
}

function round(quantity: number): number {
  return Math.round(quantity * 1000) / 1000;
}
