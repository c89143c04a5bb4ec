import type { SQSMessageAttributes } from 'aws-lambda';
import { record, text } from './fakes';
import { asPublished, givenUpAttributes, type GivenUpAs } from '../../../lambda-src/throttled-fan-out/given-up-attributes';
import { messageOf } from '../../../lambda-src/throttled-fan-out/message';

const OURS: GivenUpAs = { reason: 'FAILED', priority: 'bulk', messageId: 'm-1' };
const some = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, text(String(index))]));

describe('the attributes of a message that is given up', () => {
  it('say why, beside those of the publisher', () => {
    expect(givenUpAttributes({ channel: text('email'), priority: text('bulk') }, OURS)).toEqual({
      channel: text('email'), priority: text('bulk'), reason: text('FAILED'), messageId: text('m-1'),
    });
  });

  it.each([0, 1, 6, 7, 8, 9, 10])('are no more than ten beside %i of the publisher, and none of theirs is lost', (count) => {
    const published = some(count);
    const attributes = givenUpAttributes(published, OURS);
    expect(Object.keys(attributes).length).toBeLessThanOrEqual(10);
    const { attributes: restored, messageId } = asPublished(attributes);
    expect(restored).toEqual({ ...published, priority: text('bulk') });
    expect(messageId).toBe('m-1');
  });

  it('keep what the publisher has under our names', () => {
    const published = { ...some(7), reason: text('because'), messageId: text('own'), priority: text('unheard of') };
    const attributes = givenUpAttributes(published, OURS);
    expect(attributes).toMatchObject({ reason: text('FAILED'), messageId: text('m-1'), priority: text('bulk') });
    expect(Object.keys(attributes).length).toBeLessThanOrEqual(10);
    expect(asPublished(attributes).attributes).toEqual(published);
  });
});

describe('a message that was moved back to its queue', () => {
  const addressee = { fanOut: 'Notify', target: 'Email', priority: 'bulk' };

  it('is the same to the target, although SQS gives it a new id', () => {
    const published = { ...some(9), seal: { dataType: 'Binary', binaryValue: 'AQI=' } };
    const first = messageOf(record('m-1', { attributes: published }), addressee);
    const back = messageOf(record('m-2', { attributes: givenUpAttributes(published, OURS) }), addressee);
    expect(back.delivery).toEqual({ ...first.delivery, message: back.delivery.message, attributes: { ...first.delivery.attributes, priority: 'bulk' } });
    expect(back.attributes.seal).toEqual(published.seal);
  });

  it('is not mistaken for one whose publisher uses our names', () => {
    const publishers: SQSMessageAttributes[] = [{ messageId: text('own') }, { messageId: text('own'), reason: text('because') }, { reason: text('FAILED') }];
    for (const attributes of publishers) {
      const { delivery } = messageOf(record('m-2', { attributes }), addressee);
      expect(delivery.id).toBe('m-2');
      expect(Object.keys(delivery.attributes)).toEqual(Object.keys(attributes));
    }
  });
});

describe('a record', () => {
  const addressee = { fanOut: 'Notify', target: 'Email', priority: 'bulk' };

  it('that cannot be read says why, without its content', () => {
    expect(() => messageOf(record('m-1', { sentAt: 'yesterday' }), addressee)).toThrow("attribute 'SentTimestamp' is no time");
    const spoilt = { ...givenUpAttributes(some(10), OURS), otherAttributes: text('{secret') };
    expect(() => messageOf(record('m-1', { attributes: spoilt }), addressee)).toThrow(/^attribute 'otherAttributes' is no JSON$/);
  });

  it('gives the target its texts, also those that are numbers, and no bytes', () => {
    const attributes = { channel: text('email'), amount: { dataType: 'Number', stringValue: '7' }, seal: { dataType: 'Binary', binaryValue: 'AQI=' } };
    const { delivery } = messageOf(record('m-1', { attributes }), addressee);
    expect(delivery.attributes).toStrictEqual({ channel: 'email', amount: '7' });
    expect(delivery).not.toHaveProperty('tenant');
  });
});
