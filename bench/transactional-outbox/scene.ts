import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Stack } from 'aws-cdk-lib';
import type { Design } from './design';
import { OPERATOR } from './operator';
import { nameOf, type Order, orderAt } from './orders';
import { type Outcome, outcomeOf, type Shipment } from './outcome';
import { SHIPMENTS } from './shipping';
import { Weather } from './weather';
import { type DynamoDbService, Simulation } from '../../simulator/src';
import { connect } from '../../simulator/src/sdk';
import { withAssembly } from '../assembly';

const TABLE = 'AWS::DynamoDB::Table';

/** A design that is deployed, and somebody who changes orders. */
export class Scene {
  static open<Result>(design: Design, play: (scene: Scene) => Promise<Result>, { consumed = true }: { consumed?: boolean } = {}): Promise<Result> {
    return withAssembly((app) => design.build(new Stack(app, 'Bench'), consumed), (assembly) => play(new Scene(design, assembly, consumed)));
  }

  readonly weather = new Weather();
  readonly simulation: Simulation;
  /** Of whoever changes orders. */
  readonly client: DynamoDBDocumentClient;
  private readonly committed = new Map<string, { readonly order: Order; readonly at: number }>();
  private readonly tableNames = new Map<string, string>();
  private written = 0;

  private constructor(readonly design: Design, assembly: string, private readonly consumed: boolean) {
    this.simulation = Simulation.load(assembly, {
      faults: this.weather,
      states: { keepHistory: 0 },
    });
    this.client = DynamoDBDocumentClient.from(connect(this.simulation.world, new DynamoDBClient({}), OPERATOR));
  }

  get now(): number {
    return this.simulation.world.kernel.now;
  }

  /** Changes orders, one every so many milliseconds, as time passes. */
  async write({ changes, orders, everyMs }: { readonly changes: number; readonly orders: number; readonly everyMs: number }) {
    const { kernel } = this.simulation.world;
    const first = this.written;
    this.written += changes;
    for (let index = 0; index < changes; index++) kernel.schedule(index * everyMs, () => void this.commit(orderAt(first + index, orders)));
    await this.pass(changes * everyMs);
  }

  async commit(order: Order) {
    await this.design.save(this, order);
    this.committed.set(nameOf(order), { order, at: this.now });
  }

  /** Lets so much time pass. */
  async pass(ms: number) {
    await this.simulation.run({ deadline: this.now + ms });
  }

  /** Lets time pass until nothing is under way any more. */
  async settle() {
    await this.simulation.run();
  }

  /** What an operator does, in no more time than it takes. */
  async operate(service: string, operation: string, input: unknown): Promise<any> {
    let done = false;
    const caller = { ...OPERATOR, faultFree: true };
    const answer = this.simulation.world.call({ service, operation, input, caller }).finally(() => { done = true; });
    await this.simulation.run({ until: () => done });
    return answer;
  }

  /** Of the stream that the design reads. */
  async shards(): Promise<number> {
    const { Streams: [{ StreamArn }] } = await this.operate('dynamodb', 'ListStreams', {});
    const { StreamDescription } = await this.operate('dynamodb', 'DescribeStream', { StreamArn });
    return StreamDescription.Shards.length;
  }

  /** Of what was committed so far, nothing counts. */
  forget() {
    this.committed.clear();
  }

  outcome(): Outcome {
    if (!this.consumed) return outcomeOf([], new Map());
    const shipments = this.simulation.world.service<DynamoDbService>('dynamodb').items(this.tableName(SHIPMENTS)).map((item): [string, Shipment] => (
      [item.id.S!, { times: Number(item.shipped.N), receivedAt: Number(item.receivedAt.N) }]
    ));
    return outcomeOf([...this.committed.values()], new Map(shipments));
  }

  /** Physical name, by construct id. */
  readonly tableName = (id: string): string => {
    const known = this.tableNames.get(id) ?? this.simulation.find(id, [TABLE]).provisioned.ref;
    this.tableNames.set(id, known);
    return known;
  };
}
