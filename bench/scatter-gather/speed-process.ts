/** The other side of `measureSpeed`: one simulation, measured, and the end of the process. */
import type { Speed, SpeedRequest } from './speed';
import { Simulation } from '../../simulator/src';

async function run({ assembly, gatherings, everyMs, machine, input }: SpeedRequest): Promise<Speed> {
  let invocations = 0;
  let complete = 0;
  const simulation = Simulation.load(assembly, {
    states: { keepHistory: 0 },
    trace: {
      listener: ({ event }) => {
        if (event === 'lambda.end') invocations++;
      },
    },
  });
  const { kernel } = simulation.world;
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const startNext = (index: number) => {
    void simulation.start(machine, { ...input, CorrelationId: `loan-${index}` }).result().then(({ output }) => {
      if ((output as { status?: string } | undefined)?.status === 'COMPLETE') complete++;
    });
    if (index + 1 < gatherings) kernel.schedule(everyMs, () => startNext(index + 1));
  };
  startNext(0);
  await simulation.run();
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  if (complete < gatherings) throw new Error(`only ${complete} of ${gatherings} gatherings are complete`);
  return {
    gatherings,
    invocations,
    wallMs,
    cpuMs: (user + system) / 1000,
    virtualMs: simulation.report().virtualMs,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  };
}

process.once('message', (request: SpeedRequest) => {
  run(request).then((speed) => process.send!(speed, () => process.exit(0)), (error: Error) => {
    console.error(error.stack);
    process.exit(1);
  });
});
