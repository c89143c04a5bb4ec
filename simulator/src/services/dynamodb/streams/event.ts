/** Records as consumers that AWS runs (functions, pipes) get them: in JSON. */
import type { ApiRecord } from './record';
import { type AttributeMap, type AttributeValue, setMember, typeOf } from '../values';

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html#services-dynamodb-create-event-source-mapping (example event) */
export interface StreamEvent {
  readonly eventID: string;
  readonly eventName: string;
  readonly eventVersion: string;
  readonly eventSource: string;
  readonly awsRegion: string;
  readonly dynamodb: {
    /** Seconds since 1970. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: object;
    readonly NewImage?: object;
    readonly OldImage?: object;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
  readonly userIdentity?: { readonly type: string; readonly principalId: string };
  readonly eventSourceARN: string;
}

/** Attribute values stay in DynamoDB's typed JSON; binary values are base64. */
export function streamEvent(record: ApiRecord, streamArn: string): StreamEvent {
  const { dynamodb, userIdentity, ...rest } = record;
  const { NewImage, OldImage } = dynamodb as { NewImage?: AttributeMap; OldImage?: AttributeMap };
  return {
    ...rest,
    dynamodb: {
      ApproximateCreationDateTime: dynamodb.ApproximateCreationDateTime.getTime() / 1000,
      Keys: jsonMap(dynamodb.Keys),
      ...(NewImage && { NewImage: jsonMap(NewImage) }),
      ...(OldImage && { OldImage: jsonMap(OldImage) }),
      SequenceNumber: dynamodb.SequenceNumber,
      SizeBytes: dynamodb.SizeBytes,
      StreamViewType: dynamodb.StreamViewType,
    },
    ...(userIdentity && { userIdentity: { type: userIdentity.Type, principalId: userIdentity.PrincipalId } }),
    eventSourceARN: streamArn,
  };
}

function jsonMap(map: AttributeMap): Record<string, unknown> {
  const copy = {};
  for (const name of Object.keys(map)) setMember(copy, name, jsonValue(map[name]) as AttributeValue);
  return copy;
}

function jsonValue(value: AttributeValue): unknown {
  switch (typeOf(value)) {
    case 'B': return { B: base64(value.B!) };
    case 'BS': return { BS: value.BS!.map(base64) };
    case 'L': return { L: value.L!.map(jsonValue) };
    case 'M': return { M: jsonMap(value.M!) };
    default: return value;
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
