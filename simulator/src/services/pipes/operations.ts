import { createPipe, PIPE_PROPERTIES } from './create-pipe';
import type { Pipes } from './pipes';
import { checkProperties } from '../../cloudformation/property-check';
import { type Operation, ServiceError, type World } from '../../service';

/** https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_Operations.html */
export function pipeOperations(world: World, pipes: Pipes): Record<string, Operation> {
  const on = (action: string) => (input: any) => [{ action: `pipes:${action}`, resource: pipes.arn(input?.Name) }];
  return {
    CreatePipe: {
      access: (input) => [
        { action: 'pipes:CreatePipe', resource: pipes.arn(input?.Name) },
        { action: 'iam:PassRole', resource: String(input?.RoleArn), context: { 'iam:PassedToService': 'pipes.amazonaws.com' } },
      ],
      handle: (input) => ({ ...create(world, pipes, input), CurrentState: 'CREATING' }),
    },
    // "DeletePipe": the place in the stream goes with the pipe.
    DeletePipe: {
      access: on('DeletePipe'),
      handle: (input) => {
        const { Arn, Name } = pipes.describe(input?.Name);
        pipes.remove(Name);
        return { Arn, Name, DesiredState: 'DELETED', CurrentState: 'DELETING' };
      },
    },
    StartPipe: { access: on('StartPipe'), handle: (input) => ({ ...pipes.set(input?.Name, 'RUNNING'), CurrentState: 'STARTING' }) },
    StopPipe: { access: on('StopPipe'), handle: (input) => ({ ...pipes.set(input?.Name, 'STOPPED'), CurrentState: 'STOPPING' }) },
    DescribePipe: { access: on('DescribePipe'), readOnly: true, handle: (input) => pipes.describe(input?.Name) },
    ListPipes: {
      access: () => [{ action: 'pipes:ListPipes', resource: '*' }],
      readOnly: true,
      handle: () => ({ Pipes: pipes.names().map((name) => pipes.describe(name)) }),
    },
  };
}

function create(world: World, pipes: Pipes, properties: any) {
  const name = properties?.Name;
  if (typeof name !== 'string' || !/^[.\w-]{1,64}$/.test(name)) throw new ServiceError('ValidationException', `Name is not valid: ${JSON.stringify(name)}`);
  const problem = checkProperties(properties, PIPE_PROPERTIES);
  if (problem) throw new Error(`CreatePipe ${name}: ${problem}`);
  try {
    createPipe(world, pipes, { path: name, properties }, name);
  } catch (error: any) {
    throw error?.$fault === undefined ? new ServiceError('ValidationException', error.message) : error;
  }
  const { Arn, Name, DesiredState } = pipes.describe(name);
  return { Arn, Name, DesiredState };
}
