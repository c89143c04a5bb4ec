import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { IFunction } from 'aws-cdk-lib/aws-lambda';

/** Lets somebody invoke a function, or the alias or version that was given, and none of its other versions. */
export function grantInvokeExactly(handler: IFunction, grantee: IGrantable): Grant {
  return Grant.addToPrincipal({ grantee, actions: ['lambda:InvokeFunction'], resourceArns: [handler.functionArn] });
}

/** Lets somebody do exactly these things with a table, and use its key, which the table's own `grant` leaves out. */
export function grantTableActions(table: Table, grantee: IGrantable, ...actions: string[]): Grant {
  const grant = table.grant(grantee, ...actions);
  return table.encryptionKey ? grant.combine(table.encryptionKey.grantEncryptDecrypt(grantee)) : grant;
}
