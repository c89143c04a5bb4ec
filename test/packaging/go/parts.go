package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// addFunction adds a function of the app: only that it is there matters.
func addFunction(stack awscdk.Stack, id string) awslambda.Function {
	return awslambda.NewFunction(stack, jsii.String(id), &awslambda.FunctionProps{
		Runtime:      awslambda.Runtime_NODEJS_22_X(),
		Architecture: awslambda.Architecture_ARM_64(),
		Handler:      jsii.String("index.handler"),
		Code:         awslambda.Code_FromInline(jsii.String("exports.handler = async () => ({});")),
		Timeout:      seconds(8),
	})
}

// addTable adds a table, without a stream if that is "".
func addTable(stack awscdk.Stack, id string, stream awsdynamodb.StreamViewType) awsdynamodb.Table {
	return awsdynamodb.NewTable(stack, jsii.String(id), &awsdynamodb.TableProps{
		PartitionKey:                     &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
		BillingMode:                      awsdynamodb.BillingMode_PAY_PER_REQUEST,
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: jsii.Bool(true)},
		RemovalPolicy:                    awscdk.RemovalPolicy_DESTROY,
		Stream:                           stream,
	})
}

func addQueue(stack awscdk.Stack, id string) awssqs.Queue {
	return awssqs.NewQueue(stack, jsii.String(id), &awssqs.QueueProps{EnforceSSL: jsii.Bool(true)})
}

func addKey(stack awscdk.Stack) awskms.Key {
	return awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true), RemovalPolicy: awscdk.RemovalPolicy_DESTROY})
}

func addAlarmActions(stack awscdk.Stack) *[]awscloudwatch.IAlarmAction {
	topic := awssns.NewTopic(stack, jsii.String("OnCall"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)})
	return &[]awscloudwatch.IAlarmAction{awscloudwatchactions.NewSnsAction(topic)}
}

func seconds(amount float64) awscdk.Duration {
	return awscdk.Duration_Seconds(jsii.Number(amount))
}

func minutes(amount float64) awscdk.Duration {
	return awscdk.Duration_Minutes(jsii.Number(amount))
}

func hours(amount float64) awscdk.Duration {
	return awscdk.Duration_Hours(jsii.Number(amount))
}

func days(amount float64) awscdk.Duration {
	return awscdk.Duration_Days(jsii.Number(amount))
}
