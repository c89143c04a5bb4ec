import { Duration } from 'aws-cdk-lib';
import { hours } from '../print';
import type { Stage, Story, Vocabulary } from '../stage';
import type { Book } from './typescript/functions/book';

/** What the pipe and the alarms do is told as it happens. */
const STEPS: Vocabulary = {
  'pipes.delivered': ({ detail }) => `brings ${events(Number(detail?.events))} to the bus`,
  'pipes.failed': ({ detail }) => `the bus refuses: ${detail?.error}`,
  'pipes.dead-lettered': ({ detail }) => `gives up ${events(Number(detail?.records))} to the dead letters: ${detail?.condition}`,
  'pipes.lost': () => 'never sees an event: the stream forgot it after 24 hours',
  'cloudwatch.alarm': ({ detail }) => {
    if (detail?.to === 'ALARM') return 'ALARM';
    return detail?.from === 'ALARM' ? 'alarm is over' : undefined;
  },
};

const OUTAGE_HOURS = 30;

export const play: Story = async (stage) => {
  const outbox = await playOutbox(stage);
  const changes = await playChanges(stage);
  stage.result({ status: stage.failed ? 'FAILED' : 'SUCCEEDED', output: { outbox, changes } });
};

async function playOutbox(stage: Stage) {
  const books: Book[] = stage.read('typescript/books.json');
  const [stock, later] = [books.slice(0, -OUTAGE_HOURS), books.slice(-OUTAGE_HOURS)];
  stage.chapter('The shop writes a book and the event about it in one transaction; the catalogue counts each author\'s books');
  stage.deploy({ stacks: ['Books'], tell: STEPS, clock: hours });
  const opening = new Date(stage.now).toISOString();

  await booksComeAndGo(stage, stock);
  await poison(stage);
  const outage = await outageOf(stage, later);
  const repaired = await replay(stage, opening);
  stage.close({ lost: outage.forgottenByTheStream });
  return { ...outage, ...repaired };
}

async function booksComeAndGo(stage: Stage, stock: readonly Book[]) {
  for (const book of stock) {
    await add(stage, book);
    await stage.pass(Duration.minutes(1));
  }
  stage.tell(`the shop adds '${stock[0].title}' once more: ${await shop(stage, { add: stock[0] })}`);
  stage.tell(`the shop removes '${stock[1].title}': ${await shop(stage, { remove: stock[1].id })}`);
  await stage.settle();
  compare(stage, 'The shop and its catalogue');
  stage.expect('a refused request has published nothing', stage.items('Outbox/Rows').length === stock.length + 1);
  stage.expect('the catalogue has what the shop has', missing(stage) === 0);
}

/** A bus refuses an event without a type. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
async function poison(stage: Stage) {
  const book: Book = { id: 'agnes-grey', title: 'Agnes Grey', author: 'Anne Brontë' };
  const row = { pk: `Book#${book.id}`, sk: '00000000000000000001' };
  stage.say('\nPoison: a script that writes rows of its own forgets the type, without which no bus takes an event\n');
  await stage.call('dynamodb', 'TransactWriteItems', {
    TransactItems: [
      { Put: { TableName: stage.nameOf('Books/Books'), Item: texts({ ...book }) } },
      {
        Put: {
          TableName: stage.nameOf('Outbox/Rows'),
          Item: {
            ...texts({ ...row, eventId: 'import-1', payload: JSON.stringify(book), occurredAt: new Date(stage.now).toISOString() }),
            expiresAt: { N: String(Math.floor(stage.now / 1000) + Duration.days(7).toSeconds()) },
          },
        },
      },
    ],
  });
  stage.tell(`the script adds '${book.title}' by ${book.author}`);
  await add(stage, { id: 'cranford', title: 'Cranford', author: 'Elizabeth Gaskell' });
  await stage.pass(Duration.minutes(15));
  compare(stage, 'One event is missing, the rest went on');
  stage.expect('a dead letter tells of the poison event, and of nothing else', stage.depth('Outbox/DeadLetters') === 1);
  stage.expect('an alarm says so', stage.alarm('Alarms/DeadLetters') === 'ALARM');
  stage.expect('what came after it has arrived', missing(stage) === 1);

  // The dead letter is a pointer into the stream. The event itself is in the table, where somebody can mend it.
  await stage.call('dynamodb', 'UpdateItem', {
    TableName: stage.nameOf('Outbox/Rows'),
    Key: texts(row),
    UpdateExpression: 'SET #type = :type',
    ExpressionAttributeNames: { '#type': 'type' },
    ExpressionAttributeValues: texts({ ':type': 'BookAdded' }),
  });
  await stage.call('sqs', 'PurgeQueue', { QueueUrl: stage.nameOf('Outbox/DeadLetters') });
  stage.tell('somebody gives the row in the outbox its type and purges the queue; the next replay will bring the event');
}

async function outageOf(stage: Stage, later: readonly Book[]) {
  stage.say(`\nOutage: the pipe is stopped for ${OUTAGE_HOURS} hours, and a book comes each hour\n`);
  const lettersBefore = deadLetters(stage);
  await stage.stopPipe('Outbox/Pipe');
  stage.tell('somebody stops the pipe');
  for (const [index, book] of later.entries()) {
    const status = await shop(stage, { add: book });
    if (index % 6 === 0 || index === later.length - 1) stage.tell(`book ${index + 1} of ${later.length}: the shop adds '${book.title}': ${status}`);
    await stage.pass(Duration.hours(1));
  }
  stage.expect('an alarm says that the pipe does not run', stage.alarm('Alarms/Stopped') === 'ALARM');
  await stage.startPipe('Outbox/Pipe');
  stage.tell('somebody starts the pipe');
  await stage.pass(Duration.minutes(30));

  compare(stage, 'After the outage, without a replay');
  const forgottenByTheStream = stage.happened('pipes.lost').length;
  const givenUp = deadLetters(stage) - lettersBefore;
  const missingWithoutReplay = missing(stage);
  stage.expect(`the stream forgot what was older than 24 hours: ${events(forgottenByTheStream)}`, forgottenByTheStream > 0);
  stage.expect(`the pipe gave up what was older than its maximum age of 12 hours: ${events(givenUp)}`, givenUp > 0);
  stage.expect(`with the poison event, ${missingWithoutReplay} are missing`, missingWithoutReplay === forgottenByTheStream + givenUp + 1);
  return { missingWithoutReplay, forgottenByTheStream, givenUpToDeadLetters: givenUp };
}

async function replay(stage: Stage, from: string) {
  stage.say('\nReplay: the table is the outbox, so everything since the opening is published again, straight from the table\n');
  const written = stage.items('Outbox/Rows').length;
  const { output, ...failure } = await stage.invoke('Outbox/Replay', { from });
  const { scanned, published, refused } = output as Record<string, number> ?? {};
  stage.tell(`the replay has ended: ${output ? `${scanned} rows read, ${published} published, ${refused} refused` : JSON.stringify(failure)}`);
  await stage.pass(Duration.minutes(15));
  compare(stage, 'After the replay');

  const deliveries = stage.happened('lambda.end', 'Catalogue').length;
  const effects = stage.items('Inbox/Table').length;
  stage.expect('the replay published each event of the table', published === written && refused === 0);
  stage.expect('the catalogue has what the shop has, no book less and none more', missing(stage) === 0);
  stage.expect(`nothing took effect twice: ${deliveries} deliveries of ${events(written)} had ${effects} effects`, deliveries > written && effects === written);
  return { missingAfterReplay: missing(stage), events: written, deliveries, effects };
}

/** The same books, where no writer knows of events. */
async function playChanges(stage: Stage) {
  stage.chapter('The same books in a table that exists already: its changes are the events, with what a book was before and after');
  stage.deploy({ stacks: ['BooksByChanges'], tell: STEPS, clock: hours });
  const TableName = stage.nameOf('BooksByChanges/Books');
  const book = { ...texts({ id: 'emma', title: 'Emma' }), price: { N: '7.5' } };
  const Key = texts({ id: 'emma' });

  await stage.call('dynamodb', 'PutItem', { TableName, Item: book });
  stage.tell('somebody puts \'Emma\' into the table, for 7.5');
  await stage.pass(Duration.minutes(1));
  await stage.call('dynamodb', 'UpdateItem', { TableName, Key, UpdateExpression: 'SET price = :price', ExpressionAttributeValues: { ':price': { N: '6.25' } } });
  stage.tell('somebody lowers its price to 6.25');
  await stage.pass(Duration.minutes(1));
  await stage.call('dynamodb', 'DeleteItem', { TableName, Key });
  stage.tell('somebody deletes it');
  await stage.settle();

  const history = stage.items('Entries').sort((one, other) => (one.sequence < other.sequence ? -1 : 1));
  stage.show('The history', history.map(({ type, time, old, new: now }) => ({ type, time, old, new: now })));
  stage.expect('each change is told once, in order', history.map(({ type }) => type).join() === 'BookAdded,BookChanged,BookRemoved');
  stage.expect('with the item before and after', history.map(({ old, new: now }) => `${old?.price}-${now?.price}`).join() === 'undefined-7.5,7.5-6.25,6.25-undefined');
  stage.close();
  return { events: history.length };
}

async function add(stage: Stage, book: Book) {
  stage.tell(`the shop adds '${book.title}' by ${book.author}: ${await shop(stage, { add: book })}`);
}

async function shop(stage: Stage, request: object): Promise<string> {
  const { output, cause } = await stage.invoke('Shop', request);
  return (output as { status?: string } | undefined)?.status ?? `failed: ${cause}`;
}

/** What the shop has of each author, beside what the catalogue counts. */
function counts(stage: Stage) {
  const inCatalogue = new Map(stage.items('Counts').map(({ author, books }) => [author, books]));
  const inShop = new Map<string, number>();
  for (const { author } of stage.items('Books/Books')) inShop.set(author, (inShop.get(author) ?? 0) + 1);
  const authors = [...new Set([...inShop.keys(), ...inCatalogue.keys()])].sort();
  return authors.map((author) => ({ author, inShop: inShop.get(author) ?? 0, inCatalogue: inCatalogue.get(author) ?? 0 }));
}

function compare(stage: Stage, title: string) {
  stage.show(title, counts(stage).map(({ author, inShop, inCatalogue }) => ({ author, 'in the shop': inShop, 'in the catalogue': inCatalogue })));
}

/** By how many books the catalogue differs from the shop, in either direction. */
function missing(stage: Stage): number {
  return counts(stage).reduce((sum, { inShop, inCatalogue }) => sum + Math.abs(inShop - inCatalogue), 0);
}

function deadLetters(stage: Stage): number {
  return stage.happened('pipes.dead-lettered').reduce((sum, { detail }) => sum + Number(detail?.records), 0);
}

function events(count: number): string {
  return count === 1 ? '1 event' : `${count} events`;
}

/** DynamoDB's way of writing texts. */
function texts(attributes: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(attributes).map(([name, text]) => [name, { S: text }]));
}
