import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import {
  ATTRIBUTE, type ClosedBy, type Completion, GATHERING_ITEM, type GatheringInput, type GatheringStatus, REPLY_ITEM_PREFIX,
} from '../../src/scatter-gather/contract';

/** The item that decides: who is expected, who has answered, and whether answers still count. */
export interface Gathering {
  readonly correlationId: string;
  readonly status: GatheringStatus;
  readonly executionArn: string;
  /** Absent when the deadline came before the scatter step had opened the gathering. */
  readonly taskToken?: string;
  readonly expected: readonly string[];
  /** Responders whose reply, and whose failure, was recorded before the close. */
  readonly replied: ReadonlySet<string>;
  readonly failed: ReadonlySet<string>;
  /** Grows with every recorded answer: a close names the revision that it decided on. */
  readonly revision: number;
  readonly openedAt: number;
  readonly completion: Completion;
  readonly closedBy?: ClosedBy;
}

/** An answer as it is stored: a reply has a payload, a failure has an error and a cause. */
export interface Answer {
  readonly responder: string;
  /** Id of the event that brought it: tells a redelivery from a second answer. */
  readonly eventId: string;
  readonly receivedAt: number;
  /** JSON text, so that numbers and nesting come back exactly as they came. */
  readonly payload?: string;
  readonly error?: string;
  readonly cause?: string;
}

export interface GatheringWithAnswers {
  readonly gathering: Gathering | undefined;
  readonly answers: readonly Answer[];
  /** Kept for completion conditions that ask about the request. */
  readonly request: unknown;
}

const REQUEST_ITEM = 'REQUEST';

/** The gathering's items in DynamoDB. Every write that decides something is conditional. */
export class GatheringStore {
  constructor(
    private readonly documents: DynamoDBDocumentClient,
    private readonly tableName: string,
    private readonly retentionSeconds: number,
    private readonly now: () => number,
  ) {}

  /**
   * Opens the gathering, or takes it over with a new task token when a retry of the same execution opened it before.
   * Answers the gathering as it is now: closed, or of another execution, when it could not be opened.
   */
  async open(input: GatheringInput & { taskToken: string }, expected: readonly string[]): Promise<Gathering> {
    if (usesRequest(input.completion)) await this.keepRequest(input);
    return this.update(input.correlationId, {
      set: {
        ...this.openingAttributes(input, expected),
        taskToken: input.taskToken,
        // Nothing to wait for: it is born closed.
        ...(expected.length === 0 ? { status: 'CLOSED', closedBy: 'COLLECTOR' } : { status: 'OPEN' }),
      },
      condition: 'attribute_not_exists(#correlationId) OR (#status = :open AND #executionArn = :executionArn)',
      values: { ':open': 'OPEN' },
    });
  }

  async find(correlationId: string): Promise<Gathering | undefined> {
    const { Item } = await this.documents.send(new GetCommand({
      TableName: this.tableName,
      Key: key(correlationId, GATHERING_ITEM),
      ConsistentRead: true,
    }));
    return Item && toGathering(Item);
  }

  /** Keeps the first answer of a responder. `SAME`: this very event was stored before, and its delivery was repeated. */
  async keepAnswer(correlationId: string, answer: Answer): Promise<'STORED' | 'SAME' | 'DUPLICATE'> {
    try {
      await this.documents.send(new PutCommand({
        TableName: this.tableName,
        Item: { ...key(correlationId, REPLY_ITEM_PREFIX + answer.responder), ...answer, expiresAt: this.expiresAt() },
        ConditionExpression: 'attribute_not_exists(#key)',
        ExpressionAttributeNames: { '#key': ATTRIBUTE.PARTITION_KEY },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }));
      return 'STORED';
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
      // A lost response and the SDK's retry also end here, with the item that this call itself has written.
      return attributeText(error.Item, 'eventId') === answer.eventId ? 'SAME' : 'DUPLICATE';
    }
  }

  /** The id of the event that brought a responder's answer. */
  async answeredByEvent(correlationId: string, responder: string): Promise<string | undefined> {
    const { Item } = await this.documents.send(new GetCommand({
      TableName: this.tableName,
      Key: key(correlationId, REPLY_ITEM_PREFIX + responder),
      ProjectionExpression: 'eventId',
      ConsistentRead: true,
    }));
    return Item?.eventId as string | undefined;
  }

  /**
   * Makes stored answers count, unless the gathering has closed: this one write is the moment at which an answer arrives.
   * Answers the gathering as it is now.
   */
  async record(correlationId: string, answers: readonly Answer[]): Promise<Gathering> {
    const replied = answers.filter((answer) => answer.error === undefined).map((answer) => answer.responder);
    const failed = answers.filter((answer) => answer.error !== undefined).map((answer) => answer.responder);
    return this.update(correlationId, {
      add: {
        revision: 1,
        ...(replied.length > 0 && { replied: new Set(replied) }),
        ...(failed.length > 0 && { failed: new Set(failed) }),
      },
      condition: '#status = :open',
      values: { ':open': 'OPEN' },
    });
  }

  /** Closes a gathering whose completion was decided at this revision. Answers the gathering as it is now, closed or grown meanwhile. */
  async closeAt(gathering: Gathering): Promise<Gathering> {
    return this.update(gathering.correlationId, {
      set: { status: 'CLOSED', closedBy: 'COLLECTOR' },
      condition: '#status = :open AND #revision = :revision',
      values: { ':open': 'OPEN', ':revision': gathering.revision },
    });
  }

  /** Closes whatever is there, also nothing: a scatter step that is still on its way must find a closed gathering. */
  async closeAtDeadline(input: GatheringInput, expected: readonly string[]): Promise<Gathering> {
    return this.update(input.correlationId, {
      set: { ...this.openingAttributes(input, expected), status: 'CLOSED', closedBy: 'DEADLINE' },
      condition: 'attribute_not_exists(#correlationId) OR (#status = :open AND #executionArn = :executionArn)',
      values: { ':open': 'OPEN' },
    });
  }

  /** Everything there is about a gathering, in one consistent read of its partition. */
  async findWithAnswers(correlationId: string): Promise<GatheringWithAnswers> {
    let gathering: Gathering | undefined;
    let request: unknown;
    const answers: Answer[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const page = await this.documents.send(new QueryCommand({
        TableName: this.tableName,
        KeyConditionExpression: '#correlationId = :correlationId',
        ExpressionAttributeNames: { '#correlationId': ATTRIBUTE.PARTITION_KEY },
        ExpressionAttributeValues: { ':correlationId': correlationId },
        ConsistentRead: true,
        ...(start && { ExclusiveStartKey: start }),
      }));
      for (const item of page.Items ?? []) {
        const sortKey = item[ATTRIBUTE.SORT_KEY] as string;
        if (sortKey === GATHERING_ITEM) gathering = toGathering(item);
        else if (sortKey === REQUEST_ITEM) request = JSON.parse(item.request as string);
        else answers.push(item as unknown as Answer);
      }
      start = page.LastEvaluatedKey;
    } while (start);
    return { gathering, answers, request };
  }

  private async keepRequest(input: GatheringInput): Promise<void> {
    await this.documents.send(new PutCommand({
      TableName: this.tableName,
      Item: { ...key(input.correlationId, REQUEST_ITEM), request: JSON.stringify(input.request), expiresAt: this.expiresAt() },
      ConditionExpression: 'attribute_not_exists(#key)',
      ExpressionAttributeNames: { '#key': ATTRIBUTE.PARTITION_KEY },
    })).catch((error: unknown) => {
      if (!isConditionFailure(error)) throw error;
    });
  }

  private openingAttributes(input: GatheringInput, expected: readonly string[]): Record<string, unknown> {
    return {
      executionArn: input.executionArn,
      expected,
      completion: input.completion,
      openedAt: input.startedAt,
      expiresAt: this.expiresAt(),
    };
  }

  private expiresAt(): number {
    return Math.floor(this.now() / 1000) + this.retentionSeconds;
  }

  /** One conditional update of the gathering's item. A refused one answers the item that refused it. */
  private async update(correlationId: string, change: {
    set?: Record<string, unknown>;
    add?: Record<string, unknown>;
    condition: string;
    values: Record<string, unknown>;
  }): Promise<Gathering> {
    const names: Record<string, string> = {};
    const values: Record<string, unknown> = { ...change.values };
    const assign = (separator: string) => ([attribute, value]: [string, unknown]) => {
      names[`#${attribute}`] = attribute;
      values[`:${attribute}`] = value;
      return `#${attribute}${separator}:${attribute}`;
    };
    const clauses = [
      change.set && `SET ${Object.entries(change.set).map(assign(' = ')).join(', ')}`,
      change.add && `ADD ${Object.entries(change.add).map(assign(' ')).join(', ')}`,
    ].filter(Boolean);
    for (const [, attribute] of change.condition.matchAll(/#(\w+)/g)) names[`#${attribute}`] = attribute!;
    try {
      const { Attributes } = await this.documents.send(new UpdateCommand({
        TableName: this.tableName,
        Key: key(correlationId, GATHERING_ITEM),
        UpdateExpression: clauses.join(' '),
        ConditionExpression: change.condition,
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: values,
        ReturnValues: 'ALL_NEW',
      }));
      return toGathering(Attributes!);
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
      const refusedBy = await this.find(correlationId);
      if (!refusedBy) throw new Error(`the gathering of correlation id '${correlationId}' has expired`);
      return refusedBy;
    }
  }
}

function key(correlationId: string, item: string): Record<string, string> {
  return { [ATTRIBUTE.PARTITION_KEY]: correlationId, [ATTRIBUTE.SORT_KEY]: item };
}

function toGathering(item: Record<string, any>): Gathering {
  return {
    correlationId: item[ATTRIBUTE.PARTITION_KEY],
    status: item.status,
    executionArn: item.executionArn,
    taskToken: item.taskToken,
    expected: item.expected,
    replied: new Set<string>(item.replied ?? []),
    failed: new Set<string>(item.failed ?? []),
    revision: item.revision ?? 0,
    openedAt: item.openedAt,
    completion: item.completion,
    closedBy: item.closedBy,
  };
}

function usesRequest(completion: Completion): boolean {
  return completion.kind === 'CONDITION' && /\$request\b/.test(completion.expression);
}

function isConditionFailure(error: unknown): error is { name: string; Item?: Record<string, any> } {
  return (error as { name?: string } | undefined)?.name === 'ConditionalCheckFailedException';
}

/** Items inside exceptions are not unmarshalled by the document client. */
function attributeText(item: Record<string, any> | undefined, attribute: string): string | undefined {
  const value = item?.[attribute];
  return typeof value === 'string' ? value : value?.S;
}
