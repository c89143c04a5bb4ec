import { buildSync } from 'esbuild';
import { kmsService } from '../../src/services/kms';
import { s3Service } from '../../src/services/s3';
import { snsService } from '../../src/services/sns';
import { sqsService } from '../../src/services/sqs';
import { type StatesService, statesService } from '../../src/services/stepfunctions';
import { LambdaWorld, ROLE } from '../lambda/lambda-world';

/** A handler as it ships: TypeScript in one bundle, with the SDK left out. */
function bundled(source: string): string {
  const { outputFiles } = buildSync({
    stdin: { contents: source, loader: 'ts', resolveDir: __dirname },
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    external: ['@aws-sdk/*'],
    minify: true,
  });
  return outputFiles[0].text;
}

async function invoke(source: string, prepare: (world: LambdaWorld) => Promise<void> | void = () => {}) {
  const world = new LambdaWorld({ services: [kmsService, s3Service, snsService, sqsService, statesService] });
  await prepare(world);
  world.deploy('fn', bundled(source), { Timeout: 60 });
  const { result } = await world.invoke('fn');
  return { result, world };
}

const definition = (...states: object[]) => JSON.stringify({
  QueryLanguage: 'JSONata', StartAt: 'S0', States: Object.fromEntries(states.map((state, index) => [`S${index}`, state])),
});

describe('clients in a bundled handler', () => {
  it('put, get and find objects, conditionally, and know S3\'s errors', async () => {
    const { result } = await invoke(`
      import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
      const s3 = new S3Client({});
      const Bucket = 'claims';
      export const handler = async () => {
        const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: 'payloads/a', Body: JSON.stringify({ big: 'ü' }), ContentType: 'application/json' }));
        const again = await s3.send(new PutObjectCommand({ Bucket, Key: 'payloads/a', Body: 'x', IfNoneMatch: '*' })).catch((error) => error);
        const { Body, ContentType } = await s3.send(new GetObjectCommand({ Bucket, Key: 'payloads/a' }));
        const missing = await s3.send(new GetObjectCommand({ Bucket, Key: 'none' })).catch((error) => error);
        const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'none' })).catch((error) => error);
        const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'payloads/' }));
        return {
          tagged: typeof ETag, again: [again.name, again.$metadata.httpStatusCode], text: await Body!.transformToString(), ContentType,
          missing: [missing.name, missing instanceof NoSuchKey, missing.$metadata.httpStatusCode], head: head.name, keys: Contents!.map(({ Key }) => Key),
        };
      };`, (world) => void world.create('AWS::S3::Bucket', { BucketName: 'claims' }, 'Stack/Claims'));
    expect(result).toEqual({
      tagged: 'string',
      again: ['PreconditionFailed', 412],
      text: '{"big":"ü"}',
      ContentType: 'application/json',
      missing: ['NoSuchKey', true, 404],
      head: 'NotFound',
      keys: ['payloads/a'],
    });
  });

  it('publish on topics, one by one and in batches', async () => {
    const { result, world } = await invoke(`
      import { NotFoundException, PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
      const sns = new SNSClient({});
      const TopicArn = 'arn:aws:sns:us-east-1:123456789012:orders';
      export const handler = async () => {
        const one = await sns.send(new PublishCommand({ TopicArn, Message: 'm', MessageAttributes: { type: { DataType: 'String', StringValue: 'Placed' } } }));
        const { Successful, Failed } = await sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: [
          { Id: '0', Message: 'a' }, { Id: '1', Message: 'b' }] }));
        const lost = await sns.send(new PublishCommand({ TopicArn: TopicArn + 'x', Message: 'm' })).catch((error) => error);
        return { one: typeof one.MessageId, Ids: Successful!.map(({ Id }) => Id), Failed, lost: [lost.name, lost instanceof NotFoundException] };
      };`, (prepared) => {
      const TopicArn = prepared.create('AWS::SNS::Topic', { TopicName: 'orders' }, 'Stack/Orders');
      prepared.create('AWS::SQS::Queue', { QueueName: 'inbox' }, 'Stack/Inbox');
      prepared.create('AWS::SNS::Subscription', {
        TopicArn, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:123456789012:inbox', RawMessageDelivery: true,
      }, 'Stack/Subscription');
    });
    expect(result).toEqual({ one: 'string', Ids: ['0', '1'], Failed: [], lost: ['NotFoundException', true] });
    expect(world.world.service<any>('sqs').queues()).toMatchObject([{ visible: 3 }]);
  });

  it('invoke other functions, and see their answers and errors', async () => {
    const { result } = await invoke(`
      import { InvokeCommand, LambdaClient, ResourceNotFoundException } from '@aws-sdk/client-lambda';
      const lambda = new LambdaClient({});
      const call = async (FunctionName: string, event: unknown, InvocationType?: 'Event') => {
        const { StatusCode, FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName, InvocationType, Payload: JSON.stringify(event) }));
        const text = new TextDecoder().decode(Payload);
        return [StatusCode, FunctionError ?? null, text === '' ? null : JSON.parse(text)];
      };
      export const handler = async () => {
        const none = await call('none', {}).catch((error) => error);
        return { doubled: await call('double', { n: 4 }), failed: await call('double', null), later: await call('double', { n: 1 }, 'Event'),
          none: [none.name, none instanceof ResourceNotFoundException] };
      };`, (world) => void world.deploy('double', 'exports.handler = async ({ n }) => ({ n: 2 * n });'));
    expect(result).toEqual({
      doubled: [200, null, { n: 8 }],
      failed: [200, 'Unhandled', expect.objectContaining({ errorType: 'TypeError' })],
      later: [202, null, null],
      none: ['ResourceNotFoundException', true],
    });
  });

  it('start, describe, stop and list executions, and answer task tokens', async () => {
    const { result } = await invoke(`
      import { DescribeExecutionCommand, ExecutionAlreadyExists, GetExecutionHistoryCommand, ListExecutionsCommand, SendTaskSuccessCommand, SFNClient,
        StartExecutionCommand, StartSyncExecutionCommand, StopExecutionCommand, TaskDoesNotExist } from '@aws-sdk/client-sfn';
      const sfn = new SFNClient({});
      const arn = (name: string) => 'arn:aws:states:us-east-1:123456789012:stateMachine:' + name;
      const stateMachineArn = arn('Slow');
      export const handler = async () => {
        const { executionArn, startDate } = await sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'n1', input: '{"n":1}' }));
        const twice = await sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'n1', input: '{"n":2}' })).catch((error) => error);
        await new Promise((resolve) => setTimeout(resolve, 2000));
        await sfn.send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'tired' }));
        const { status, error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        const { events } = await sfn.send(new GetExecutionHistoryCommand({ executionArn: executionArn!, reverseOrder: true }));
        const { executions } = await sfn.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'ABORTED' }));
        const sync = await sfn.send(new StartSyncExecutionCommand({ stateMachineArn: arn('Quick'), input: '{"q":1}' }));
        const token = await sfn.send(new SendTaskSuccessCommand({ taskToken: 'none', output: '{}' })).catch((error) => error);
        return { dated: typeof startDate!.getTime(), twice: [twice.name, twice instanceof ExecutionAlreadyExists], status, error, cause, last: events![0].type,
          stopped: executions!.map(({ name }) => name), sync: [sync.status, sync.output], token: [token.name, token instanceof TaskDoesNotExist] };
      };`, (world) => {
      const states = world.world.service<StatesService>('states');
      states.createStateMachine({ name: 'Slow', roleArn: ROLE, definition: definition({ Type: 'Wait', Seconds: 3600, End: true }) });
      states.createStateMachine({ name: 'Quick', type: 'EXPRESS', roleArn: ROLE, definition: definition({ Type: 'Pass', End: true }) });
    });
    expect(result).toEqual({
      dated: 'number',
      twice: ['ExecutionAlreadyExists', true],
      status: 'ABORTED',
      error: 'Enough',
      cause: 'tired',
      last: 'ExecutionAborted',
      stopped: ['n1'],
      sync: ['SUCCEEDED', '{"q":1}'],
      token: ['InvalidToken', false],
    });
  });
});
