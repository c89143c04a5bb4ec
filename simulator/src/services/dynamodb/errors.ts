/**
 * The exceptions of the DynamoDB API, with AWS's names and texts.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
import type { AttributeMap } from './values';
import { ServiceError } from '../../service';

export interface CancellationReason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: AttributeMap;
}

export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

/** A key or item that does not fit its table: inside a transaction this is a reason of its cancellation. */
export class ItemRefusal extends ServiceError {
  constructor(message: string) {
    super('ValidationException', message);
  }
}

/** With the item only when ReturnValuesOnConditionCheckFailure asked for it. */
export function conditionalCheckFailed(item?: AttributeMap): ServiceError {
  return new ServiceError('ConditionalCheckFailedException', 'The conditional request failed', { fields: item && { Item: item } });
}

export function tableNotFound(tableName: string, operation?: string): ServiceError {
  const subject = operation === 'DescribeTable' || operation === 'DescribeTimeToLive' ? `: Table: ${tableName} not found` : '';
  return new ServiceError('ResourceNotFoundException', `Requested resource not found${subject}`);
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#API_TransactWriteItems_Errors */
export function transactionCanceled(reasons: readonly CancellationReason[]): ServiceError {
  const codes = reasons.map(reason => reason.Code).join(', ');
  return new ServiceError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { fields: { CancellationReasons: reasons } },
  );
}

export function idempotentParameterMismatch(): ServiceError {
  return new ServiceError(
    'IdempotentParameterMismatchException',
    'The request used the same client token as a previous request with different parameters',
  );
}
