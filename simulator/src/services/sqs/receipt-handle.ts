import { sqsError } from './errors';
import type { Message } from './message';

/** Another one for each receive: an old one does not speak for the message any more. */
export function receiptHandle(queue: string, { copy, receiveCount }: Message): string {
  return Buffer.from(`${queue}|${copy}|${receiveCount}`).toString('base64');
}

/** Which copy of a message a handle means, and which of its receives. */
export function parseReceiptHandle(queue: string, handle: unknown): { copy: number; receive: number } {
  const [name, copy, receive] = Buffer.from(String(handle), 'base64').toString().split('|');
  if (receive === undefined) throw sqsError('ReceiptHandleIsInvalid', `The input receipt handle "${String(handle)}" is not a valid receipt handle.`);
  if (name !== queue) throw sqsError('ReceiptHandleIsInvalid', `The receipt handle "${String(handle)}" is not valid for queue ${queue}.`);
  return { copy: Number(copy), receive: Number(receive) };
}
