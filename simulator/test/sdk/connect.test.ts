import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { connect } from '../../src/sdk';
import { ServiceError } from '../../src/service';
import { fakeService, type FakeCall, LambdaWorld } from '../lambda/lambda-world';

describe('an AWS SDK client outside Lambda', () => {
  const calls: FakeCall[] = [];
  const conditionFailed = () => {
    throw new ServiceError('ConditionalCheckFailedException', 'no');
  };
  const { world } = new LambdaWorld({
    services: [
      fakeService('dynamodb', { GetItem: () => ({ Item: { a: { N: '1' } } }), PutItem: conditionFailed }, calls),
      fakeService('sqs', { SendMessage: () => ({ MessageId: 'm' }) }, calls),
    ],
  });
  const answer = async <T>(call: Promise<T>): Promise<T> => {
    const outcome = call.then((value) => ({ value }), (error) => ({ error }));
    await world.kernel.run();
    const result: any = await outcome;
    if ('error' in result) throw result.error;
    return result.value;
  };

  it('talks to the simulated world as its operator', async () => {
    const documents = DynamoDBDocumentClient.from(connect(world, new DynamoDBClient({ region: 'us-east-1' })));
    expect((await answer(documents.send(new GetCommand({ TableName: 't', Key: { id: 'a' } })))).Item).toEqual({ a: 1 });
    expect(calls[0].caller).toMatchObject({ principal: { kind: 'operator' }, name: 'operator' });
  });

  it('talks as whoever it is told to', async () => {
    const sqs = connect(world, new SQSClient({ region: 'us-east-1' }), { principal: { kind: 'role', arn: 'r' }, name: 'someone' });
    await answer(sqs.send(new SendMessageCommand({ QueueUrl: 'q', MessageBody: 'b' })));
    expect(calls[calls.length - 1].caller).toMatchObject({ principal: { kind: 'role', arn: 'r' }, name: 'someone' });
  });

  it('throws the SDK\'s exceptions', async () => {
    const client = connect(world, new DynamoDBClient({ region: 'us-east-1' }));
    await expect(answer(client.send(new PutItemCommand({ TableName: 't', Item: {} })))).rejects.toBeInstanceOf(ConditionalCheckFailedException);
  });
});
