import { requestIds } from './request-ids';
import type { World } from '../../../service';
import type { Json, JsonObject } from '../asl/json';

/** What optimized integrations of the older kind add to a service's answer: the HTTP response that carried it. */
export function withSdkMetadata(world: World, output: JsonObject, contentType = 'application/x-amz-json-1.0'): JsonObject {
  const requestId = requestIds(world)();
  const contentLength = String(Buffer.byteLength(JSON.stringify(output), 'utf8'));
  const date = new Date(world.kernel.now).toUTCString();
  const headers: Record<string, string> = {
    'Connection': 'keep-alive',
    'Content-Length': contentLength,
    'Content-Type': contentType,
    'Date': date,
    'x-amzn-RequestId': requestId,
  };
  const lists = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, name === 'x-amzn-RequestId' ? value : [value]]));
  return {
    ...output,
    SdkHttpMetadata: { AllHttpHeaders: lists as Json, HttpHeaders: headers, HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId: requestId },
  };
}

/** A service's answer as plain JSON: no SDK metadata, nothing undefined, times as `toTime` writes them. */
export function plainOutput(output: unknown, toTime: (time: Date) => Json): JsonObject {
  const { $metadata: _, ...rest } = (output ?? {}) as Record<string, unknown>;
  return plain(rest, toTime) as JsonObject;
}

export const isoTime = (time: Date): Json => time.toISOString();
export const epochMilliseconds = (time: Date): Json => time.getTime();

function plain(value: unknown, toTime: (time: Date) => Json): Json {
  if (value === null || value === undefined) return null;
  if (Object.prototype.toString.call(value) === '[object Date]') return toTime(value as Date);
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (Array.isArray(value)) return value.map((item) => plain(item, toTime));
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined).map(([key, item]) => [key, plain(item, toTime)]);
    return Object.fromEntries(entries) as JsonObject;
  }
  return value as Json;
}
