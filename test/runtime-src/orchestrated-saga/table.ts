import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ServiceError } from '../../../simulator/src';
import { Engine, type OperationName } from '../../../simulator/src/services/dynamodb/engine';
import { defineTable } from '../../../simulator/src/services/dynamodb/schema';
import type { ActionRequest, CompensationRequest } from '../../../src/orchestrated-saga/contract';
import { plain } from '../../simulate';

export const NOW = new Date('2026-05-06T07:08:09.900Z');
export const CLAIMS = 'claims';
/** What the service does with its steps, counted: `times` for each time that it was done, `undone` for each time that it was undone. */
export const EFFECTS = 'effects';

type Via = (operation: OperationName, answer: () => object) => object | Promise<object>;

const direct: Via = (_, answer) => answer();

/** DynamoDB with the participant's table, and a real client of the SDK that reaches it over no wire. */
export class Tables {
  /** Sees each request; it may wait, throw before the request takes effect (`answer` not called), or after. */
  via?: Via;
  /** Whoever does not ask for a consistent read sees what was there before the last write. */
  readonly engine = new Engine({ now: () => NOW.getTime(), isStale: () => true });
  readonly sent: { operation: OperationName; input: any }[] = [];
  readonly client = DynamoDBDocumentClient.from(new DynamoDBClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: { handle: async (request: any) => ({ response: await this.respond(request) }) } as any,
  }));

  constructor() {
    for (const TableName of [CLAIMS, EFFECTS]) {
      this.engine.createTable(defineTable({
        TableName,
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      }, { arn: `arn:aws:dynamodb:us-east-1:123456789012:table/${TableName}`, id: TableName, createdAt: 0 }));
    }
  }

  items(table: string): Record<string, any>[] {
    return this.engine.execute('Scan', { TableName: table, ConsistentRead: true }).Items.map(plain);
  }

  item(table: string, id: string): Record<string, any> | undefined {
    return this.items(table).find((item) => item.id === id);
  }

  private async respond({ headers, body }: { headers: Record<string, string>; body: Uint8Array }) {
    const operation = headers['x-amz-target']!.split('.')[1] as OperationName;
    const input = JSON.parse(new TextDecoder().decode(body));
    this.sent.push({ operation, input });
    try {
      return response(200, await (this.via ?? direct)(operation, () => this.engine.execute(operation, input)));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return response(400, { __type: `com.amazonaws.dynamodb.v20120810#${error.name}`, Message: error.message, CancellationReasons: (error as { CancellationReasons?: unknown }).CancellationReasons });
    }
  }
}

function response(statusCode: number, body: object) {
  return { statusCode, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Buffer.from(JSON.stringify(body)) };
}

/** A transaction that is cancelled for these reasons. */
export function cancelled(...codes: string[]): ServiceError {
  return new ServiceError('TransactionCanceledException', `Transaction cancelled [${codes.join(', ')}]`, {
    fields: { CancellationReasons: codes.map((Code) => ({ Code })) },
  });
}

export function doRequest(more: Partial<ActionRequest> = {}): ActionRequest {
  return { sagaId: 's-1', step: 'Charge', idempotencyKey: 's-1#Charge#DO', input: { amount: 5 }, results: {}, ...more };
}

export function undoRequest(more: Partial<CompensationRequest> = {}): CompensationRequest {
  return { ...doRequest(), idempotencyKey: 's-1#Charge#UNDO', result: null, ...more };
}

/** Counts how often a step is done or undone. */
export function count(attribute: 'times' | 'undone', id = 'Charge', condition?: string): object {
  return {
    Update: {
      TableName: EFFECTS, Key: { id }, UpdateExpression: `ADD ${attribute} :one`, ExpressionAttributeValues: { ':one': 1 },
      ...condition && { ConditionExpression: condition },
    },
  };
}
