import type { Stage, Story, Vocabulary } from '../stage';

/** The steps that tell the story; reads, polls and bookkeeping stay out of it. */
const STEPS: Vocabulary = {
  'states.start': () => 'execution starts',
  'states.enter': ({ detail }) => `enters state ${detail?.state}`,
  'states.end': ({ detail }) => `execution ends: ${detail?.status}`,
  'lambda.start': ({ detail }) => detail?.cold ? 'runs (cold start)' : 'runs',
  'lambda.end': () => 'has run',
  'events.PutEvents': () => 'puts events on the bus',
  'events.delivered': () => 'the rule delivers an event',
  'dynamodb.UpdateItem': ({ detail }) => `updates its item${detail?.error ? `: refused, ${detail.error}` : ''}`,
  'dynamodb.PutItem': ({ detail }) => `stores an item${detail?.error ? `: refused, ${detail.error}` : ''}`,
  'states.SendTaskSuccess': () => 'wakes the workflow',
};

export const play: Story = async (stage) => {
  await askForQuotes(stage, 'three banks answer in time');
  await askForQuotes(stage, 'GoldBank takes 30 seconds, the gathering waits for 10', { slowBank: 'true' });
};

async function askForQuotes(stage: Stage, title: string, context?: Readonly<Record<string, string>>) {
  stage.chapter(title);
  const input = stage.read('typescript/input.json');
  stage.say(`input   ${JSON.stringify(input)}`);
  stage.deploy({ context, tell: STEPS });
  const outcome = await stage.invoke('LoanQuotes', input);
  // What comes after the result belongs to the story too: a late reply, for one.
  await stage.settle();
  stage.close();
  stage.result(outcome);
}
