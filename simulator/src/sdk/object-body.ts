import { Readable } from 'stream';

/** What the SDK adds to the stream of an object's content. */
export interface ObjectBody extends Readable {
  transformToByteArray(): Promise<Uint8Array>;
  transformToString(encoding?: string): Promise<string>;
  transformToWebStream(): unknown;
}

/**
 * A stream of an object's bytes as clients get it from GetObject: readable piece by piece, or transformed as a whole, once.
 * https://github.com/smithy-lang/smithy-typescript/blob/main/packages/util-stream/src/sdk-stream-mixin.ts
 */
export function objectBody(content: Uint8Array): ObjectBody {
  const stream = Readable.from(content.length > 0 ? [Buffer.from(content)] : [], { objectMode: false });
  let transformed = false;
  const once = () => {
    if (transformed) throw new Error('The stream has already been transformed.');
    transformed = true;
    stream.destroy();
  };
  return Object.assign(stream, {
    transformToByteArray: async () => {
      once();
      return Uint8Array.from(content);
    },
    transformToString: async (encoding: string = 'utf-8') => {
      once();
      return Buffer.from(content).toString(encoding as BufferEncoding);
    },
    transformToWebStream: () => {
      if (transformed) throw new Error('The stream has already been transformed.');
      transformed = true;
      return Readable.toWeb(stream);
    },
  });
}
