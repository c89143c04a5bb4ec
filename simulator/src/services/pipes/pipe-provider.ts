import { createPipe, PIPE_PROPERTIES } from './create-pipe';
import type { Pipes } from './pipes';
import type { ResourceInstance, ResourceProvider } from '../../cloudformation/resource-provider';
import type { World } from '../../service';

export function pipeProvider(world: World, pipes: Pipes): ResourceProvider {
  return {
    type: 'AWS::Pipes::Pipe',
    properties: PIPE_PROPERTIES,
    create: (resource) => {
      const name: string = resource.properties.Name ?? resource.generatedName(64);
      const { arn } = named(resource, () => createPipe(world, pipes, resource, name));
      const created = new Date(world.kernel.now).toISOString();
      const { CurrentState } = pipes.describe(name);
      return { ref: name, attributes: { Arn: arn, CurrentState, CreationTime: created, LastModifiedTime: created } };
    },
  };
}

function named<T>({ path }: ResourceInstance, work: () => T): T {
  try {
    return work();
  } catch (error: any) {
    const message = String(error.message);
    throw new Error(message.startsWith(path) ? message : `${path}: ${message}`);
  }
}
