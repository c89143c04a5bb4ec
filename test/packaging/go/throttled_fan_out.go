package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	patterns "github.com/cdk-integration-patterns/cdk-integration-patterns-go/cdkintegrationpatterns"
)

func newThrottledFanOutStack(scope constructs.Construct, id string) {
	stack := awscdk.NewStack(scope, jsii.String(id), nil)
	publisher := addFunction(stack, "Publisher")
	connection := awsevents.NewConnection(stack, jsii.String("Provider"), &awsevents.ConnectionProps{
		Authorization: awsevents.Authorization_ApiKey(jsii.String("x-api-key"), awscdk.SecretValue_SecretsManager(jsii.String("sms-provider"), nil)),
	})

	notify := patterns.NewThrottledFanOut(stack, jsii.String("Notify"), &patterns.ThrottledFanOutProps{
		Priorities:    jsii.Strings("critical", "normal", "bulk"),
		EncryptionKey: addKey(stack),
		LogRetention:  awslogs.RetentionDays_ONE_WEEK,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		Alarms:        &patterns.FanOutAlarmOptions{Actions: addAlarmActions(stack), OldestAge: hours(2)},
	})
	email := notify.AddTarget(jsii.String("Email"), patterns.FanOutTarget_Function(addFunction(stack, "SendEmail")), &patterns.ThrottledTargetOptions{
		Rate:           patterns.Rate_PerSecond(jsii.Number(50), &patterns.RateOptions{Burst: jsii.Number(120)}),
		MaxConcurrency: jsii.Number(40),
		Adaptive: patterns.AdaptiveRate_Aimd(&patterns.AimdOptions{
			Floor:             patterns.Rate_PerSecond(jsii.Number(5), nil),
			IncreasePerSecond: jsii.Number(0.5),
			Decrease:          jsii.Number(0.6),
			LatencyTarget:     seconds(2),
		}),
		KillSwitch: patterns.KillSwitch_AtErrorShare(jsii.Number(0.7), &patterns.KillSwitchOptions{
			MinimumDeliveries: jsii.Number(30),
			Window:            seconds(45),
			ProbeEvery:        seconds(20),
		}),
		Reserve: &map[string]*float64{"critical": jsii.Number(0.2), "normal": jsii.Number(0.1)},
		Filter:  &map[string]*[]*string{"channel": jsii.Strings("email", "newsletter")},
		FilterPolicy: &map[string]awssns.SubscriptionFilter{
			"size": awssns.SubscriptionFilter_NumericFilter(&awssns.NumericConditions{LessThan: jsii.Number(100)}),
		},
		MaxAge:          hours(12),
		MaxAttempts:     jsii.Number(8),
		DeliveryTimeout: seconds(15),
		RetryDelay:      seconds(5),
		Ageing:          minutes(10),
	})
	notify.AddTarget(jsii.String("Sms"), patterns.FanOutTarget_Http(&patterns.HttpTargetProps{
		Url:        jsii.String("https://sms.example.com/messages"),
		Connection: connection,
		Method:     awsevents.HttpMethod_PUT,
		Headers:    &map[string]*string{"x-tenant": jsii.String("shop")},
	}), &patterns.ThrottledTargetOptions{
		Rate:       patterns.Rate_PerMinute(jsii.Number(90), nil),
		KillSwitch: patterns.KillSwitch_Disabled(),
		Filter:     &map[string]*[]*string{"channel": jsii.Strings("sms")},
	})
	notify.AddTarget(jsii.String("Audit"), patterns.FanOutTarget_Queue(addQueue(stack, "Audit")), &patterns.ThrottledTargetOptions{
		Rate: patterns.Rate_PerHour(jsii.Number(7_200), nil),
	})
	notify.GrantPublish(publisher)
	email.GrantControl(publisher)

	news := patterns.NewThrottledFanOut(stack, jsii.String("News"), &patterns.ThrottledFanOutProps{
		Topic: awssns.NewTopic(stack, jsii.String("Published"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)}),
	})
	news.AddTarget(jsii.String("Readers"), patterns.FanOutTarget_Function(addFunction(stack, "Readers")), &patterns.ThrottledTargetOptions{
		Rate: patterns.Rate_PerSecond(jsii.Number(2), nil),
	})
}
