import { sdkException } from '../../src/sdk/exceptions';
import { inputOf, outputOf } from '../../src/sdk/payloads';
import { retryableKind } from '../../src/sdk/retry';
import { clientModule, serviceName } from '../../src/sdk/services';
import { s3Error } from '../../src/services/s3/errors';

const got = (text: string) => outputOf('s3', 'GetObject', { ETag: '"e"', Body: new Uint8Array(Buffer.from(text)) });

describe('the body of an object in a handler', () => {
  it('becomes a text, in the encoding asked for', async () => {
    expect(await got('{"ü":1}').Body.transformToString()).toBe('{"ü":1}');
    expect(await got('hello').Body.transformToString('base64')).toBe('aGVsbG8=');
    expect(await got('').Body.transformToString()).toBe('');
  });

  it('becomes bytes', async () => {
    const bytes = await got('hi').Body.transformToByteArray();
    expect(ArrayBuffer.isView(bytes)).toBe(true);
    expect([...bytes]).toEqual([104, 105]);
  });

  it('can be read as a stream', async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of got('piece by piece').Body) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('piece by piece');
    const reader = got('web').Body.transformToWebStream().getReader();
    expect(Buffer.from((await reader.read()).value).toString()).toBe('web');
  });

  it('can be transformed once only, as the SDK\'s own', async () => {
    const { Body } = got('x');
    await Body.transformToString();
    await expect(Body.transformToByteArray()).rejects.toThrow('The stream has already been transformed.');
    expect(() => Body.transformToWebStream()).toThrow('The stream has already been transformed.');
  });

  it('is sent as text or bytes, and refused as anything else', () => {
    expect(inputOf('s3', 'PutObject', { Key: 'k', Body: 'x' })).toEqual({ Key: 'k', Body: 'x' });
    expect(inputOf('s3', 'PutObject', { Body: new Uint8Array([1]) }).Body).toHaveLength(1);
    expect(() => inputOf('s3', 'PutObject', { Body: { pipe() {} } })).toThrow(/must be a text or bytes in the simulator/);
  });

  it('is nothing that other answers have', () => {
    expect(outputOf('s3', 'HeadObject', { ETag: 'e' })).toEqual({ ETag: 'e' });
    expect(outputOf('sqs', 'GetObject', { Body: 'b' })).toEqual({ Body: 'b' });
  });
});

describe('clients of S3 and SNS', () => {
  it('talk to the simulated services', () => {
    expect([serviceName('S3'), clientModule('S3')]).toEqual(['s3', '@aws-sdk/client-s3']);
    expect([serviceName('SNS'), clientModule('SNS')]).toEqual(['sns', '@aws-sdk/client-sns']);
  });

  it('throw errors with their name and status, and retry none of them', () => {
    const error: any = sdkException(s3Error('PreconditionFailed', 'no', { Condition: 'If-Match' }), 'S3', {}, { requestId: 'r', attempts: 1 });
    expect(error).toMatchObject({ name: 'PreconditionFailed', $fault: 'client', $metadata: { httpStatusCode: 412, requestId: 'r', attempts: 1 } });
    expect(retryableKind(s3Error('NoSuchKey', 'no'))).toBeUndefined();
  });
});
