const provider = require('./provider');

/**
 * Sends one e-mail. It gets a delivery: the published message, and what is known of it. What it returns is a success, what it throws is a failed
 * attempt, and `throttled` says that it was too much: no attempt, and nobody asks again before `retryAfterSeconds` are over.
 */
exports.handler = async ({ id, priority, message, publishedAt }) => {
  const { to, text } = JSON.parse(message);
  const { status, retryAfterSeconds } = await provider.send({ idempotencyKey: id, to, text });
  if (status === 429) return { throttled: true, retryAfterSeconds };
  console.log({ sent: id, priority, waitedMs: Date.now() - Date.parse(publishedAt) });
  return { status };
};
