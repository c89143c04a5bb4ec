import { objectBody } from './object-body';

/**
 * Lambda payloads are bytes in the SDK and text in the simulator; the body of an object is a stream in the SDK and bytes in the simulator.
 * Lambda's bytes know `transformToString`, as the SDK's own do.
 */
export function inputOf(service: string, operation: string, input: any): any {
  if (service === 's3' && operation === 'PutObject') return { ...input, Body: writableBody(input.Body) };
  if (service !== 'lambda' || operation !== 'Invoke' || input.Payload === undefined) return input;
  return { ...input, Payload: typeof input.Payload === 'string' ? input.Payload : Buffer.from(input.Payload).toString('utf8') };
}

export function outputOf(service: string, operation: string, output: any): any {
  if (service === 's3' && operation === 'GetObject' && output?.Body !== undefined) return { ...output, Body: objectBody(output.Body) };
  if (service !== 'lambda' || operation !== 'Invoke' || typeof output?.Payload !== 'string') return output;
  return { ...output, Payload: bytes(output.Payload) };
}

function bytes(text: string): Uint8Array {
  const result = new Uint8Array(Buffer.from(text, 'utf8'));
  Object.defineProperty(result, 'transformToString', {
    value: (encoding: BufferEncoding = 'utf8') => Buffer.from(result).toString(encoding),
  });
  return result;
}

/** Texts and bytes pass; a stream of unknown length is refused by S3 as well, unless the handler tells its length. */
function writableBody(body: any): unknown {
  if (body === undefined || body === null || typeof body === 'string' || ArrayBuffer.isView(body)) return body;
  throw new Error('the Body of PutObject must be a text or bytes in the simulator: read a stream or Blob before you put it');
}
