/**
 * Lambda payloads are bytes in the SDK and text in the simulator.
 * The bytes know `transformToString`, as the SDK's own do.
 */
export function inputOf(service: string, operation: string, input: any): any {
  if (service !== 'lambda' || operation !== 'Invoke' || input.Payload === undefined) return input;
  return { ...input, Payload: typeof input.Payload === 'string' ? input.Payload : Buffer.from(input.Payload).toString('utf8') };
}

export function outputOf(service: string, operation: string, output: any): any {
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
