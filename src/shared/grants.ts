import { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { IFunction } from 'aws-cdk-lib/aws-lambda';

/** What a service that encrypts and decrypts for its caller needs the caller to be allowed. The L2's grants have wildcards instead. */
const USE_KEY = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];

/** Lets somebody do exactly these things with one resource, and what its key must allow for them. */
export function grantExactly(
  grantee: IGrantable, resourceArn: string, actions: readonly string[], key?: IKey, keyActions: readonly string[] = USE_KEY,
): Grant {
  const grant = Grant.addToPrincipal({ grantee, actions: [...actions], resourceArns: [resourceArn] });
  return key ? grant.combine(key.grant(grantee, ...keyActions)) : grant;
}

/** Lets somebody invoke a function, or the alias or version that was given, and none of its other versions. */
export function grantInvokeExactly(handler: IFunction, grantee: IGrantable): Grant {
  return grantExactly(grantee, handler.functionArn, ['lambda:InvokeFunction']);
}

/** Lets somebody do exactly these things with a table, not with its indexes, and use its key, which the table's own `grant` leaves out. */
export function grantTableActions(table: ITable, grantee: IGrantable, ...actions: string[]): Grant {
  return grantExactly(grantee, table.tableArn, actions, table.encryptionKey);
}
