import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { outboxPut } from 'cdk-integration-patterns/runtime/transactional-outbox';
import type { Book } from './book';

type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

const client = DynamoDBDocumentClient.from(new DynamoDBClient());
const TableName = process.env.BOOKS_TABLE;

/** Adds a book to the shop, or removes one. */
export async function handler(request: { readonly add: Book } | { readonly remove: string }) {
  return 'add' in request ? add(request.add) : remove(request.remove);
}

function add(book: Book) {
  return writeAndTell({ Put: { TableName, Item: book, ConditionExpression: 'attribute_not_exists(id)' } }, 'BookAdded', book);
}

async function remove(id: string) {
  const { Item: book } = await client.send(new GetCommand({ TableName, Key: { id } }));
  if (!book) return { status: 'REFUSED' };
  const stillThatBook = { ConditionExpression: 'author = :author', ExpressionAttributeValues: { ':author': book.author } };
  return writeAndTell({ Delete: { TableName, Key: { id }, ...stillThatBook } }, 'BookRemoved', book as Book);
}

/** The book's own write and the event about it: both happen, or neither. */
async function writeAndTell(write: Write, type: string, book: Book) {
  const event = outboxPut({ aggregateType: 'Book', aggregateId: book.id, type, payload: book });
  try {
    await client.send(new TransactWriteCommand({ TransactItems: [write, event] }));
    return { status: 'DONE' };
  } catch (error: any) {
    if (error.CancellationReasons?.[0].Code === 'ConditionalCheckFailed') return { status: 'REFUSED' };
    throw error;
  }
}
