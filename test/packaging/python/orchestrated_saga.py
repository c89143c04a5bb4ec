from aws_cdk import (
    Duration,
    RemovalPolicy,
    Stack,
    aws_events as events,
    aws_events_targets as targets,
    aws_logs as logs,
    aws_sqs as sqs,
    aws_stepfunctions as sfn,
    aws_stepfunctions_tasks as tasks,
)
from cdk_integration_patterns import (
    OrchestratedSaga,
    SagaAlarmOptions,
    SagaIsolation,
    SagaParticipant,
    SagaRecovery,
    SagaRetry,
    SagaStep,
    SagaWorkflow,
    UnknownOutcome,
)
from constructs import Construct

from parts import add_alarm_action, add_function, add_key, add_table


class OrchestratedSagaStack(Stack):
    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        reserve = add_function(self, "Reserve")
        cancel = add_function(self, "Cancel")
        starter = add_function(self, "Starter")
        letters = sqs.Queue(self, "Letters", enforce_ssl=True)

        trip = OrchestratedSaga(
            self,
            "Trip",
            steps=[
                SagaStep.function(
                    "Hotel",
                    action=reserve,
                    compensation=cancel,
                    timeout=Duration.seconds(12),
                    compensation_timeout=Duration.seconds(25),
                    retry=SagaRetry.exponential(
                        max_attempts=4,
                        interval=Duration.seconds(2),
                        backoff_rate=1.5,
                        max_interval=Duration.seconds(30),
                    ),
                    abort_on=["NoRooms"],
                ),
                SagaStep.parallel(
                    "Transport",
                    [
                        SagaStep.function(
                            "Flight",
                            action=add_function(self, "Fly"),
                            compensation=add_function(self, "Unfly"),
                            retry=SagaRetry.none(),
                        ),
                        SagaStep.function(
                            "Insurance",
                            action=add_function(self, "Insure"),
                            no_compensation="it lapses by itself",
                            on_unknown=UnknownOutcome.park(),
                        ),
                    ],
                ),
                SagaStep.human_approval("Approval", timeout=Duration.hours(4), message="{% $input.customer %}"),
                SagaStep.function(
                    "Charge",
                    action=add_function(self, "Pay"),
                    compensation=add_function(self, "Refund"),
                    on_unknown=UnknownOutcome.query(add_function(self, "FindCharge")),
                    pivot=True,
                ),
                SagaStep.task(
                    "Letter",
                    action=tasks.SqsSendMessage.jsonata(
                        self,
                        "SendLetter",
                        queue=letters,
                        message_body=sfn.TaskInput.from_object({"trip": "{% $sagaId %}"}),
                    ),
                    retriable=True,
                ),
            ],
            deadline=Duration.hours(6),
            saga_id="{% $input.tripId %}",
            isolation=SagaIsolation.semantic_lock(
                add_table(self, "Customers"),
                partition_key="id",
                partition_value="{% $input.customer %}",
            ),
            bus=events.EventBus(self, "Bus"),
            retention=Duration.days(30),
            encryption_key=add_key(self),
            log_retention=logs.RetentionDays.ONE_WEEK,
            removal_policy=RemovalPolicy.DESTROY,
            alarms=SagaAlarmOptions(actions=[add_alarm_action(self)]),
        )
        trip.grant_start(starter)
        trip.on_parked("Ops", targets.SqsQueue(sqs.Queue(self, "Parked", enforce_ssl=True)))
        participant = SagaParticipant(self, "Hotels", retention=Duration.days(60))
        participant.add_function(reserve)
        participant.add_function(cancel)

        quick = OrchestratedSaga(
            self,
            "Quick",
            steps=[
                SagaStep.function("Only", action=add_function(self, "Do"), compensation=add_function(self, "Undo")),
            ],
            deadline=Duration.minutes(2),
            workflow=SagaWorkflow.EXPRESS,
            recovery=SagaRecovery.NONE,
        )
        quick.grant_start(starter)
