import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Inbox, OutboxDestination, TransactionalOutbox } from 'cdk-integration-patterns';
import type { Construct } from 'constructs';
import { TypeScriptFunction } from './typescript-function';

/** The shop writes a book and the event about it in one transaction; the catalogue counts each author's books. */
export class BooksStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);

    const books = new dynamodb.Table(this, 'Books', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const outbox = new TransactionalOutbox(this, 'Outbox', {
      destination: OutboxDestination.eventBus(new events.EventBus(this, 'Bus')),
      eventSource: 'bookshop',
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const shop = new TypeScriptFunction(this, 'Shop', { environment: { BOOKS_TABLE: books.tableName } });
    books.grantReadWriteData(shop);
    outbox.addWriter(shop);

    const counts = new dynamodb.Table(this, 'Counts', {
      partitionKey: { name: 'author', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const inbox = new Inbox(this, 'Inbox', { outbox, removalPolicy: RemovalPolicy.DESTROY });
    const catalogue = new TypeScriptFunction(this, 'Catalogue', {
      environment: { COUNTS_TABLE: counts.tableName },
      deadLetterQueueEnabled: true,
    });
    counts.grantWriteData(catalogue);
    inbox.addConsumer(catalogue);
    outbox.onEvent('BooksComeAndGo', { detailType: ['BookAdded', 'BookRemoved'] }, new targets.LambdaFunction(catalogue));

    new CfnOutput(this, 'ShopFunction', { value: shop.functionName });
    new CfnOutput(this, 'ReplayStateMachine', { value: outbox.replay!.stateMachine.stateMachineArn });
  }
}
