import { mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import {
  App, aws_events as events, aws_events_targets as targets, aws_secretsmanager as secretsmanager, aws_sqs as sqs, aws_stepfunctions as sfn,
  aws_stepfunctions_tasks as tasks, SecretValue, Stack,
} from 'aws-cdk-lib';
import { type HttpRequest, Simulation, type SimulationOptions } from '../../src';

process.env.CDK_VALIDATION = 'false';

let outdir: string;

/** What the CDK writes for a workflow with HTTP tasks and for a rule with an API destination. */
beforeAll(() => {
  outdir = mkdtempSync(path.join(tmpdir(), 'http-cdk-'));
  const app = new App({ outdir });
  const stack = new Stack(app, 'Sms');
  const connection = new events.Connection(stack, 'Connection', {
    authorization: events.Authorization.apiKey('x-api-key', SecretValue.secretsManager('sms/api', { jsonField: 'key' })),
    headerParameters: { 'x-client': events.HttpParameter.fromString('cdk') },
  });
  const call = { apiRoot: 'https://sms.example.com', apiEndpoint: sfn.TaskInput.fromText('messages'), method: sfn.TaskInput.fromText('POST'), connection };
  const withPath = new tasks.HttpInvoke(stack, 'WithPath', { ...call, body: sfn.TaskInput.fromJsonPathAt('$'), resultPath: sfn.JsonPath.DISCARD });
  const asForm = tasks.HttpInvoke.jsonata(stack, 'AsForm', {
    ...call, body: sfn.TaskInput.fromText('{% $states.input %}'), urlEncodingFormat: tasks.URLEncodingFormat.BRACKETS, outputs: '{% $states.result.StatusCode %}',
  });
  new sfn.StateMachine(stack, 'Workflow', { definitionBody: sfn.DefinitionBody.fromChainable(withPath.next(asForm)) });
  new sfn.StateMachine(stack, 'WithoutGrants', {
    definitionBody: sfn.DefinitionBody.fromChainable(new sfn.CustomState(stack, 'Bare', {
      stateJson: {
        Type: 'Task',
        Resource: 'arn:aws:states:::http:invoke',
        Parameters: { ApiEndpoint: 'https://sms.example.com/messages', Method: 'GET', InvocationConfig: { ConnectionArn: connection.connectionArn } },
      },
    })),
  });
  const generated = new secretsmanager.Secret(stack, 'Password');
  const basic = new events.Connection(stack, 'Basic', { authorization: events.Authorization.basic('me', generated.secretValue) });
  const destination = new events.ApiDestination(stack, 'Destination', { connection: basic, endpoint: 'https://sms.example.com/*/messages', rateLimitPerSecond: 5 });
  const deadLetterQueue = new sqs.Queue(stack, 'DeadLetters');
  const bus = new events.EventBus(stack, 'Bus');
  new events.Rule(stack, 'Rule', {
    eventBus: bus,
    eventPattern: { source: ['shop'] },
    targets: [new targets.ApiDestination(destination, {
      event: events.RuleTargetInput.fromEventPath('$.detail'), pathParameterValues: ['$.detail.to'], retryAttempts: 1, deadLetterQueue,
    })],
  });
  app.synth();
});

afterAll(() => rmSync(outdir, { recursive: true }));

function load(status: number = 200, options: SimulationOptions = {}) {
  const simulation = Simulation.load(outdir, options);
  const requests: HttpRequest[] = [];
  simulation.http.endpoint('https://sms.example.com', (request) => {
    requests.push(request);
    return { status };
  });
  return { simulation, requests };
}

describe('an HTTP task of the CDK', () => {
  it('calls its endpoint with the secret of its connection', async () => {
    const { simulation, requests } = load(202, { secrets: { 'sms/api': '{"key":"s3cret"}' } });
    expect(await simulation.complete('Workflow', { to: ['a', 'b'] })).toEqual({ status: 'SUCCEEDED', output: 202 });
    expect(requests.map(({ url, headers, body }) => [url, headers['x-api-key'], headers['x-client'], headers['content-type'], decodeURIComponent(body)])).toEqual([
      ['https://sms.example.com/messages', 's3cret', 'cdk', 'application/json; charset=UTF-8', '{"to":["a","b"]}'],
      ['https://sms.example.com/messages', 's3cret', 'cdk', 'application/x-www-form-urlencoded', 'to[]=a&to[]=b'],
    ]);
  });

  it('uses all that the CDK grants it', async () => {
    const { simulation } = load();
    await simulation.complete('Workflow', { to: [] });
    const { denials, unusedGrants } = simulation.report();
    expect(denials).toEqual([]);
    expect(unusedGrants.filter(({ name }) => name.includes('Workflow'))).toEqual([]);
  });

  it('fails without those grants', async () => {
    const { simulation, requests } = load();
    expect(await simulation.complete('WithoutGrants')).toMatchObject({ status: 'FAILED', error: 'States.Permissions' });
    expect(simulation.report().denials).toMatchObject([{ action: 'states:InvokeHTTPEndpoint', count: 1 }]);
    expect(requests).toEqual([]);
  });

  it('ends the run when nobody plays the endpoint', async () => {
    await expect(Simulation.load(outdir).complete('Workflow', {})).rejects.toThrow('nothing answers at https://sms.example.com/messages');
  });
});

describe('an API destination of the CDK', () => {
  const event = { 'source': 'shop', 'detail-type': 'ordered', 'detail': { to: 'you' } };

  it('is sent what the rule matches, with a password that the template generates', async () => {
    const { simulation, requests } = load();
    await simulation.complete('Bus', event);
    await simulation.run();
    expect(requests).toMatchObject([{ method: 'POST', url: 'https://sms.example.com/you/messages', body: '{"to":"you"}' }]);
    expect(Buffer.from(requests[0].headers.authorization.replace('Basic ', ''), 'base64').toString()).toMatch(/^me:[0-9a-f]{32}$/);
    expect(simulation.report()).toMatchObject({ denials: [], deadLetters: {}, lost: [] });
  });

  it('leaves what the endpoint does not take to the dead-letter queue', async () => {
    const { simulation, requests } = load(500);
    await simulation.complete('Bus', event);
    await simulation.run();
    expect(requests).toHaveLength(2);
    expect(Object.values(simulation.report().undelivered)).toEqual([1]);
  });
});

describe('the same seed', () => {
  it('gives the same run', async () => {
    const hash = async (seed: number) => {
      const { simulation } = load(200, { seed, faults: { throttle: 0.3, errorAfter: 0.2, slow: 0.2, duplicate: 0.3 } });
      await simulation.complete('Bus', { 'source': 'shop', 'detail-type': 'ordered', 'detail': { to: 'you' } });
      await simulation.run();
      return simulation.report().traceHash;
    };
    expect(await hash(5)).toBe(await hash(5));
    expect(await hash(5)).not.toBe(await hash(6));
  });
});
