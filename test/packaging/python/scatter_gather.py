from aws_cdk import (
    CfnOutput,
    Duration,
    RemovalPolicy,
    Stack,
    aws_cloudwatch as cloudwatch,
    aws_events as events,
    aws_events_targets as targets,
    aws_logs as logs,
    aws_sqs as sqs,
)
from cdk_integration_patterns import (
    GatherCompletion,
    ReplyAggregation,
    RequestMapping,
    Responder,
    ScatterGather,
    ScatterGatherAlarmOptions,
    ScatterGatherMode,
)
from constructs import Construct

from parts import add_alarm_action, add_function, add_key


class ScatterGatherStack(Stack):
    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        starter = add_function(self, "Starter")

        quotes = ScatterGather(
            self,
            "Quotes",
            timeout=Duration.seconds(30),
            completion=GatherCompletion.when("{% $count($replies[payload.rate < 5]) > 1 %}"),
            aggregation=ReplyAggregation.jsonata("{% $replies^(payload.rate)[0].payload %}"),
            request_mapping=RequestMapping.fields(correlation_id="{% $input.id %}", request="{% $input.loan %}"),
            bus=events.EventBus(self, "Bus"),
            encryption_key=add_key(self),
            retention=Duration.days(2),
            log_retention=logs.RetentionDays.ONE_WEEK,
            removal_policy=RemovalPolicy.DESTROY,
            alarms=ScatterGatherAlarmOptions(
                actions=[add_alarm_action(self)],
                timed_out_percentage=10,
                late_replies=3,
            ),
        )
        quotes.add_responder("BigBank", Responder.function(add_function(self, "BigBank"), retry_attempts=1))
        quotes.add_responder(
            "FriendlyBank",
            Responder.function(add_function(self, "FriendlyBank"), when="{% $request.amount < 1000 %}"),
        )
        quotes.add_responder(
            "Partner",
            Responder.target(targets.SqsQueue(sqs.Queue(self, "Partner", enforce_ssl=True))),
        )
        quotes.on_late_reply("Late", targets.SqsQueue(sqs.Queue(self, "Late", enforce_ssl=True)))
        quotes.grant_start(starter)
        quotes.grant_read_replies(starter)
        cloudwatch.Alarm(
            self,
            "Slow",
            metric=quotes.metric_time_to_result(statistic="p99", period=Duration.minutes(5)),
            threshold=20_000,
            evaluation_periods=3,
        )

        express = ScatterGather(
            self,
            "Express",
            timeout=Duration.minutes(1),
            mode=ScatterGatherMode.EXPRESS,
            completion=GatherCompletion.at_least(1),
            aggregation=ReplyAggregation.function(add_function(self, "Aggregator")),
        )
        express.add_responder("Only", Responder.function(add_function(self, "Only")))
        express.grant_start(starter)

        CfnOutput(self, "QuotesStateMachine", value=quotes.state_machine.state_machine_arn)
