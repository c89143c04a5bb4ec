import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Inbox, OutboxDestination, OutboxSource, TransactionalOutbox } from 'cdk-integration-patterns';
import type { Construct } from 'constructs';
import { TypeScriptFunction } from './typescript-function';

/** The same books in a table whose writers know nothing of events: its changes are the events, and a history keeps them. */
export class BooksByChangesStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);

    const books = new dynamodb.Table(this, 'Books', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      stream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const outbox = new TransactionalOutbox(this, 'Outbox', {
      source: OutboxSource.changes(books, { insert: 'BookAdded', modify: 'BookChanged', remove: 'BookRemoved' }),
      destination: OutboxDestination.eventBus(new events.EventBus(this, 'Bus')),
      eventSource: 'bookshop',
      removalPolicy: RemovalPolicy.DESTROY,
    });

    const entries = new dynamodb.Table(this, 'Entries', {
      partitionKey: { name: 'bookId', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'sequence', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const inbox = new Inbox(this, 'Inbox', { outbox, removalPolicy: RemovalPolicy.DESTROY });
    const history = new TypeScriptFunction(this, 'History', {
      environment: { ENTRIES_TABLE: entries.tableName },
      deadLetterQueueEnabled: true,
    });
    entries.grantWriteData(history);
    inbox.addConsumer(history);
    outbox.onEvent('BooksChange', { detailType: ['BookAdded', 'BookChanged', 'BookRemoved'] }, new targets.LambdaFunction(history));
  }
}
