import { ApiDestination } from 'aws-cdk-lib/aws-events';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { connection, emailing } from './fixtures';
import { FanOutTarget, Rate, ThrottledFanOut } from '../../src';
import { violations } from '../nag';

it('cdk-nag AwsSolutions finds nothing with default props, whatever the target is', () => {
  expect(violations((stack) => {
    const fanOut = new ThrottledFanOut(stack, 'Notify');
    const authorized = connection(stack);
    const rate = Rate.perSecond(5);
    const imported = LambdaFunction.fromFunctionArn(stack, 'SendEmail', 'arn:aws:lambda:us-east-1:123456789012:function:email');
    const { queues } = fanOut.addTarget('Email', FanOutTarget.function(imported), { rate });
    fanOut.addTarget('Audit', FanOutTarget.queue(queues.normal), { rate });
    fanOut.addTarget('Orders', FanOutTarget.stateMachine(StateMachine.fromStateMachineArn(stack, 'Machine', 'arn:aws:states:us-east-1:123456789012:stateMachine:orders')), { rate });
    fanOut.addTarget('Sms', FanOutTarget.http({ url: 'https://sms.example.com/send', connection: authorized }), { rate });
    const destination = new ApiDestination(stack, 'Destination', { connection: authorized, endpoint: 'https://partner.example.com', rateLimitPerSecond: 5 });
    fanOut.addTarget('Partner', FanOutTarget.apiDestination(destination), { rate });
  })).toEqual([]);
});

it('cdk-nag would find something if there were something to find', () => {
  expect(violations((stack) => {
    const fanOut = emailing(stack);
    fanOut.addTarget('Audit', FanOutTarget.queue(new Queue(stack, 'PlainQueue')), { rate: Rate.perSecond(5) });
    fanOut.addTarget('Orders', FanOutTarget.stateMachine(new StateMachine(stack, 'Plain', { definitionBody: DefinitionBody.fromChainable(new Pass(stack, 'Pass')) })), { rate: Rate.perSecond(5) });
  })).toEqual(expect.arrayContaining(['AwsSolutions-SQS4', 'AwsSolutions-SF1']));
});
