import * as path from 'path';
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { AdaptiveRate, FanOutTarget, Rate, ThrottledFanOut } from 'cdk-integration-patterns';
import type { Construct } from 'constructs';

/** Notifications go out by e-mail and by SMS, each at the rate that its provider takes, and all of them to the auditors. */
export class NotificationsStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);

    const notify = new ThrottledFanOut(this, 'Notify', {
      priorities: ['critical', 'normal', 'bulk'],
      removalPolicy: RemovalPolicy.DESTROY,
    });

    notify.addTarget('Email', FanOutTarget.function(this.function('SendEmail', 'send-email')), {
      rate: Rate.perSecond(50, { burst: 100 }),
      adaptive: AdaptiveRate.aimd({ floor: Rate.perSecond(5) }),
      reserve: { critical: 0.2 },
      filter: { channel: ['email'] },
      maxAge: Duration.hours(6),
    });

    notify.addTarget('Sms', FanOutTarget.http({ url: 'https://sms.example.com/messages', connection: this.smsConnection() }), {
      rate: Rate.perSecond(5),
      adaptive: AdaptiveRate.aimd({ floor: Rate.perSecond(1) }),
      filter: { channel: ['sms'] },
      maxAge: Duration.hours(6),
    });

    const auditors = new sqs.Queue(this, 'Auditors', { enforceSSL: true, retentionPeriod: Duration.days(14), removalPolicy: RemovalPolicy.DESTROY });
    notify.addTarget('Audit', FanOutTarget.queue(auditors), { rate: Rate.perSecond(200) });

    const publish = this.function('Publish', 'publish', { TOPIC_ARN: notify.topic.topicArn });
    notify.grantPublish(publish);

    new CfnOutput(this, 'PublishFunction', { value: publish.functionName });
    new CfnOutput(this, 'Table', { value: notify.table.tableName });
  }

  private smsConnection(): events.Connection {
    const key = new secretsmanager.Secret(this, 'SmsKey', { removalPolicy: RemovalPolicy.DESTROY });
    return new events.Connection(this, 'SmsProvider', { authorization: events.Authorization.apiKey('x-api-key', key.secretValue) });
  }

  private function(id: string, directory: string, environment: Record<string, string> = {}): lambda.Function {
    return new lambda.Function(this, id, {
      runtime: lambda.Runtime.NODEJS_22_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(path.join(__dirname, 'functions', directory)),
      timeout: Duration.seconds(id === 'Publish' ? 60 : 10),
      loggingFormat: lambda.LoggingFormat.JSON,
      systemLogLevelV2: lambda.SystemLogLevel.WARN,
      logGroup: new logs.LogGroup(this, `${id}Logs`, { retention: logs.RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY }),
      environment,
    });
  }
}
