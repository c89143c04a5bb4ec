import { mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { type AttributeMap, type DynamoDbService, Simulation, type SimulationOptions } from '../simulator/src';

// What is simulated is held to more than the rules of templates, and those take their time in every process.
process.env.CDK_VALIDATION = 'false';

/** Synthesizes a stack of a test and deploys it into a simulated account, with the handlers' real bundles. */
export function simulate(build: (stack: Stack) => void, options: SimulationOptions = {}): Simulation {
  const app = new App({ outdir: mkdtempSync(path.join(tmpdir(), 'simulate-')) });
  build(new Stack(app, 'Test'));
  return Simulation.load(app.synth().directory, options);
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

/** All messages of a queue, as an operator would read them. */
export async function messagesOf(simulation: Simulation, queue: string): Promise<string[]> {
  const QueueUrl = simulation.find(queue, ['AWS::SQS::Queue']).provisioned.ref;
  const caller = { principal: { kind: 'operator' }, name: 'operator' } as const;
  const texts: string[] = [];
  for (;;) {
    let received: { Body: string }[] | undefined;
    void simulation.world.call({ service: 'sqs', operation: 'ReceiveMessage', input: { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 }, caller })
      .then((answer) => { received = (answer as { Messages?: { Body: string }[] }).Messages ?? []; });
    await simulation.run({ until: () => received !== undefined });
    if (!received || received.length === 0) return texts;
    texts.push(...received.map(({ Body }) => Body));
  }
}
