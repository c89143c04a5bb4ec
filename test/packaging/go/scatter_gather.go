package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	patterns "github.com/cdk-integration-patterns/cdk-integration-patterns-go/cdkintegrationpatterns"
)

func newScatterGatherStack(scope constructs.Construct, id string) {
	stack := awscdk.NewStack(scope, jsii.String(id), nil)
	starter := addFunction(stack, "Starter")

	quotes := patterns.NewScatterGather(stack, jsii.String("Quotes"), &patterns.ScatterGatherProps{
		Timeout:     seconds(30),
		Completion:  patterns.GatherCompletion_When(jsii.String("{% $count($replies[payload.rate < 5]) > 1 %}")),
		Aggregation: patterns.ReplyAggregation_Jsonata(jsii.String("{% $replies^(payload.rate)[0].payload %}")),
		RequestMapping: patterns.RequestMapping_Fields(&patterns.RequestMappingOptions{
			CorrelationId: jsii.String("{% $input.id %}"),
			Request:       jsii.String("{% $input.loan %}"),
		}),
		Bus:           awsevents.NewEventBus(stack, jsii.String("Bus"), nil),
		EncryptionKey: addKey(stack),
		Retention:     days(2),
		LogRetention:  awslogs.RetentionDays_ONE_WEEK,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		Alarms: &patterns.ScatterGatherAlarmOptions{
			Actions:            addAlarmActions(stack),
			TimedOutPercentage: jsii.Number(10),
			LateReplies:        jsii.Number(3),
		},
	})
	quotes.AddResponder(jsii.String("BigBank"), patterns.Responder_Function(addFunction(stack, "BigBank"), &patterns.FunctionResponderOptions{
		RetryAttempts: jsii.Number(1),
	}))
	quotes.AddResponder(jsii.String("FriendlyBank"), patterns.Responder_Function(addFunction(stack, "FriendlyBank"), &patterns.FunctionResponderOptions{
		When: jsii.String("{% $request.amount < 1000 %}"),
	}))
	quotes.AddResponder(jsii.String("Partner"), patterns.Responder_Target(awseventstargets.NewSqsQueue(addQueue(stack, "Partner"), nil), nil))
	quotes.OnLateReply(jsii.String("Late"), awseventstargets.NewSqsQueue(addQueue(stack, "Late"), nil))
	quotes.GrantStart(starter)
	quotes.GrantReadReplies(starter)
	awscloudwatch.NewAlarm(stack, jsii.String("Slow"), &awscloudwatch.AlarmProps{
		Metric:            quotes.MetricTimeToResult(&awscloudwatch.MetricOptions{Statistic: jsii.String("p99"), Period: minutes(5)}),
		Threshold:         jsii.Number(20_000),
		EvaluationPeriods: jsii.Number(3),
	})

	express := patterns.NewScatterGather(stack, jsii.String("Express"), &patterns.ScatterGatherProps{
		Timeout:     minutes(1),
		Mode:        patterns.ScatterGatherMode_EXPRESS,
		Completion:  patterns.GatherCompletion_AtLeast(jsii.Number(1)),
		Aggregation: patterns.ReplyAggregation_Function(addFunction(stack, "Aggregator")),
	})
	express.AddResponder(jsii.String("Only"), patterns.Responder_Function(addFunction(stack, "Only"), nil))
	express.GrantStart(starter)

	awscdk.NewCfnOutput(stack, jsii.String("QuotesStateMachine"), &awscdk.CfnOutputProps{Value: quotes.StateMachine().StateMachineArn()})
}
