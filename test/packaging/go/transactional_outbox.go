package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	patterns "github.com/cdk-integration-patterns/cdk-integration-patterns-go/cdkintegrationpatterns"
)

func newTransactionalOutboxStack(scope constructs.Construct, id string) {
	stack := awscdk.NewStack(scope, jsii.String(id), nil)
	key := addKey(stack)
	orders := addFunction(stack, "Orders")
	shipping := addFunction(stack, "Shipping")

	outbox := patterns.NewTransactionalOutbox(stack, jsii.String("Outbox"), &patterns.TransactionalOutboxProps{
		Destination:   patterns.OutboxDestination_EventBus(awsevents.NewEventBus(stack, jsii.String("Bus"), nil)),
		EventSource:   jsii.String("shop.orders"),
		PayloadFormat: patterns.PayloadFormat_JSON,
		Retention:     days(3),
		RetryAttempts: jsii.Number(9),
		MaximumAge:    hours(6),
		ClaimCheckBucket: awss3.NewBucket(stack, jsii.String("Payloads"), &awss3.BucketProps{
			EnforceSSL:     jsii.Bool(true),
			LifecycleRules: &[]*awss3.LifecycleRule{{Expiration: days(30)}},
		}),
		EncryptionKey: key,
		LogRetention:  awslogs.RetentionDays_ONE_WEEK,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		Alarms:        &patterns.OutboxAlarmOptions{Actions: addAlarmActions(stack), MaximumLag: minutes(10)},
	})
	outbox.AddWriter(orders)
	outbox.GrantReplay(orders)
	outbox.OnEvent(jsii.String("OrderPlaced"), &awsevents.EventPattern{DetailType: jsii.Strings("OrderPlaced")}, awseventstargets.NewLambdaFunction(shipping, nil))
	inbox := patterns.NewInbox(stack, jsii.String("Inbox"), &patterns.InboxProps{Outbox: outbox, Retention: days(20), EncryptionKey: key})
	inbox.AddConsumer(shipping)

	queue := awssqs.NewQueue(stack, jsii.String("Events"), &awssqs.QueueProps{Fifo: jsii.Bool(true), EnforceSSL: jsii.Bool(true)})
	patterns.NewTransactionalOutbox(stack, jsii.String("Ordered"), &patterns.TransactionalOutboxProps{
		Destination: patterns.OutboxDestination_FifoQueue(queue),
		OnPoison:    patterns.PoisonPolicy_PARK_KEY,
	})

	patterns.NewTransactionalOutbox(stack, jsii.String("Changes"), &patterns.TransactionalOutboxProps{
		Source: patterns.OutboxSource_Changes(addTable(stack, "Books", awsdynamodb.StreamViewType_NEW_AND_OLD_IMAGES), &patterns.ChangesSourceOptions{
			Insert: jsii.String("BookAdded"),
			Modify: jsii.String("BookChanged"),
			Remove: jsii.String("BookRemoved"),
		}),
		Destination: patterns.OutboxDestination_Function(addFunction(stack, "History"), &patterns.FunctionDestinationOptions{BatchSize: jsii.Number(5)}),
	})
}
