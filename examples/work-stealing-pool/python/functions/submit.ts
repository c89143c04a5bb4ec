import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, SQSClient } from '@aws-sdk/client-sqs';
import { type Frame, frameId, framesOf, type Job } from './frame';

const sqs = new SQSClient();
const QueueUrl = process.env.QUEUE_URL;
const GPU = ['Gpu'];
const CPU = ['CpuA', 'CpuB'];
const BATCH = 10;

/** Submits the frames of a job. Submitted once more it changes nothing: a task's id is the task. */
export async function handler(job: Job): Promise<{ submitted: number }> {
  const frames = framesOf(job);
  const batches = Array.from({ length: Math.ceil(frames.length / BATCH) }, (_, index) => frames.slice(index * BATCH, (index + 1) * BATCH));
  await Promise.all(batches.map(async (batch) => send(batch.map((frame, index) => entry(frame, String(index), job.needsGpu ? GPU : CPU)))));
  return { submitted: frames.length };
}

function entry(frame: Frame, Id: string, groups: readonly string[]): SendMessageBatchRequestEntry {
  return { Id, MessageBody: JSON.stringify({ id: frameId(frame), payload: frame, estimatedSeconds: frame.seconds, groups }) };
}

async function send(Entries: SendMessageBatchRequestEntry[]) {
  const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  // Whoever called calls again.
  if (Failed.length > 0) throw new Error(`${Failed.length} frames could not be submitted: ${Failed[0].Code}`);
}
