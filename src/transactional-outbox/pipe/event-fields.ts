import { ROW } from '../contract';

/** Where a target's parameters find the fields of an event: JSON paths, but for `source`, which is the same for all. */
export interface EventFields {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly partitionKey: string;
}

/** In a record of a stream with outbox rows. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-dynamodb.html */
export function imagePath(attribute: string): string {
  return `$.dynamodb.NewImage.${attribute}.S`;
}

/** In records as the stream has them. */
export function fieldsOfRows(source: string): EventFields {
  return {
    source,
    id: imagePath(ROW.EVENT_ID),
    type: imagePath(ROW.TYPE),
    time: imagePath(ROW.OCCURRED_AT),
    partitionKey: imagePath(ROW.PARTITION_KEY),
  };
}

/** In envelopes, which an enrichment makes. */
export function fieldsOfEnvelopes(source: string): EventFields {
  return { source, id: '$.id', type: '$.type', time: '$.time', partitionKey: '$.partitionkey' };
}
