import { Stack } from 'aws-cdk-lib';
import { evenly } from './demand';
import { buildKinds, type DeployedTarget, KINDS, type TargetKind } from './target-kind';
import { TargetStudy } from './target-study';
import { type LogsService, Random, Simulation } from '../../../simulator/src';
import { withAssembly } from '../../assembly';
import { FunctionUse } from '../../function-use';
import { difference, type Units } from '../../units';
import { TARGET, TOPIC, USUAL_TARGET_MS } from '../design';

const WARM_UP_MS = 30_000;
export const MEASURED_MS = 60_000;
const TARGET_MEMORY_MB = 128;
const PUBLISHER = { principal: { kind: 'operator' }, name: 'publisher', faultFree: true } as const;
/** What the fan-out uses for a message; all else is the same for each message, by construction. */
export const COMPARED = ['sqs.requests', 'lambda.requests', 'lambda.gbSeconds', 'dynamodb.writeUnits', 'dynamodb.readUnits'];

/** Units that a minute of messages uses. */
export interface Minute {
  readonly messages: number;
  readonly units: Units;
}

export interface CrossCheck {
  readonly simulator: Minute;
  readonly study: Minute;
  /** That a dispatcher's invocation writes, at the construct's log level. */
  readonly logBytesOfAnInvocation: number;
}

/** A target of each kind at its mean rate, in the simulator that runs templates and bundles, and in the study. */
export async function crossCheck(deployed: ReadonlyMap<string, DeployedTarget>, kinds: readonly TargetKind[] = KINDS): Promise<CrossCheck> {
  return { ...await inSimulator(kinds), study: await inStudy(deployed, kinds) };
}

function inSimulator(kinds: readonly TargetKind[]): Promise<Omit<CrossCheck, 'study'>> {
  return withAssembly((app) => buildKinds(new Stack(app, 'Bench')), async (assembly) => {
    const random = new Random('bench/throttled-fan-out/target');
    const targetUse = new FunctionUse((name) => name.endsWith(TARGET), TARGET_MEMORY_MB);
    let messages = 0;
    const simulation = Simulation.load(assembly, {
      functionOverrides: Object.fromEntries(kinds.map(({ id }) => [`${id}Place/${TARGET}`, async (_delivery, _context, { sleep }) => {
        messages++;
        await sleep(USUAL_TARGET_MS * (0.5 + random.next()));
      }])),
      trace: { listener: (entry) => targetUse.observe(entry) },
    });
    const { world } = simulation;
    const TopicArn = simulation.find(TOPIC, ['AWS::SNS::Topic']).provisioned.ref;
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    const publish = (target: string, priority: string) => {
      const input = { TopicArn, Message: 'any', MessageAttributes: { target: text(target), priority: text(priority) } };
      void world.call({ service: 'sns', operation: 'Publish', input, caller: PUBLISHER });
    };
    for (const { id, meanPerSecond } of kinds) {
      evenly(meanPerSecond, WARM_UP_MS + MEASURED_MS, demandOf(id)).forEach((arrivals, rank) => {
        for (let at = arrivals(); at < Infinity; at = arrivals()) world.kernel.schedule(at, () => publish(id, ['critical', 'normal', 'bulk'][rank]));
      });
    }
    const reading = () => ({ messages, units: difference(world.meter.totals(), targetUse.units()), logBytes: logBytesOfDispatchers(simulation) });
    await simulation.run({ deadline: world.kernel.now + WARM_UP_MS });
    const before = reading();
    await simulation.run({ deadline: world.kernel.now + MEASURED_MS });
    const after = reading();
    const units = difference(after.units, before.units);
    return {
      simulator: { messages: after.messages - before.messages, units },
      logBytesOfAnInvocation: (after.logBytes - before.logBytes) / units['lambda.requests'],
    };
  });
}

/** Of each group the latest lines are kept, and they are like all others. */
function logBytesOfDispatchers(simulation: Simulation): number {
  const logs = simulation.world.service<LogsService>('logs');
  return logs.groups().filter((group) => group.includes('Dispatch')).reduce((sum, group) => {
    const lines = logs.lines(group);
    return sum + lines.reduce((bytes, { message }) => bytes + Buffer.byteLength(message), 0) * logs.lineCount(group) / Math.max(1, lines.length);
  }, 0);
}

async function inStudy(deployed: ReadonlyMap<string, DeployedTarget>, kinds: readonly TargetKind[]): Promise<Minute> {
  let messages = 0;
  const units: Record<string, number> = {};
  for (const { id, meanPerSecond } of kinds) {
    const study = new TargetStudy(deployed.get(id)!, evenly(meanPerSecond, WARM_UP_MS + MEASURED_MS, demandOf(id)), `cross-check/${id}`);
    await study.pass(WARM_UP_MS);
    const before = { delivered: study.delivered, units: study.units() };
    await study.pass(MEASURED_MS);
    messages += study.delivered - before.delivered;
    for (const [unit, quantity] of Object.entries(difference(study.units(), before.units))) units[unit] = (units[unit] ?? 0) + quantity;
  }
  return { messages, units };
}

function demandOf(id: string): Random {
  return new Random(`bench/throttled-fan-out/cross-check/${id}`);
}
