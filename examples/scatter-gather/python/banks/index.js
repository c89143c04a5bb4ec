/**
 * A bank's quote for a loan. It knows nothing of scatter-gather: it gets a request and returns a reply.
 * RATE_PREMIUM is what this bank adds to the base rate; DELAY_SECONDS makes it slow.
 */
const BASE_RATE = 3;

exports.handler = async ({ request, correlationId }) => {
  const amount = request.LoanAmount;
  if (typeof amount !== 'number' || amount <= 0) throw new Error(`LoanAmount must be a positive number, received ${JSON.stringify(amount)}`);
  const delaySeconds = Number(process.env.DELAY_SECONDS ?? 0);
  if (delaySeconds > 0) await new Promise((resolve) => setTimeout(resolve, delaySeconds * 1000));
  const discount = Math.min(1, amount / 10_000);
  return {
    bank: process.env.BANK_NAME,
    customerId: request.CustomerId,
    quoteId: `${process.env.BANK_NAME}-${correlationId}`,
    rate: Math.round((BASE_RATE + Number(process.env.RATE_PREMIUM) - discount) * 1000) / 1000,
  };
};
