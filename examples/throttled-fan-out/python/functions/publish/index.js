const { SNSClient, PublishBatchCommand } = require('@aws-sdk/client-sns');

const sns = new SNSClient();
const AT_ONCE = 10;
const ENTRIES = 10;

/** Publishes one notification to each recipient. It knows the topic; who is behind it, and how much they take, it does not know. */
exports.handler = async ({ channel, priority, tenant, recipients, text }) => {
  const entries = Array.from({ length: recipients }, (_, index) => ({
    Id: String(index % ENTRIES),
    Message: JSON.stringify({ to: `customer-${index + 1}`, text }),
    MessageAttributes: { channel: attribute(channel), priority: attribute(priority) },
    // Fair queues: a tenant with many messages does not hold up the others.
    MessageGroupId: tenant,
  }));
  const batches = [];
  for (let begin = 0; begin < entries.length; begin += ENTRIES) batches.push(entries.slice(begin, begin + ENTRIES));
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let batch = batches.pop(); batch; batch = batches.pop()) await publish(batch);
  }));
  return { published: entries.length };
};

/** Again what was not taken: the call succeeds although some of its entries fail. */
async function publish(entries) {
  for (let left = entries, attempt = 1; left.length > 0; attempt++) {
    const { Failed = [] } = await sns.send(new PublishBatchCommand({ TopicArn: process.env.TOPIC_ARN, PublishBatchRequestEntries: left }));
    if (Failed.length > 0 && attempt === 5) throw new Error(`${Failed.length} messages could not be published: ${Failed[0].Code}`);
    const ids = new Set(Failed.map(({ Id }) => Id));
    left = left.filter(({ Id }) => ids.has(Id));
  }
}

function attribute(value) {
  return { DataType: 'String', StringValue: value };
}
