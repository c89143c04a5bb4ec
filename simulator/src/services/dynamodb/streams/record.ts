/** What a stream tells about one change. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html */
import type { ItemChange } from '../environment';
import { itemSize } from '../item-size';
import { type AttributeMap, copyMap } from '../values';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_StreamSpecification.html */
export const STREAM_VIEW_TYPES = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'] as const;
export type StreamViewType = typeof STREAM_VIEW_TYPES[number];

/** A record in its shard. The images are the stored ones: they are copied on their way out. */
export interface StoredRecord {
  readonly eventId: string;
  readonly sequenceNumber: string;
  readonly change: ItemChange;
  /** When it can be read for the first time, in milliseconds since 1970. */
  readonly readableAt: number;
  readonly bytes: number;
}

/** The images that the view type lets through. */
function images({ newImage, oldImage }: ItemChange, viewType: StreamViewType) {
  return {
    newImage: viewType === 'NEW_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES' ? newImage : undefined,
    oldImage: viewType === 'OLD_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES' ? oldImage : undefined,
  };
}

/** The size that a record tells: its keys and images. */
export function recordBytes(change: ItemChange, viewType: StreamViewType): number {
  const { newImage, oldImage } = images(change, viewType);
  return itemSize(change.keys) + (newImage ? itemSize(newImage) : 0) + (oldImage ? itemSize(oldImage) : 0);
}

/** A record as GetRecords answers it. */
export function apiRecord({ eventId, sequenceNumber, change, bytes }: StoredRecord, viewType: StreamViewType, region: string) {
  const { newImage, oldImage } = images(change, viewType);
  const copy = (name: string, image: AttributeMap | undefined) => (image ? { [name]: copyMap(image) } : {});
  return {
    eventID: eventId,
    eventName: change.oldImage === undefined ? 'INSERT' : change.newImage === undefined ? 'REMOVE' : 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      // To the second.
      ApproximateCreationDateTime: new Date(Math.floor(change.at / 1000) * 1000),
      Keys: copyMap(change.keys),
      ...copy('NewImage', newImage),
      ...copy('OldImage', oldImage),
      SequenceNumber: sequenceNumber,
      SizeBytes: bytes,
      StreamViewType: viewType,
    },
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
    ...(change.userIdentity && { userIdentity: { PrincipalId: change.userIdentity.principalId, Type: change.userIdentity.type } }),
  };
}

export type ApiRecord = ReturnType<typeof apiRecord>;
