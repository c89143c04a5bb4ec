import { selectRecipients } from '../../../lambda-src/scatter-gather/recipients';
import type { GatheringInput } from '../../../src/scatter-gather/contract';

const input: GatheringInput = {
  correlationId: 'c-1',
  executionArn: 'arn',
  request: {},
  candidates: [{ responder: 'A', route: 'A', selected: true }, { responder: 'B', route: 'A', selected: false }, { responder: 'C', route: 'C', selected: true }],
  startedAt: 0,
  timeoutSeconds: 10,
  completion: { kind: 'ALL' },
};

describe('recipients', () => {
  it('are the responders whose condition holds', () => {
    expect(selectRecipients(input)).toEqual(['A', 'C']);
  });

  it('are narrowed to the caller\'s list', () => {
    expect(selectRecipients({ ...input, recipients: ['C', 'B'] })).toEqual(['C']);
  });
});

it('a sentence about bad input does not repeat all of it', () => {
  expect(() => selectRecipients({ ...input, recipients: ['x'.repeat(10_000)] })).toThrow(/^.{1,250}$/);
});

describe('bad input is refused with one clear sentence', () => {
  it.each([
    [{ correlationId: '' }, 'correlationId must be a string of 1 to 256 characters, received ""'],
    [{ correlationId: 7 }, 'correlationId must be a string of 1 to 256 characters, received 7'],
    [{ correlationId: 'x'.repeat(257) }, `correlationId must be a string of 1 to 256 characters, received "${'x'.repeat(99)}`],
    [{ request: null }, 'the input has no request; it must be { correlationId?, request, recipients? }'],
    [{ recipients: 'A' }, 'recipients must be a list of responder ids, received "A"'],
    [{ recipients: ['A', 'X'] }, 'recipients names "X", which is no responder; responders are A, B, C'],
  ])('%j', (wrong, sentence) => {
    const refuse = () => selectRecipients({ ...input, ...wrong } as GatheringInput);
    expect(refuse).toThrow(sentence);
    expect(refuse).toThrow(expect.objectContaining({ name: 'InvalidRequest' }));
  });
});
