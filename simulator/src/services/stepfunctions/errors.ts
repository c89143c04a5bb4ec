import { ServiceError } from '../../service';

/**
 * The errors of the Step Functions API, with AWS's names and texts.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_Operations.html
 */
export const executionAlreadyExists = (arn: string) => new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
export const executionDoesNotExist = (arn: unknown) => new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${String(arn)}'`);
export const stateMachineDoesNotExist = (arn: unknown) => new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${String(arn)}'`);
export const executionNotRedrivable = (arn: string, reason: string) =>
  new ServiceError('ExecutionNotRedrivable', `Execution '${arn}' is not redrivable: ${reason}`);
export const invalidArn = (reason: string) => new ServiceError('InvalidArn', `Invalid Arn: '${reason}'`);
export const invalidName = (name: unknown) => new ServiceError('InvalidName', `Invalid Name: '${String(name)}'`);
export const invalidInput = (reason: string) => new ServiceError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${reason}'`);
export const invalidOutput = (reason: string) => new ServiceError('InvalidOutput', `Invalid Output: '${reason}'`);
export const invalidToken = () => new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'");
export const taskDoesNotExist = () => new ServiceError('TaskDoesNotExist', "Task Does Not Exist: 'Provided task does not exist'");
/** "The task token has either expired or the task associated with the token has already been closed." */
export const taskTimedOut = () => new ServiceError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
export const typeNotSupported = () => new ServiceError('StateMachineTypeNotSupported', 'This operation is not supported by this type of state machine');
export const validationError = (message: string) => new ServiceError('ValidationException', message);
