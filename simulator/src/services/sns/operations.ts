import { billPublish } from './billing';
import { invalidParameter, wireCode } from './errors';
import type { PublishedContent } from './message';
import type { TopicMetrics } from './metrics';
import type { Publisher } from './publisher';
import { DEFAULT_MAX_MESSAGE_BYTES } from './settings';
import type { Topic, TopicDirectory } from './topics';
import type { AccessRequest } from '../../iam/principal';
import { type Operation, type OperationContext, ServiceError, type World } from '../../service';
import type { KmsService } from '../kms';

const MOST_ENTRIES = 10;

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html and API_PublishBatch.html */
export function snsOperations(world: World, directory: TopicDirectory, publisher: Publisher, metrics: TopicMetrics): Record<string, Operation> {
  /** A batch needs the same permission: https://docs.aws.amazon.com/sns/latest/dg/sns-batch-api-actions.html */
  const access = (input: any): AccessRequest[] => {
    const topic = directory.byArn(topicArn(input));
    directory.ensurePolicy(topic);
    return [{ action: 'sns:Publish', resource: topic.settings.arn }, ...keyRequests(world, topic)];
  };
  const publish = (topic: Topic, content: PublishedContent) => {
    metrics.published(topic.settings, content.size);
    return publisher.publish(topic, content);
  };
  return {
    Publish: {
      access,
      handle: (input, { caller }) => {
        const topic = directory.byArn(topicArn(input));
        const content = publisher.prepare(topic, input, caller);
        billPublish(world.meter, topic, [content.size]);
        return publish(topic, content);
      },
    },
    PublishBatch: {
      access,
      handle: (input, context) => {
        const topic = directory.byArn(topicArn(input));
        return publishBatch(input.PublishBatchRequestEntries, context, topic, {
          prepare: (entry) => publisher.prepare(topic, entry, context.caller),
          bill: (sizes) => billPublish(world.meter, topic, sizes),
          publish: (content) => publish(topic, content),
        });
      },
    },
  };
}

function topicArn(input: any): unknown {
  if (input?.PhoneNumber !== undefined) throw new Error('Publish to a PhoneNumber is not simulated: only topics are');
  return input?.TopicArn ?? input?.TargetArn;
}

/** Publishers to a topic with a key need the key: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#sns-what-permissions-for-sse */
function keyRequests(world: World, { settings: { kmsKey, arn } }: Topic): AccessRequest[] {
  if (kmsKey === undefined) return [];
  const resource = world.service<KmsService>('kms').keyArn(kmsKey);
  const context = {
    'kms:ViaService': `sns.${world.region}.amazonaws.com`, 'kms:CallerAccount': world.account, 'kms:EncryptionContext:aws:sns:topicArn': arn,
  };
  return ['kms:GenerateDataKey', 'kms:Decrypt'].map((action) => ({ action, resource, context }));
}

interface BatchSteps {
  readonly prepare: (entry: any) => PublishedContent;
  readonly bill: (sizes: readonly number[]) => void;
  readonly publish: (content: PublishedContent) => object;
}

/** A batch succeeds as a whole when its form is right; each entry then succeeds or fails on its own. */
function publishBatch(entries: any, context: OperationContext, { settings }: Topic, { prepare, bill, publish }: BatchSteps) {
  checkEntries(entries);
  const prepared: Array<{ Id: string; content: PublishedContent } | { Id: string; error: any }> = entries.map((entry: any) => {
    try {
      return { Id: entry.Id, content: prepare(entry) };
    } catch (error: any) {
      if (error?.$fault === undefined) throw error;
      return { Id: entry.Id, error };
    }
  });
  const sizes = prepared.flatMap((entry) => ('content' in entry ? [entry.content.size] : []));
  const limit = Math.max(DEFAULT_MAX_MESSAGE_BYTES, settings.maxMessageBytes);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > limit) {
    throw new ServiceError('BatchRequestTooLongException', `The length of all the messages put together is more than the limit of ${limit} bytes: ${total}.`);
  }
  bill(sizes);
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of prepared) {
    if (context.entryFails?.()) {
      Failed.push({ Id: entry.Id, Code: 'InternalError', Message: 'the entry failed (injected)', SenderFault: false });
    } else if ('error' in entry) {
      Failed.push({ Id: entry.Id, Code: wireCode(entry.error.name), Message: entry.error.message, SenderFault: true });
    } else {
      Successful.push({ Id: entry.Id, ...publish(entry.content) });
    }
  }
  return { Successful, Failed };
}

/** https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html#API_PublishBatch_Errors */
function checkEntries(entries: any) {
  if (entries === undefined || entries === null) throw invalidParameter('PublishBatchRequestEntries');
  if (entries.length === 0) throw new ServiceError('EmptyBatchRequestException', 'The batch request doesn\'t contain any entries.');
  if (entries.length > MOST_ENTRIES) {
    throw new ServiceError('TooManyEntriesInBatchRequestException', `The batch request contains more entries than permissible: ${entries.length}, at most ${MOST_ENTRIES}.`);
  }
  const ids = new Set<string>();
  for (const entry of entries) {
    if (typeof entry?.Id !== 'string' || !/^[A-Za-z0-9_-]{1,80}$/.test(entry.Id)) {
      throw new ServiceError('InvalidBatchEntryIdException', `The Id of a batch entry in a batch request doesn't abide by the specification: ${JSON.stringify(entry?.Id)}.`);
    }
    if (ids.has(entry.Id)) throw new ServiceError('BatchEntryIdsNotDistinctException', `Two or more batch entries in the request have the same Id: ${entry.Id}.`);
    ids.add(entry.Id);
  }
}
