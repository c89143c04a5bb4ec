import { Duration, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { BankFunctions, quote } from './banks';
import { type Design, MACHINE } from './design';

const WAIT = Duration.seconds(10);
const TABLE = 'Replies';

/**
 * What teams write first: publish the request, wait for a time that is surely long enough, and read whatever is in the table. Each
 * bank has a rule and puts its reply into the table by itself.
 */
class FixedWaitStack extends Stack {
  constructor(scope: Construct, id: string, count: number) {
    super(scope, id);
    const bus = new EventBus(this, 'Bus');
    const table = new Table(this, TABLE, {
      partitionKey: { name: 'correlationId', type: AttributeType.STRING },
      sortKey: { name: 'bank', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
    });
    const banks = new BankFunctions(this, 'Banks', count);
    table.grantWriteData(banks.role);
    for (const [name, bank] of banks.functions) {
      new Rule(this, `${name}Requests`, { eventBus: bus, eventPattern: { detailType: ['QuoteRequested'] }, targets: [new targets.LambdaFunction(bank)] });
    }

    const publish = tasks.EventBridgePutEvents.jsonata(this, 'Publish', {
      entries: [{ eventBus: bus, source: 'loan-broker', detailType: 'QuoteRequested', detail: sfn.TaskInput.fromObject('{% $states.input %}' as any) }],
      outputs: '{% $states.input %}',
    });
    const wait = sfn.Wait.jsonata(this, 'Wait', { time: sfn.WaitTime.duration(WAIT), outputs: '{% $states.input %}' });
    const read = tasks.CallAwsService.jsonata(this, 'Read', {
      service: 'dynamodb',
      action: 'query',
      iamResources: [table.tableArn],
      parameters: {
        TableName: table.tableName,
        KeyConditionExpression: 'correlationId = :id',
        ExpressionAttributeValues: { ':id': { S: '{% $states.input.correlationId %}' } },
      },
    });
    new sfn.StateMachine(this, MACHINE, { definitionBody: sfn.DefinitionBody.fromChainable(publish.next(wait).next(read)) });
  }
}

export const fixedWait: Design = {
  name: 'fixed wait',
  stack: FixedWaitStack,
  bank: (name, thinkTimes, simulation) => async ({ detail: { correlationId } }, _context, { sleep, call }) => {
    await sleep(thinkTimes.of(correlationId, name));
    const TableName = simulation().find(TABLE, ['AWS::DynamoDB::Table']).provisioned.ref;
    const item = { correlationId: { S: correlationId }, bank: { S: name }, payload: { S: JSON.stringify(quote(correlationId, name)) } };
    await call('dynamodb', 'PutItem', { TableName, Item: item });
  },
  replies({ status, output, cause }) {
    if (status !== 'SUCCEEDED') throw new Error(`a fixed wait ended ${status}: ${cause}`);
    return (output as { Items: unknown[] }).Items.length;
  },
};
