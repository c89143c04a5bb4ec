import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { addAlarmAction, addFunction, addKey } from './parts';
import {
  GatherCompletion, ReplyAggregation, RequestMapping, Responder, ScatterGather, ScatterGatherMode,
} from 'cdk-integration-patterns';

export class ScatterGatherStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const starter = addFunction(this, 'Starter');

    const quotes = new ScatterGather(this, 'Quotes', {
      timeout: Duration.seconds(30),
      completion: GatherCompletion.when('{% $count($replies[payload.rate < 5]) > 1 %}'),
      aggregation: ReplyAggregation.jsonata('{% $replies^(payload.rate)[0].payload %}'),
      requestMapping: RequestMapping.fields({ correlationId: '{% $input.id %}', request: '{% $input.loan %}' }),
      bus: new events.EventBus(this, 'Bus'),
      encryptionKey: addKey(this),
      retention: Duration.days(2),
      logRetention: logs.RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
      alarms: { actions: [addAlarmAction(this)], timedOutPercentage: 10, lateReplies: 3 },
    });
    quotes.addResponder('BigBank', Responder.function(addFunction(this, 'BigBank'), { retryAttempts: 1 }));
    quotes.addResponder('FriendlyBank', Responder.function(addFunction(this, 'FriendlyBank'), { when: '{% $request.amount < 1000 %}' }));
    quotes.addResponder('Partner', Responder.target(new targets.SqsQueue(new sqs.Queue(this, 'Partner', { enforceSSL: true }))));
    quotes.onLateReply('Late', new targets.SqsQueue(new sqs.Queue(this, 'Late', { enforceSSL: true })));
    quotes.grantStart(starter);
    quotes.grantReadReplies(starter);
    new cloudwatch.Alarm(this, 'Slow', {
      metric: quotes.metricTimeToResult({ statistic: 'p99', period: Duration.minutes(5) }),
      threshold: 20_000,
      evaluationPeriods: 3,
    });

    const express = new ScatterGather(this, 'Express', {
      timeout: Duration.minutes(1),
      mode: ScatterGatherMode.EXPRESS,
      completion: GatherCompletion.atLeast(1),
      aggregation: ReplyAggregation.function(addFunction(this, 'Aggregator')),
    });
    express.addResponder('Only', Responder.function(addFunction(this, 'Only')));
    express.grantStart(starter);

    new CfnOutput(this, 'QuotesStateMachine', { value: quotes.stateMachine.stateMachineArn });
  }
}
