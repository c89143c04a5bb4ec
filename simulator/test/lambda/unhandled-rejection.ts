/**
 * Run by unhandled-rejection.test.ts in a process of its own: in jest's process an unhandled rejection never reaches the simulator.
 * Prints what a function answers that leaves promises unhandled.
 */
import { fakeService, LambdaWorld } from './lambda-world';
import { ServiceError } from '../../src/service';

async function main() {
  const world = new LambdaWorld({
    services: [fakeService('sqs', {
      SendMessage: () => {
        throw new ServiceError('InvalidMessageContents', 'refused');
      },
    })],
  });
  world.deploy('fn', `const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs'); const client = new SQSClient({});
    exports.handler = async (event) => {
      if (event.own) void Promise.reject(new Error('mine'));
      else if (event.sdk) void client.send(new SendMessageCommand({ QueueUrl: 'q', MessageBody: 'b' }));
      await new Promise((resolve) => setTimeout(resolve, 500));
      return 'done';
    }`);
  for (const event of [{ own: true }, { sdk: true }, {}]) console.log(JSON.stringify((await world.invoke('fn', event)).result));
}

void main();
