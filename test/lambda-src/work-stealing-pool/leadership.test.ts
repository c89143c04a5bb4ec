import { Leadership, type Published } from '../../../lambda-src/work-stealing-pool/leadership';
import type { LeaderItem } from '../../../src/work-stealing-pool/contract';

const PLAN: Published = { grants: [], grantsUntil: 15_000, load: {}, history: { thiefAt: {}, pressedSince: {} } };

describe('the lead of a pool', () => {
  it('has another revision for each plan, also after a write whose answer was lost', async () => {
    const written: LeaderItem[] = [];
    const write = async (item: LeaderItem) => {
      written.push(item);
      if (written.length === 2) throw new Error('the answer was lost');
      return true;
    };
    const leadership = new Leadership({ succeed: async (_seen, item) => write(item), renew: write }, 'me', undefined, () => 0);
    await leadership.publish(PLAN);
    await expect(leadership.publish(PLAN)).rejects.toThrow();
    await leadership.publish(PLAN);
    expect(written.map(({ fence, revision }) => [fence, revision])).toEqual([[1, 1], [1, 2], [1, 3]]);
  });
});
