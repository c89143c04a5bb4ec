import { Token } from 'aws-cdk-lib';
import { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnTopic, ITopic } from 'aws-cdk-lib/aws-sns';
import { IQueue } from 'aws-cdk-lib/aws-sqs';

/** What a service that encrypts and decrypts for its caller needs the caller to be allowed. The L2's grants have wildcards instead. */
const USE_KEY = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];
/** What a producer needs of the key of a queue or topic. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html */
const PRODUCE_ENCRYPTED = ['kms:Decrypt', 'kms:GenerateDataKey'];

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

/** Lets somebody do these things with the items of a table whose partition key is like this, or like one of these; `*` stands for anything. */
export function grantItems(table: ITable, grantee: IGrantable, partitionKeys: string | string[], ...actions: string[]): Grant {
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
  const key = 'dynamodb:LeadingKeys';
  // All of no keys are like these: a request that names none, such as a scan, is refused by the second condition only.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
  const conditions = { 'ForAllValues:StringLike': { [key]: [partitionKeys].flat() }, 'Null': { [key]: 'false' } };
  const grant = Grant.addToPrincipal({ grantee, actions, resourceArns: [table.tableArn], conditions });
  return table.encryptionKey ? grant.combine(table.encryptionKey.grant(grantee, ...USE_KEY)) : grant;
}

/** Lets somebody send messages to a queue, and nothing else. */
export function grantSendMessage(queue: IQueue, grantee: IGrantable): Grant {
  return grantExactly(grantee, queue.queueArn, ['sqs:SendMessage'], queue.encryptionMasterKey, PRODUCE_ENCRYPTED);
}

/** Lets somebody publish to a topic, and nothing else. */
export function grantPublishTo(topic: ITopic, grantee: IGrantable): Grant {
  const { masterKey } = topic as { readonly masterKey?: IKey };
  const grant = grantExactly(grantee, topic.topicArn, ['sns:Publish'], masterKey, PRODUCE_ENCRYPTED);
  // At the peer floor a topic does not tell its key, but its resource does.
  const resource = topic.node.defaultChild;
  const keyId = !masterKey && resource instanceof CfnTopic ? resource.kmsMasterKeyId ?? '' : '';
  const isOwn = Token.isUnresolved(keyId) || keyId.startsWith('arn:');
  return isOwn ? grant.combine(grantExactly(grantee, keyId, PRODUCE_ENCRYPTED)) : grant;
}
