import { mkdtempSync, readFileSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import {
  type AttributeMap, type CallFault, type DynamoDbService, type FaultableCall, type FaultPlan, NO_FAULTS, Simulation, type SimulationOptions,
} from '../simulator/src';

// What is simulated is held to more than the rules of templates, and those take their time in every process.
process.env.CDK_VALIDATION = 'false';

/** Synthesizes a stack of a test, with the handlers' real bundles. @returns the assembly's directory */
export function synthesize(build: (stack: Stack) => void): string {
  const app = new App({ outdir: mkdtempSync(path.join(tmpdir(), 'simulate-')) });
  build(new Stack(app, 'Test'));
  return app.synth().directory;
}

/** The same, deployed into a simulated account. */
export function simulate(build: (stack: Stack) => void, options: SimulationOptions = {}): Simulation {
  return Simulation.load(synthesize(build), options);
}

/** Takes an action away from every policy below a construct of the stack, in place. */
export function removeAction(assembly: string, construct: string, action: string) {
  const file = path.join(assembly, 'Test.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8'));
  let removed = 0;
  for (const [logicalId, resource] of Object.entries<any>(template.Resources)) {
    if (resource.Type !== 'AWS::IAM::Policy' || !logicalId.startsWith(construct)) continue;
    for (const statement of resource.Properties.PolicyDocument.Statement) {
      const actions: string[] = [statement.Action].flat();
      if (!actions.includes(action)) continue;
      statement.Action = actions.filter((one) => one !== action).concat('sts:GetCallerIdentity');
      removed++;
    }
  }
  if (removed === 0) throw new Error(`no policy of ${construct} grants ${action}`);
  writeFileSync(file, JSON.stringify(template));
}

/** All items of a table as plain JSON; numbers are text, as DynamoDB has them. */
export function itemsOf(simulation: Simulation, table: string): Record<string, any>[] {
  const name = simulation.find(table, ['AWS::DynamoDB::Table']).provisioned.ref;
  return simulation.world.service<DynamoDbService>('dynamodb').items(name).map(plain);
}

export function plain(item: AttributeMap): Record<string, any> {
  return Object.fromEntries(Object.entries(item).map(([name, value]: [string, any]) =>
    [name, value.S ?? value.SS ?? value.L?.map((one: any) => one.S) ?? value.N]));
}

/** Makes an API call as an operator does, and lets the world go on until it is answered. */
export async function operate<T = any>(simulation: Simulation, service: string, operation: string, input: object): Promise<T> {
  const caller = { principal: { kind: 'operator' }, name: 'operator', faultFree: true } as const;
  let answer: { value: T } | { error: Error } | undefined;
  simulation.world.call<T>({ service, operation, input, caller }).then((value) => answer = { value }, (error) => answer = { error });
  await simulation.run({ until: () => answer !== undefined });
  if ('error' in answer!) throw answer.error;
  return answer!.value;
}

/** All messages of a queue, as an operator would read them. */
export async function messagesOf(simulation: Simulation, queue: string): Promise<string[]> {
  const QueueUrl = simulation.find(queue, ['AWS::SQS::Queue']).provisioned.ref;
  const texts: string[] = [];
  for (;;) {
    const { Messages = [] } = await operate<{ Messages?: { Body: string }[] }>(simulation, 'sqs', 'ReceiveMessage', {
      QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 43_200,
    });
    if (Messages.length === 0) return texts;
    texts.push(...Messages.map(({ Body }) => Body));
  }
}

/** Names of the alarms that ring now. */
export function alarmsRinging(simulation: Simulation): string[] {
  const { alarms } = simulation.world.service<any>('cloudwatch');
  return alarms.names().filter((name: string) => alarms.state(name) === 'ALARM');
}

/** Everything that functions and services have logged, line by line. */
export function logLinesOf(simulation: Simulation): string[] {
  const logs = simulation.world.service<any>('logs');
  return logs.groups().flatMap((group: string) => logs.lines(group)).map(({ message }: { message: string }) => message);
}

/** Delivers everything of a kind to a subject twice. */
export function duplicating(kind: string, subject: string): FaultPlan {
  return {
    ...NO_FAULTS,
    onDelivery: (delivery) => delivery.kind === kind && delivery.subject.includes(subject) ? { duplicatesAfterMs: [500] } : undefined,
  };
}

/** A service that answers a caller, or everybody, with errors as long as it is down. */
export class Outage implements FaultPlan {
  /** How many calls it has met. */
  hits = 0;
  down = false;
  readonly onDelivery = NO_FAULTS.onDelivery;
  readonly onEventuallyConsistentRead = NO_FAULTS.onEventuallyConsistentRead;

  constructor(private readonly of: { service: string; operation?: string; caller?: string }, private readonly fault: CallFault = { kind: 'error-before' }) {}

  onCall({ service, operation, caller }: FaultableCall): CallFault | undefined {
    if (!this.down || service !== this.of.service || operation !== (this.of.operation ?? operation) || !caller.includes(this.of.caller ?? '')) return undefined;
    this.hits++;
    return this.fault;
  }
}
