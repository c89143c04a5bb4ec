import { rowsOf } from './books';
import { mended } from './payloads';
import { type OutboxId, isRows, ITEMS_TABLE, ROW_OUTBOXES, type RowOutboxId, writerOf } from './stack';
import { type Change, type ForeignRow, HOUR, type Outage, type Replay, SECOND, type Workload } from './workload';
import type { AttributeMap, DynamoDbService, Random, Run, Simulation } from '../../../simulator/src';
import { PARKED, type ReplayProgress, type ReplayRequest, ROW } from '../../../src/transactional-outbox/contract';

const OPERATOR = { principal: { kind: 'operator' }, name: 'operator', faultFree: true } as const;

/** How a replay was asked for, and how it ended. */
export interface ReplayRun {
  readonly outbox: OutboxId;
  readonly request: ReplayRequest;
  readonly run: Run;
}

/** Writes, breaks and repairs what the workload says, when it says so. */
export class Driver {
  readonly replays: ReplayRun[] = [];
  private readonly startedAt: number;
  private counter = 0;

  constructor(private readonly simulation: Simulation, private readonly workload: Workload, private readonly random: Random) {
    this.startedAt = simulation.world.kernel.now;
    const { writes, foreignRows, changes, outages, replays } = workload;
    for (const { outbox, atMs, command } of writes) this.at(atMs, () => simulation.start(writerOf(outbox), command));
    for (const row of foreignRows) this.at(row.atMs, () => this.putForeignRow(row));
    for (const change of changes) this.at(change.atMs, () => this.change(change));
    for (const outage of outages) {
      this.at(outage.fromMs, () => this.call('pipes', 'StopPipe', { Name: this.pipeOf(outage.outbox) }));
      this.at(outage.toMs, () => void this.recover(outage));
    }
    for (const { atMs, outbox, request } of replays.filter((replay) => !this.isDown(replay))) this.at(atMs, () => this.replay(outbox, request));
    this.at(workload.unparkAtMs, () => void this.unparkAll());
    // What waits behind poison is in the table only.
    const parks = [...writes, ...foreignRows].some(({ outbox, fate }) => outbox === 'RowsParked' && fate !== 'ARRIVES');
    for (const outbox of ROW_OUTBOXES.filter((each) => each !== 'RowsParked' || !parks)) this.deleteSomeRows(outbox);
  }

  /** Lets events happen until nothing is left to happen. Throws when that takes longer than anything may. */
  async settle() {
    const { kernel } = this.simulation.world;
    const latest = kernel.now + 6 * HOUR + Math.max(0, ...this.workload.outages.map(({ toMs }) => toMs));
    const end = await this.simulation.run({ until: () => kernel.now > latest });
    if (end !== 'quiet') throw new Error(`the world is not quiet after ${Math.round((kernel.now - this.startedAt) / HOUR)} hours`);
  }

  /** Repairs parked aggregates until none is left. */
  async unparkUntilNoneIsLeft() {
    for (let round = 0; this.parked().length > 0; round++) {
      if (round === 10) throw new Error(`aggregates are still parked after ${round} rounds of repairs: ${JSON.stringify(this.parked())}`);
      const repairs = this.unparkAll();
      await this.settle();
      await repairs;
    }
  }

  async passTime(ms: number) {
    await this.simulation.run({ deadline: this.startedAt + ms });
    await this.settle();
  }

  /**
   * What operators do: they mend the rows that were refused, or delete those whose group no queue takes, also those that only opening the aggregate
   * has shown, and open it.
   */
  private async unparkAll() {
    await Promise.all(this.parked().map(async ({ aggregate, eventId }) => {
      await this.repairRow(eventId);
      const { output } = await this.replay('RowsParked', { aggregate, unpark: true }).result();
      for (const refusal of (output as ReplayProgress | undefined)?.refusals ?? []) await this.repairRow(refusal.eventId);
    }));
  }

  private parked(): { aggregate: string; eventId: string }[] {
    return this.items('RowsParked/ParkedKeys').map((item) => ({ aggregate: item[PARKED.PARTITION_KEY].S!, eventId: item[PARKED.EVENT_ID].S! }));
  }

  private async repairRow(eventId: string) {
    const TableName = this.table(rowsOf('RowsParked'));
    for (const row of this.items(rowsOf('RowsParked')).filter((each) => each[ROW.EVENT_ID].S === eventId)) {
      const { pk, sk } = row;
      if (pk.S!.includes(' ')) await this.call('dynamodb', 'DeleteItem', { TableName, Key: { pk, sk } });
      else await this.call('dynamodb', 'PutItem', { TableName, Item: { ...row, [ROW.PAYLOAD]: { S: mended(row[ROW.PAYLOAD].S!) } } });
    }
  }

  /** Where order counts: replay, then start the pipe. Elsewhere the other way round, so that both happen at once. */
  private async recover({ outbox, replayAgain }: Outage): Promise<void> {
    const start = () => this.call('pipes', 'StartPipe', { Name: this.pipeOf(outbox) });
    if (!isRows(outbox)) return void await start();
    const request = { from: new Date(this.startedAt).toISOString() };
    if (outbox === 'RowsToBus') await start();
    await this.replay(outbox, request).result();
    await start();
    if (replayAgain) this.replay(outbox, request);
  }

  private isDown({ outbox }: Replay): boolean {
    return this.workload.outages.some((outage) => outage.outbox === outbox);
  }

  private replay(outbox: OutboxId, request: ReplayRequest): Run {
    const run = this.simulation.start(`${outbox}/Replay/StateMachine`, request);
    this.replays.push({ outbox, request, run });
    return run;
  }

  private putForeignRow({ outbox, pk, sk, eventId, type, payload }: ForeignRow) {
    const { now } = this.simulation.world.kernel;
    const row = {
      [ROW.PARTITION_KEY]: pk,
      [ROW.SORT_KEY]: sk,
      [ROW.EVENT_ID]: eventId,
      ...(type !== undefined && { [ROW.TYPE]: type }),
      [ROW.PAYLOAD]: payload,
      [ROW.OCCURRED_AT]: new Date(now).toISOString(),
    };
    const Item = {
      ...Object.fromEntries(Object.entries(row).map(([name, S]) => [name, { S }])),
      [ROW.EXPIRES_AT]: { N: String(Math.floor(now / SECOND) + (this.workload.retentionSeconds ?? 7 * 24 * 3600)) },
    };
    return this.call('dynamodb', 'PutItem', { TableName: this.table(rowsOf(outbox)), Item });
  }

  private change({ item, remove, large }: Change) {
    const TableName = this.table(ITEMS_TABLE);
    const id = { S: item };
    if (remove) return this.call('dynamodb', 'DeleteItem', { TableName, Key: { id } });
    const Item = {
      id,
      revision: { N: String(++this.counter) },
      exact: { N: '12345678901234567890123' },
      price: { N: '0.1' },
      name: { S: 'Zoë "🦆" \\ <$.x>\n' },
      nested: { M: { list: { L: [{ NULL: true }, { BOOL: false }, { M: {} }, { L: [] }] } } },
      ...(large && { blob: { S: 'ü'.repeat(130_000) } }),
    };
    return this.call('dynamodb', 'PutItem', { TableName, Item });
  }

  private deleteSomeRows(outbox: RowOutboxId) {
    const TableName = this.table(rowsOf(outbox));
    this.simulation.world.service<DynamoDbService>('dynamodb').onChange(TableName, ({ keys, oldImage, newImage }) => {
      if (oldImage || !newImage?.eventId || !this.random.chance(this.workload.earlyDeletes)) return;
      const { pk, sk } = keys;
      this.simulation.world.kernel.schedule(this.random.integer(1, SECOND), () => void this.call('dynamodb', 'DeleteItem', { TableName, Key: { pk, sk } }));
    });
  }

  private pipeOf(outbox: OutboxId): string {
    return this.simulation.find(`${outbox}/Pipe`, ['AWS::Pipes::Pipe']).provisioned.ref;
  }

  private table(path: string): string {
    return this.simulation.find(path, ['AWS::DynamoDB::Table']).provisioned.ref;
  }

  private items(path: string): AttributeMap[] {
    return this.simulation.world.service<DynamoDbService>('dynamodb').items(this.table(path));
  }

  private call(service: string, operation: string, input: object): Promise<unknown> {
    return this.simulation.world.call({ service, operation, input, caller: OPERATOR });
  }

  private at(ms: number, act: () => unknown) {
    this.simulation.world.kernel.schedule(ms, () => void act());
  }
}
