import { Duration, RemovalPolicy, SecretValue, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { addAlarmAction, addFunction, addKey } from './parts';
import { AdaptiveRate, FanOutTarget, KillSwitch, Rate, ThrottledFanOut } from 'cdk-integration-patterns';

export class ThrottledFanOutStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const publisher = addFunction(this, 'Publisher');
    const connection = new events.Connection(this, 'Provider', {
      authorization: events.Authorization.apiKey('x-api-key', SecretValue.secretsManager('sms-provider')),
    });

    const notify = new ThrottledFanOut(this, 'Notify', {
      priorities: ['critical', 'normal', 'bulk'],
      encryptionKey: addKey(this),
      logRetention: logs.RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
      alarms: { actions: [addAlarmAction(this)], oldestAge: Duration.hours(2) },
    });
    const email = notify.addTarget('Email', FanOutTarget.function(addFunction(this, 'SendEmail')), {
      rate: Rate.perSecond(50, { burst: 120 }),
      maxConcurrency: 40,
      adaptive: AdaptiveRate.aimd({ floor: Rate.perSecond(5), increasePerSecond: 0.5, decrease: 0.6, latencyTarget: Duration.seconds(2) }),
      killSwitch: KillSwitch.atErrorShare(0.7, { minimumDeliveries: 30, window: Duration.seconds(45), probeEvery: Duration.seconds(20) }),
      reserve: { critical: 0.2, normal: 0.1 },
      filter: { channel: ['email', 'newsletter'] },
      filterPolicy: { size: sns.SubscriptionFilter.numericFilter({ lessThan: 100 }) },
      maxAge: Duration.hours(12),
      maxAttempts: 8,
      deliveryTimeout: Duration.seconds(15),
      retryDelay: Duration.seconds(5),
      ageing: Duration.minutes(10),
    });
    notify.addTarget('Sms', FanOutTarget.http({
      url: 'https://sms.example.com/messages',
      connection,
      method: events.HttpMethod.PUT,
      headers: { 'x-tenant': 'shop' },
    }), { rate: Rate.perMinute(90), killSwitch: KillSwitch.disabled(), filter: { channel: ['sms'] } });
    notify.addTarget('Audit', FanOutTarget.queue(new sqs.Queue(this, 'Audit', { enforceSSL: true })), { rate: Rate.perHour(7_200) });
    notify.grantPublish(publisher);
    email.grantControl(publisher);

    const news = new ThrottledFanOut(this, 'News', { topic: new sns.Topic(this, 'Published', { enforceSSL: true }) });
    news.addTarget('Readers', FanOutTarget.function(addFunction(this, 'Readers')), { rate: Rate.perSecond(2) });
  }
}
