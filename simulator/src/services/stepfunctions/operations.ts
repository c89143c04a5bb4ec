import type { AccessRequest } from '../../iam/principal';
import type { Operation, World } from '../../service';
import type { Json } from './asl/json';
import { invalidOutput, typeNotSupported, validationError } from './errors';
import { describe, type Execution } from './execution';
import type { Executions } from './executions';
import { type HistoryStore, toApiEvent } from './history-store';
import { TaskFailed } from './integrations/service-errors';
import { checkInput, checkName, checkSize } from './limits';
import { isRepeated } from './redrive';
import type { TaskTokens } from './task-tokens';

const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];
/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html */
const MAX_ERROR_CHARACTERS = 256;
const MAX_CAUSE_CHARACTERS = 32_768;
const MAX_TOKEN_CHARACTERS = 64;

/** The API. @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_Operations.html */
export function statesOperations(world: World, executions: Executions, tokens: TaskTokens, history: HistoryStore): Record<string, Operation> {
  const on = (action: string, field: string) => (input: any): AccessRequest[] => [{ action: `states:${action}`, resource: String(input?.[field] ?? '*') }];
  // A text that is no token belongs to no state machine: it is refused as such, whoever sends it.
  const onTask = (action: string) => (input: any): AccessRequest[] => {
    const token = tokens.read(input?.taskToken);
    return token ? [{ action: `states:${action}`, resource: token.stateMachineArn }] : [];
  };
  const executionExists = (arn: string) => executions.exists(arn);

  return {
    StartExecution: {
      access: on('StartExecution', 'stateMachineArn'),
      handle: (input) => {
        const machine = executions.machine(input.stateMachineArn);
        const execution = executions.start(machine, optionalName(input.name), checkInput(input.input));
        return { executionArn: execution.arn, startDate: new Date(execution.startDate) };
      },
    },
    StartSyncExecution: {
      access: on('StartSyncExecution', 'stateMachineArn'),
      handle: async (input) => {
        const machine = executions.machine(input.stateMachineArn);
        if (machine.type !== 'EXPRESS') throw typeNotSupported();
        const { result, bill } = await executions.startSync(machine, optionalName(input.name), checkInput(input.input));
        const { gbSeconds: _, ...billingDetails } = bill;
        return {
          ...result,
          startDate: new Date(result.startDate),
          stopDate: new Date(result.stopDate),
          inputDetails: { included: true },
          ...(result.output === undefined ? {} : { outputDetails: { included: true } }),
          billingDetails,
        };
      },
    },
    StopExecution: {
      access: on('StopExecution', 'executionArn'),
      handle: (input) => {
        const execution = executions.standard(input.executionArn);
        executions.stop(execution, checkText('error', input.error, MAX_ERROR_CHARACTERS), checkText('cause', input.cause, MAX_CAUSE_CHARACTERS));
        return { stopDate: new Date(execution.stopDate ?? world.kernel.now) };
      },
    },
    RedriveExecution: {
      access: on('RedriveExecution', 'executionArn'),
      handle: (input) => {
        const execution = executions.standard(input.executionArn);
        const clientToken = checkText('clientToken', input.clientToken, MAX_TOKEN_CHARACTERS);
        if (!isRepeated(execution, clientToken, world.kernel.now)) executions.redrive(execution, clientToken);
        return { redriveDate: new Date(execution.redrive!.at) };
      },
    },
    DescribeExecution: {
      access: on('DescribeExecution', 'executionArn'),
      readOnly: true,
      handle: (input) => {
        const execution = executions.standard(input.executionArn);
        // "This operation is eventually consistent. The results are best effort and may not reflect very recent updates and changes."
        const stale = execution.status !== 'RUNNING' && world.faults.onEventuallyConsistentRead(execution.machine.label);
        return describe(stale ? execution.asStarted() : execution, world.kernel.now);
      },
    },
    ListExecutions: {
      access: on('ListExecutions', 'stateMachineArn'),
      readOnly: true,
      handle: (input) => {
        const machine = executions.machine(input.stateMachineArn);
        if (machine.type === 'EXPRESS') throw typeNotSupported();
        const { statusFilter } = input;
        if (statusFilter !== undefined && !STATUSES.includes(statusFilter)) {
          throw validationError(`statusFilter must be one of ${STATUSES.join(', ')}, not ${JSON.stringify(statusFilter)}`);
        }
        const all = executions.of(machine).filter(({ status }) => statusFilter === undefined || status === statusFilter);
        const { page, nextToken } = paged(all, input);
        return { executions: page.map(summary), ...(nextToken === undefined ? {} : { nextToken }) };
      },
    },
    GetExecutionHistory: {
      access: on('GetExecutionHistory', 'executionArn'),
      readOnly: true,
      handle: (input) => {
        const execution = executions.standard(input.executionArn);
        const events = history.of(execution.arn);
        if (!events) {
          throw new Error(`the history of execution '${execution.arn}' is not kept: this world keeps the last ${history.limit} events of all executions`);
        }
        const { page, nextToken } = paged(input.reverseOrder ? [...events].reverse() : events, input);
        const options = { includeData: input.includeExecutionData !== false, roleArn: execution.machine.roleArn, region: world.region };
        return { events: page.map((event) => toApiEvent(event, options)), ...(nextToken === undefined ? {} : { nextToken }) };
      },
    },
    DescribeStateMachine: {
      access: on('DescribeStateMachine', 'stateMachineArn'),
      readOnly: true,
      handle: (input) => {
        const { arn, name, definitionText, roleArn, type, creationDate } = executions.machine(input.stateMachineArn);
        return { stateMachineArn: arn, name, status: 'ACTIVE', definition: definitionText, roleArn, type, creationDate: new Date(creationDate) };
      },
    },
    SendTaskSuccess: {
      access: onTask('SendTaskSuccess'),
      handle: (input) => {
        tokens.succeed(input.taskToken, outputJson(input.output), executionExists);
        return {};
      },
    },
    SendTaskFailure: {
      access: onTask('SendTaskFailure'),
      handle: (input) => {
        const error = checkText('error', input.error, MAX_ERROR_CHARACTERS);
        const cause = checkText('cause', input.cause, MAX_CAUSE_CHARACTERS);
        tokens.fail(input.taskToken, new TaskFailed(error ?? '', cause), executionExists);
        return {};
      },
    },
    SendTaskHeartbeat: {
      access: onTask('SendTaskHeartbeat'),
      handle: (input) => {
        tokens.heartbeat(input.taskToken, executionExists);
        return {};
      },
    },
  };
}

function optionalName(name: unknown): string | undefined {
  return name === undefined || name === null ? undefined : checkName(name);
}

function outputJson(output: unknown): Json {
  if (typeof output !== 'string') throw validationError(`output must be JSON text, not of type ${typeof output}`);
  checkSize('output', output);
  try {
    return JSON.parse(output) as Json;
  } catch (error: any) {
    throw invalidOutput(error.message);
  }
}

function checkText(field: string, value: unknown, maxCharacters: number): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw validationError(`${field} must be text, not of type ${typeof value}`);
  if (value.length > maxCharacters) {
    throw validationError(
      `1 validation error detected: Value at '${field}' failed to satisfy constraint: Member must have length less than or equal to ${maxCharacters}`,
    );
  }
  return value;
}

function summary(execution: Execution) {
  const { arn, name, machine, status, startDate, stopDate } = execution;
  return {
    executionArn: arn,
    stateMachineArn: machine.arn,
    name,
    status,
    startDate: new Date(startDate),
    ...(stopDate === undefined ? {} : { stopDate: new Date(stopDate) }),
  };
}

interface Page<T> {
  readonly page: readonly T[];
  readonly nextToken?: string;
}

/** "The default is 100 and the maximum allowed page size is 1000. A value of 0 uses the default." */
function paged<T>(all: readonly T[], { maxResults, nextToken }: { maxResults?: number; nextToken?: string }): Page<T> {
  const size = maxResults || 100;
  if (!Number.isInteger(size) || size < 1 || size > 1000) throw validationError(`maxResults must be an integer from 0 to 1000, not ${maxResults}`);
  const start = nextToken === undefined ? 0 : Number(nextToken);
  if (!Number.isInteger(start) || start < 0) throw validationError(`nextToken is not one that was handed out: ${JSON.stringify(nextToken)}`);
  const end = start + size;
  return { page: all.slice(start, end), nextToken: end < all.length ? String(end) : undefined };
}
