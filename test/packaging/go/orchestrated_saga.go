package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctionstasks"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	patterns "github.com/cdk-integration-patterns/cdk-integration-patterns-go/cdkintegrationpatterns"
)

func newOrchestratedSagaStack(scope constructs.Construct, id string) {
	stack := awscdk.NewStack(scope, jsii.String(id), nil)
	reserve := addFunction(stack, "Reserve")
	cancel := addFunction(stack, "Cancel")
	starter := addFunction(stack, "Starter")
	letters := addQueue(stack, "Letters")

	trip := patterns.NewOrchestratedSaga(stack, jsii.String("Trip"), &patterns.OrchestratedSagaProps{
		Steps: &[]patterns.SagaStep{
			patterns.SagaStep_Function(jsii.String("Hotel"), &patterns.FunctionStepOptions{
				Action:              reserve,
				Compensation:        cancel,
				Timeout:             seconds(12),
				CompensationTimeout: seconds(25),
				Retry: patterns.SagaRetry_Exponential(&patterns.ExponentialRetryOptions{
					MaxAttempts: jsii.Number(4),
					Interval:    seconds(2),
					BackoffRate: jsii.Number(1.5),
					MaxInterval: seconds(30),
				}),
				AbortOn: jsii.Strings("NoRooms"),
			}),
			patterns.SagaStep_Parallel(jsii.String("Transport"), &[]patterns.SagaStep{
				patterns.SagaStep_Function(jsii.String("Flight"), &patterns.FunctionStepOptions{
					Action:       addFunction(stack, "Fly"),
					Compensation: addFunction(stack, "Unfly"),
					Retry:        patterns.SagaRetry_None(),
				}),
				patterns.SagaStep_Function(jsii.String("Insurance"), &patterns.FunctionStepOptions{
					Action:         addFunction(stack, "Insure"),
					NoCompensation: jsii.String("it lapses by itself"),
					OnUnknown:      patterns.UnknownOutcome_Park(),
				}),
			}),
			patterns.SagaStep_HumanApproval(jsii.String("Approval"), &patterns.HumanApprovalOptions{
				Timeout: hours(4),
				Message: jsii.String("{% $input.customer %}"),
			}),
			patterns.SagaStep_Function(jsii.String("Charge"), &patterns.FunctionStepOptions{
				Action:       addFunction(stack, "Pay"),
				Compensation: addFunction(stack, "Refund"),
				OnUnknown:    patterns.UnknownOutcome_Query(addFunction(stack, "FindCharge")),
				Pivot:        jsii.Bool(true),
			}),
			patterns.SagaStep_Task(jsii.String("Letter"), &patterns.TaskStepOptions{
				Action: awsstepfunctionstasks.SqsSendMessage_Jsonata(stack, jsii.String("SendLetter"), &awsstepfunctionstasks.SqsSendMessageJsonataProps{
					Queue:       letters,
					MessageBody: awsstepfunctions.TaskInput_FromObject(&map[string]any{"trip": "{% $sagaId %}"}),
				}),
				Retriable: jsii.Bool(true),
			}),
		},
		Deadline: hours(6),
		SagaId:   jsii.String("{% $input.tripId %}"),
		Isolation: patterns.SagaIsolation_SemanticLock(addTable(stack, "Customers", ""), &patterns.SemanticLockOptions{
			PartitionKey:   jsii.String("id"),
			PartitionValue: jsii.String("{% $input.customer %}"),
		}),
		Bus:           awsevents.NewEventBus(stack, jsii.String("Bus"), nil),
		Retention:     days(30),
		EncryptionKey: addKey(stack),
		LogRetention:  awslogs.RetentionDays_ONE_WEEK,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		Alarms:        &patterns.SagaAlarmOptions{Actions: addAlarmActions(stack)},
	})
	trip.GrantStart(starter)
	trip.OnParked(jsii.String("Ops"), awseventstargets.NewSqsQueue(addQueue(stack, "Parked"), nil))
	participant := patterns.NewSagaParticipant(stack, jsii.String("Hotels"), &patterns.SagaParticipantProps{Retention: days(60)})
	participant.AddFunction(reserve)
	participant.AddFunction(cancel)

	quick := patterns.NewOrchestratedSaga(stack, jsii.String("Quick"), &patterns.OrchestratedSagaProps{
		Steps: &[]patterns.SagaStep{
			patterns.SagaStep_Function(jsii.String("Only"), &patterns.FunctionStepOptions{
				Action:       addFunction(stack, "Do"),
				Compensation: addFunction(stack, "Undo"),
			}),
		},
		Deadline: minutes(2),
		Workflow: patterns.SagaWorkflow_EXPRESS,
		Recovery: patterns.SagaRecovery_NONE,
	})
	quick.GrantStart(starter)
}
