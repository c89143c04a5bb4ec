import type { Design } from './design';
import type { Outcome } from './outcome';
import { Scene } from './scene';
import { difference, type Units } from '../units';

export const TRAFFIC = { changes: 1_000, orders: 50, everyMs: 100 };
/** Changes before those that count: the first find no warm function. */
const WARM_UP = 100;
/** So long do the last events take to arrive, and more. */
const AFTERMATH_MS = 60_000;

/** The way of events when nothing goes wrong. */
export interface Path {
  readonly design: Design;
  readonly outcome: Outcome;
  /** Billable units that the events have caused, from the writer's transaction to the destination. */
  readonly toDestination: Units;
  /** And to the consumer's effect. */
  readonly toEffect: Units;
}

export async function measurePath(design: Design): Promise<Path> {
  const { outcome, units: toEffect } = await measureEvents(design, true);
  const { units: toDestination } = await measureEvents(design, false);
  const { committed, lost, twice } = outcome;
  if (lost + twice > 0 || committed < TRAFFIC.changes) throw new Error(`${design.name}: of ${committed} events ${lost} were lost and ${twice} happened twice, and nothing went wrong`);
  return { design, outcome, toDestination, toEffect };
}

async function measureEvents(design: Design, consumed: boolean) {
  const busy = await play(design, consumed, (scene, changes) => scene.write({ ...TRAFFIC, changes }));
  // What runs by the clock is used in the same time without events too, and is no event's.
  const idle = await play(design, consumed, (scene, changes) => scene.pass(changes * TRAFFIC.everyMs));
  return { ...busy, units: difference(busy.units, idle.units) };
}

function play(design: Design, consumed: boolean, happen: (scene: Scene, changes: number) => Promise<void>) {
  return Scene.open(design, async (scene) => {
    const { meter } = scene.simulation.world;
    await happen(scene, WARM_UP);
    await scene.pass(AFTERMATH_MS);
    const before = meter.totals();
    scene.forget();
    await happen(scene, TRAFFIC.changes);
    await scene.pass(AFTERMATH_MS);
    return { units: difference(meter.totals(), before), outcome: scene.outcome() };
  }, { consumed });
}

export interface Idle {
  readonly design: Design;
  /** Billable units of a month in which nobody commits anything. */
  readonly units: Units;
}

const DAY_MS = 24 * 3_600_000;
const DAYS = 30;
/**
 * A reader asks each shard so often, whether there is something or not; documented for Lambda and taken for pipes. The simulator reads when
 * there is something. https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 */
const POLLS_PER_SECOND = 4;

/** A day is simulated; the others are the same. */
export function measureIdle(design: Design): Promise<Idle> {
  return Scene.open(design, async (scene) => {
    const byPipe = scene.simulation.resources.some(({ type }) => type === 'AWS::Pipes::Pipe');
    const polls = byPipe ? await scene.shards() * POLLS_PER_SECOND * (DAY_MS / 1000) : 0;
    await scene.pass(DAY_MS);
    const day = { ...scene.simulation.world.meter.totals(), 'dynamodb.streamReads': polls };
    return { design, units: Object.fromEntries(Object.entries(day).map(([unit, quantity]) => [unit, quantity * DAYS])) };
  });
}
