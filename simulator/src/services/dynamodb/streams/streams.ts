import { Stream, type StreamDefinition } from './stream';
import { ServiceError, type World } from '../../../service';
import type { ItemChange } from '../environment';

/** The account's streams. */
export class Streams {
  private readonly byArn = new Map<string, Stream>();
  private readonly byTable = new Map<string, Stream>();

  constructor(private readonly world: World) {}

  create(definition: StreamDefinition) {
    const stream = new Stream(this.world, definition);
    this.byArn.set(definition.arn, stream);
    this.byTable.set(definition.tableName, stream);
  }

  all(): Stream[] {
    return [...this.byArn.values()];
  }

  get(arn: unknown): Stream {
    const stream = this.byArn.get(String(arn));
    if (!stream) throw new ServiceError('ResourceNotFoundException', `Requested resource not found: Stream: ${String(arn)} not found`);
    return stream;
  }

  record(change: ItemChange) {
    this.byTable.get(change.tableName)?.record(change);
  }
}
