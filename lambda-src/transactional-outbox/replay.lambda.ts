import type { ReplayProgress, ReplayRequest } from '../../src/transactional-outbox/contract';

export async function handler({ request }: { request: ReplayRequest }): Promise<ReplayProgress> {
  throw new Error(`${Object.keys(request).length} field(s) cannot be read yet`);
}
