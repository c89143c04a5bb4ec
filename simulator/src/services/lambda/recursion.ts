import type { InvocationTarget } from './invoke';
import { type Chain, ServiceError, type World } from '../../service';

/**
 * "If your function is invoked approximately 16 times in the same chain of requests, then Lambda automatically stops the next function invocation": through
 * functions, queues, and topics, as far as the AWS SDK or the service hands the chain on. Other services break it.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */
const MOST_INVOCATIONS = 16;

/** The chain with one more invocation of the function; throws when that closes a loop once too often. */
export function continueChain(world: World, { function: { configuration } }: InvocationTarget, chain: Chain = {}): Chain {
  const before = chain[configuration.arn] ?? 0;
  if (before >= MOST_INVOCATIONS && !configuration.allowsRecursion) {
    world.trace.record({ at: world.kernel.now, subject: configuration.readableName, event: 'lambda.recursionStopped', detail: { chain: Object.keys(chain).length } });
    throw new ServiceError('RecursiveInvocationException', 'Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services '
      + 'resources and stopped your function\'s invocation.');
  }
  return { ...chain, [configuration.arn]: before + 1 };
}

/** AWS does not say which chain a batch of several messages goes on: the longest for each function is assumed. */
export function longestChain(chains: readonly (Chain | undefined)[]): Chain | undefined {
  const known = chains.filter((chain) => chain !== undefined);
  if (known.length < 2) return known[0];
  const longest: Record<string, number> = {};
  for (const chain of known) for (const [arn, count] of Object.entries(chain)) longest[arn] = Math.max(longest[arn] ?? 0, count);
  return longest;
}
