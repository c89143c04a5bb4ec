/** Stands for the API of an e-mail provider. A real one knows the key of an e-mail that it has sent, and does not send it twice. */
exports.send = async ({ idempotencyKey, to, text }) => {
  if (!idempotencyKey || !to || !text) throw new Error('an e-mail needs an idempotency key, a recipient and a text');
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { status: 202 };
};
