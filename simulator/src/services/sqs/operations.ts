import { queueAttributes, setQueueAttributes } from './attributes';
import { billRequest } from './billing';
import { integerIn, missingParameter, sqsError } from './errors';
import { MoveTasks } from './move-tasks';
import type { Queue } from './queue';
import type { QueueDirectory } from './queues';
import { Receiver } from './receiver';
import { Sender } from './sender';
import { MAX_VISIBILITY_SECONDS } from './settings';
import type { AccessRequest } from '../../iam/principal';
import type { Operation, OperationContext, World } from '../../service';
import type { KmsService } from '../kms';

const MAX_ENTRIES = 10;

/** The API. Permissions: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html */
export function sqsOperations(world: World, directory: QueueDirectory): Record<string, Operation> {
  const sender = new Sender(world);
  const receiver = new Receiver(world);
  const moves = new MoveTasks(world, directory);

  const on = (
    action: string,
    handle: (queue: Queue, input: any, context: OperationContext) => unknown,
    extra: (queue: Queue) => AccessRequest[] = () => [],
  ): Operation => ({
    access: (input) => {
      const queue = directory.byUrl(input?.QueueUrl);
      return [{ action: `sqs:${action}`, resource: queue.settings.arn }, ...extra(queue)];
    },
    readOnly: action.startsWith('Get'),
    handle: (input, context) => handle(directory.byUrl(input.QueueUrl), input, context),
  });

  /** A producer to a queue with a customer managed key encrypts, a consumer decrypts. */
  const keyAccess = (...actions: string[]) => (queue: Queue): AccessRequest[] => keyRequests(world, queue, actions);

  return {
    SendMessage: on('SendMessage', (queue, input, context) => {
      const prepared = sender.prepare(queue, input, context.caller);
      billRequest(world, queue, prepared.content.size);
      return sender.send(queue, prepared, context.caller);
    }, keyAccess('kms:GenerateDataKey', 'kms:Decrypt')),

    SendMessageBatch: on('SendMessage', (queue, input, context) => {
      const size = sender.batchSize(input.Entries);
      return batch(input.Entries, context, (entry) => sender.send(queue, sender.prepare(queue, entry, context.caller), context.caller), () => {
        sender.checkBatchSize(size);
        billRequest(world, queue, size);
      });
    }, keyAccess('kms:GenerateDataKey', 'kms:Decrypt')),

    ReceiveMessage: on('ReceiveMessage', (queue, input) => receiver.receive(queue, input), keyAccess('kms:Decrypt')),

    DeleteMessage: on('DeleteMessage', (queue, input) => {
      billRequest(world, queue);
      remove(queue, input);
      return {};
    }),

    DeleteMessageBatch: on('DeleteMessage', (queue, input, context) => batch(input.Entries, context, (entry) => {
      remove(queue, entry);
      return {};
    }, () => billRequest(world, queue))),

    ChangeMessageVisibility: on('ChangeMessageVisibility', (queue, input) => {
      billRequest(world, queue);
      changeVisibility(queue, input);
      return {};
    }),

    ChangeMessageVisibilityBatch: on('ChangeMessageVisibility', (queue, input, context) => batch(input.Entries, context, (entry) => {
      changeVisibility(queue, entry);
      return {};
    }, () => billRequest(world, queue))),

    GetQueueAttributes: on('GetQueueAttributes', (queue, input) => {
      billRequest(world, queue);
      return { Attributes: queueAttributes(queue, input.AttributeNames ?? []) };
    }),

    SetQueueAttributes: on('SetQueueAttributes', (queue, input) => {
      billRequest(world, queue);
      setQueueAttributes(world, directory, queue, input.Attributes ?? {});
      return {};
    }),

    PurgeQueue: on('PurgeQueue', (queue) => {
      billRequest(world, queue);
      queue.purge();
      return {};
    }),

    GetQueueUrl: {
      access: (input) => {
        if (!input?.QueueName) throw missingParameter('QueueName');
        return [{ action: 'sqs:GetQueueUrl', resource: directory.byName(String(input.QueueName)).settings.arn }];
      },
      readOnly: true,
      handle: (input) => {
        const queue = directory.byName(String(input.QueueName));
        billRequest(world, queue);
        return { QueueUrl: queue.settings.url };
      },
    },

    StartMessageMoveTask: moves.start(),
    ListMessageMoveTasks: moves.list(),
  };
}

function keyRequests(world: World, queue: Queue, actions: readonly string[]): AccessRequest[] {
  const { kmsKey } = queue.settings;
  if (kmsKey === undefined) return [];
  const resource = world.service<KmsService>('kms').keyArn(kmsKey);
  const context = { 'kms:ViaService': `sqs.${world.region}.amazonaws.com`, 'kms:CallerAccount': world.account };
  return actions.map((action) => ({ action, resource, context }));
}

function remove(queue: Queue, input: any) {
  if (!input?.ReceiptHandle) throw missingParameter('ReceiptHandle');
  queue.delete(input.ReceiptHandle);
}

function changeVisibility(queue: Queue, input: any) {
  if (!input?.ReceiptHandle) throw missingParameter('ReceiptHandle');
  const seconds = integerIn('VisibilityTimeout', input.VisibilityTimeout, 0, MAX_VISIBILITY_SECONDS);
  if (seconds === undefined) throw missingParameter('VisibilityTimeout');
  queue.changeVisibility(input.ReceiptHandle, seconds * 1000);
}

/** A batch succeeds as a whole when its form is right; each entry then succeeds or fails on its own. */
function batch(entries: any, context: OperationContext, one: (entry: any) => object, before: () => void) {
  if (entries === undefined || entries === null || entries.length === 0) {
    throw sqsError('EmptyBatchRequest', 'There should be at least one entry in the batch request.');
  }
  if (entries.length > MAX_ENTRIES) {
    throw sqsError('TooManyEntriesInBatchRequest', `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`);
  }
  const ids = new Set<string>();
  for (const entry of entries) {
    if (typeof entry?.Id !== 'string' || !/^[A-Za-z0-9_-]{1,80}$/.test(entry.Id)) {
      throw sqsError('InvalidBatchEntryId', `A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long. Got ${JSON.stringify(entry?.Id)}.`);
    }
    if (ids.has(entry.Id)) throw sqsError('BatchEntryIdsNotDistinct', `Id ${entry.Id} repeated.`);
    ids.add(entry.Id);
  }
  before();
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    if (context.entryFails?.()) {
      Failed.push({ Id: entry.Id, SenderFault: false, Code: 'InternalError', Message: 'the entry failed (injected)' });
      continue;
    }
    try {
      Successful.push({ Id: entry.Id, ...one(entry) });
    } catch (error: any) {
      if (error?.$fault === undefined) throw error;
      Failed.push({ Id: entry.Id, SenderFault: error.$fault === 'client', Code: error.name, Message: error.message });
    }
  }
  return { Successful, Failed };
}

