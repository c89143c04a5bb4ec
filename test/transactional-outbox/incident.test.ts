import { HOUR, MINUTE, row, rowsOf, SENDING, Shop, type ShopOptions } from './scene';
import type { PipesService } from '../../simulator/src';
import { PayloadFormat, PoisonPolicy } from '../../src';
import { alarmsRinging, operate, Outage } from '../simulate';

/** An alarm by its name in `OutboxAlarms`. */
const stateOf = (shop: Shop, alarm: string): string => shop.simulation.world.service<any>('cloudwatch').alarms.state(shop.outputs[`${alarm}Alarm`]);
const ringing = (shop: Shop): string[] => {
  const names = new Set(alarmsRinging(shop.simulation));
  return Object.entries(shop.outputs).filter(([name, value]) => name.endsWith('Alarm') && names.has(value)).map(([name]) => name.replace(/Alarm$/, '')).sort();
};

/** A shop in which some orders come every minute. */
async function busy(options: ShopOptions = {}, minutes: number = 20): Promise<Shop> {
  const shop = new Shop(options);
  await traffic(shop, minutes);
  return shop;
}

let orders = 0;
async function traffic(shop: Shop, minutes: number) {
  for (let minute = 0; minute < minutes; minute++) {
    await shop.commit(row(`order${orders++}`, 1));
    await shop.pass(MINUTE);
  }
}

describe('no alarm rings', () => {
  it.each([
    ['by default', {}],
    ['with an enrichment', { payloadFormat: PayloadFormat.JSON }],
    ['with a relay', { onPoison: PoisonPolicy.PARK_KEY }],
  ])('while nothing is wrong, %s', async (_, props) => {
    const shop = await busy({ props }, 60);
    expect(ringing(shop)).toEqual([]);
    for (const alarm of ['deadLetters', 'lag', 'stopped', 'watchFailed', 'replayFailed']) expect([alarm, stateOf(shop, alarm)]).toEqual([alarm, 'OK']);
  });

  it('while a pipe rests for hours because there is nothing to do', async () => {
    const shop = new Shop();
    await shop.pass(6 * HOUR);
    expect(ringing(shop)).toEqual([]);
  });
});

describe('an alarm rings, and stops when it is over', () => {
  it('of dead letters', async () => {
    const shop = await busy({ props: { retryAttempts: 2 } });
    expect(ringing(shop)).toEqual([]);
    await shop.commit(row('poison', 1, { type: null }));
    await traffic(shop, 15);
    expect(ringing(shop)).toEqual(['deadLetters']);
    await traffic(shop, 60);
    expect(ringing(shop)).toEqual(['deadLetters']);
    await operate(shop.simulation, 'sqs', 'PurgeQueue', { QueueUrl: shop.outputs.DeadLettersUrl });
    await traffic(shop, 15);
    expect([ringing(shop), stateOf(shop, 'deadLetters')]).toEqual([[], 'OK']);
  });

  it.each(['throttle', 'error-before'] as const)('of lag, when the destination answers with %s for longer than it may', async (kind) => {
    const outage = new Outage(SENDING.EVENT_BUS, { kind });
    const shop = await busy({ simulation: { faults: outage } });
    outage.down = true;
    await traffic(shop, 10);
    expect(ringing(shop)).toEqual([]);
    await traffic(shop, 20);
    expect(ringing(shop)).toEqual(['lag']);
    outage.down = false;
    await traffic(shop, 20);
    expect([ringing(shop), stateOf(shop, 'lag')]).toEqual([[], 'OK']);
  });

  it('of lag, when a destination with a relay is down', async () => {
    const outage = new Outage({ service: 'events', operation: 'PutEvents', caller: 'Outbox/' });
    const shop = await busy({ props: { onPoison: PoisonPolicy.PARK_KEY }, simulation: { faults: outage } });
    outage.down = true;
    await traffic(shop, 40);
    expect(ringing(shop)).toContain('handlerLag');
    outage.down = false;
    await traffic(shop, 30);
    expect(ringing(shop)).toEqual([]);
  });

  it('of a pipe that somebody has stopped', async () => {
    const shop = await busy();
    expect(stateOf(shop, 'stopped')).toBe('OK');
    await shop.stopPipe();
    await traffic(shop, 16);
    expect(ringing(shop)).toEqual(['stopped']);
    await shop.startPipe();
    await traffic(shop, 20);
    expect([ringing(shop), stateOf(shop, 'stopped')]).toEqual([[], 'OK']);
  });

  it('of a pipe that AWS has disabled', async () => {
    const shop = await busy();
    shop.simulation.world.service<PipesService>('pipes').disable(shop.outputs.Pipe, 'Disabled due to nearly continuous client errors.');
    await traffic(shop, 16);
    expect(ringing(shop)).toEqual(['stopped']);
    await shop.startPipe();
    await traffic(shop, 20);
    expect([ringing(shop), stateOf(shop, 'stopped')]).toEqual([[], 'OK']);
  });

  it('of a pipe of which nobody knows whether it runs', async () => {
    const faults = new Outage({ service: 'pipes', operation: 'DescribePipe' });
    const shop = await busy({ simulation: { faults } });
    faults.down = true;
    await traffic(shop, 20);
    expect(ringing(shop)).toEqual(['watchFailed']);
    faults.down = false;
    await traffic(shop, 20);
    expect([ringing(shop), stateOf(shop, 'watchFailed')]).toEqual([[], 'OK']);
  });

  it('of a parked aggregate', async () => {
    const shop = await busy({ props: { onPoison: PoisonPolicy.PARK_KEY } });
    expect(stateOf(shop, 'parked')).toBe('OK');
    await shop.commit(row('poison', 1, { type: null }));
    await traffic(shop, 6);
    expect(ringing(shop)).toEqual(['parked']);
    await shop.table('DeleteItem', { Key: { pk: { S: 'Order#poison' }, sk: { S: row('poison', 1).sk } } });
    await shop.replay({ aggregate: 'Order#poison', unpark: true });
    await traffic(shop, 20);
    expect([ringing(shop), stateOf(shop, 'parked')]).toEqual([[], 'OK']);
  });

  it('of a replay that has failed', async () => {
    const shop = await busy();
    await shop.replay({});
    await traffic(shop, 6);
    expect(ringing(shop)).toEqual(['replayFailed']);
    await shop.replay({ from: new Date(shop.now - 5 * MINUTE).toISOString() });
    await traffic(shop, 15);
    expect([ringing(shop), stateOf(shop, 'replayFailed')]).toEqual([[], 'OK']);
  });

  it('of a relay that dies', async () => {
    const faults = new Outage({ service: 'events', caller: 'Outbox/Relay' }, { kind: 'crash-before' });
    const shop = await busy({ props: { onPoison: PoisonPolicy.PARK_KEY }, simulation: { faults } });
    expect(stateOf(shop, 'handlerErrors')).toBe('OK');
    faults.down = true;
    await traffic(shop, 6);
    expect(ringing(shop)).toEqual(['handlerErrors']);
    faults.down = false;
    await traffic(shop, 15);
    expect([ringing(shop), stateOf(shop, 'handlerErrors')]).toEqual([[], 'OK']);
  });

  it('of an enrichment that meets what it cannot read', async () => {
    const shop = await busy({ props: { payloadFormat: PayloadFormat.JSON, retryAttempts: 2 } });
    expect(stateOf(shop, 'handlerErrors')).toBe('OK');
    await shop.commit(row('poison', 1, { payload: '{"half":' }));
    await traffic(shop, 6);
    expect(ringing(shop)).toEqual(['deadLetters', 'handlerErrors']);
    await traffic(shop, 15);
    expect([ringing(shop), stateOf(shop, 'handlerErrors')]).toEqual([['deadLetters'], 'OK']);
  });
});

it('an incident that is over leaves nothing behind: what waited has arrived', async () => {
  const outage = new Outage(SENDING.EVENT_BUS);
  const shop = await busy({ simulation: { faults: outage } });
  outage.down = true;
  await shop.commit(...rowsOf('waiting', 20));
  await traffic(shop, 30);
  outage.down = false;
  await shop.rest();
  expect(new Set(shop.ids).size).toBe(shop.rows().length);
});
