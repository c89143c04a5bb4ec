import { createPipe } from './create-pipe';
import { pipeOperations } from './operations';
import { pipeProvider } from './pipe-provider';
import { Pipes } from './pipes';
import type { Service, World } from '../../service';

export interface PipesService extends Service {
  /** Names of all pipes. */
  names(): string[];
  /**
   * Stops a pipe as AWS does on nearly continuous client errors ("the pipe can be automatically disabled with an explanatory message
   * in the StateReason"). AWS tells no threshold, so this happens when a scenario says so; StartPipe undoes it.
   * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-error-troubleshooting.html
   */
  disable(name: string, reason: string): void;
  /**
   * Deletes a pipe and creates it anew, as a deployment does that replaces it: it starts where `StartingPosition` says, with TRIM_HORIZON
   * at the oldest record of the last 24 hours, so that these all come again.
   */
  recreate(name: string): void;
}

/** Amazon EventBridge Pipes. */
export function pipesService(world: World): PipesService {
  const pipes = new Pipes(world);
  return {
    name: 'pipes',
    operations: pipeOperations(world, pipes),
    resources: [pipeProvider(world, pipes)],
    names: () => pipes.names(),
    disable: (name, reason) => {
      pipes.set(name, 'STOPPED', reason);
    },
    recreate: (name) => {
      createPipe(world, pipes, pipes.remove(name), name);
    },
  };
}
