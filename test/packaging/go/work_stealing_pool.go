package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	patterns "github.com/cdk-integration-patterns/cdk-integration-patterns-go/cdkintegrationpatterns"
)

func newWorkStealingPoolStack(scope constructs.Construct, id string) {
	stack := awscdk.NewStack(scope, jsii.String(id), nil)
	submitter := addFunction(stack, "Submitter")
	render := addFunction(stack, "Render")

	pool := patterns.NewWorkStealingPool(stack, jsii.String("Farm"), &patterns.WorkStealingPoolProps{
		Router:          patterns.TaskRouter_Affinity(jsii.String("tenantId")),
		Stealing:        patterns.Stealing_Leader(&patterns.LeaderStealingOptions{Interval: seconds(20), MinimumGain: seconds(4)}),
		Lease:           seconds(45),
		MaxReceiveCount: jsii.Number(7),
		RetryDelay:      seconds(15),
		TaskRetention:   days(20),
		EncryptionKey:   addKey(stack),
		LogRetention:    awslogs.RetentionDays_ONE_WEEK,
		RemovalPolicy:   awscdk.RemovalPolicy_DESTROY,
		Alarms:          &patterns.PoolAlarmOptions{Actions: addAlarmActions(stack), OldestAge: minutes(40)},
	})
	gpu := pool.AddGroup(jsii.String("Gpu"), patterns.WorkerGroup_Function(render, &patterns.FunctionGroupOptions{
		MaxConcurrency: jsii.Number(6),
		Weight:         jsii.Number(4),
		TypicalTask:    seconds(3),
		TaskTimeout:    seconds(60),
		StealsFrom:     jsii.Strings("Fleet"),
	}))
	gpu.AddCommitter(render)
	fleet := pool.AddGroup(jsii.String("Fleet"), patterns.WorkerGroup_External(&patterns.ExternalGroupOptions{
		Weight:     jsii.Number(2),
		StealsFrom: jsii.Strings("Gpu"),
	}))
	fleet.GrantWork(submitter)
	pool.GrantSubmit(submitter)

	still := patterns.NewWorkStealingPool(stack, jsii.String("Still"), &patterns.WorkStealingPoolProps{
		Router:   patterns.TaskRouter_LeastLoaded(),
		Stealing: patterns.Stealing_Disabled(),
	})
	still.AddGroup(jsii.String("Only"), patterns.WorkerGroup_Function(addFunction(stack, "Only"), &patterns.FunctionGroupOptions{MaxConcurrency: jsii.Number(2)}))

	awscdk.NewCfnOutput(stack, jsii.String("FleetSettings"), &awscdk.CfnOutputProps{Value: fleet.WorkerSettings()})
}
