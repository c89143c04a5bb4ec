import { ApiDestination } from 'aws-cdk-lib/aws-events';
import { connection, emailing } from './fixtures';
import { FanOutTarget, Rate } from '../../src';
import { keptOf, losses, stackWithPaths } from '../logical-ids';

it('keeps, under their logical ids, messages that wait, limits, and what could not be delivered', () => {
  const stack = stackWithPaths();
  const notify = emailing(stack, { priorities: ['critical', 'normal'] });
  const provider = connection(stack);
  const endpoint = 'https://sms.example.com/messages';
  notify.addTarget('Sms', FanOutTarget.http({ url: endpoint, connection: provider }), { rate: Rate.perSecond(5) });
  notify.addTarget('Crm', FanOutTarget.apiDestination(new ApiDestination(stack, 'Destination', { connection: provider, endpoint })), { rate: Rate.perSecond(5) });
  expect(losses(keptOf(__dirname), stack, [notify])).toEqual([]);
});
