import { Duration } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Responder, ScatterGather, ScatterGatherMode } from '../../src';
import { violations } from '../nag';

describe.each([ScatterGatherMode.STANDARD, ScatterGatherMode.EXPRESS])('cdk-nag AwsSolutions in %s mode', (mode) => {
  it('finds nothing with default props', () => {
    expect(violations((stack) => {
      const gathering = new ScatterGather(stack, 'Quotes', { timeout: Duration.seconds(10), mode });
      gathering.addResponder('Partner', Responder.function(
        LambdaFunction.fromFunctionArn(stack, 'Partner', 'arn:aws:lambda:us-east-1:123456789012:function:partner'),
      ));
    })).toEqual([]);
  });
});

it('cdk-nag would find something if there were something to find', () => {
  expect(violations((stack) => {
    const gathering = new ScatterGather(stack, 'Quotes', { timeout: Duration.seconds(10) });
    gathering.addResponder('Partner', Responder.target(new targets.SqsQueue(new Queue(stack, 'PlainQueue'))));
  })).toContain('AwsSolutions-SQS4');
});
