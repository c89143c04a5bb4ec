from pathlib import Path

from aws_cdk import (
    CfnOutput,
    Duration,
    RemovalPolicy,
    Stack,
    aws_events as events,
    aws_lambda as lambda_,
    aws_logs as logs,
    aws_secretsmanager as secretsmanager,
    aws_sqs as sqs,
)
from cdk_integration_patterns import AdaptiveRate, FanOutTarget, Rate, ThrottledFanOut
from constructs import Construct

FUNCTIONS = Path(__file__).parent / "functions"


class NotificationsStack(Stack):
    """Notifications go out by e-mail and by SMS, each at the rate that its provider takes, and all of them to the
    auditors."""

    def __init__(self, scope: Construct, id: str, **kwargs) -> None:
        super().__init__(scope, id, **kwargs)

        notify = ThrottledFanOut(
            self,
            "Notify",
            priorities=["critical", "normal", "bulk"],
            removal_policy=RemovalPolicy.DESTROY,
        )

        send_email = self._function("SendEmail", "send-email", timeout=Duration.seconds(10))
        notify.add_target(
            "Email",
            FanOutTarget.function(send_email),
            rate=Rate.per_second(50, burst=100),
            adaptive=AdaptiveRate.aimd(floor=Rate.per_second(5)),
            reserve={"critical": 0.2},
            filter={"channel": ["email"]},
            max_age=Duration.hours(6),
        )

        notify.add_target(
            "Sms",
            FanOutTarget.http(url="https://sms.example.com/messages", connection=self._sms_connection()),
            rate=Rate.per_second(5),
            adaptive=AdaptiveRate.aimd(floor=Rate.per_second(1)),
            filter={"channel": ["sms"]},
            max_age=Duration.hours(6),
        )

        auditors = sqs.Queue(
            self,
            "Auditors",
            enforce_ssl=True,
            retention_period=Duration.days(14),
            removal_policy=RemovalPolicy.DESTROY,
        )
        notify.add_target("Audit", FanOutTarget.queue(auditors), rate=Rate.per_second(200))

        publish = self._function(
            "Publish",
            "publish",
            timeout=Duration.seconds(60),
            environment={"TOPIC_ARN": notify.topic.topic_arn},
        )
        notify.grant_publish(publish)

        CfnOutput(self, "PublishFunction", value=publish.function_name)
        CfnOutput(self, "Table", value=notify.table.table_name)

    def _sms_connection(self) -> events.Connection:
        key = secretsmanager.Secret(self, "SmsKey", removal_policy=RemovalPolicy.DESTROY)
        authorization = events.Authorization.api_key("x-api-key", key.secret_value)
        return events.Connection(self, "SmsProvider", authorization=authorization)

    def _function(
        self,
        id: str,
        directory: str,
        *,
        timeout: Duration,
        environment: dict[str, str] | None = None,
    ) -> lambda_.Function:
        return lambda_.Function(
            self,
            id,
            runtime=lambda_.Runtime.NODEJS_22_X,
            architecture=lambda_.Architecture.ARM_64,
            handler="index.handler",
            code=lambda_.Code.from_asset(str(FUNCTIONS / directory)),
            timeout=timeout,
            logging_format=lambda_.LoggingFormat.JSON,
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
            log_group=logs.LogGroup(
                self,
                f"{id}Logs",
                retention=logs.RetentionDays.ONE_WEEK,
                removal_policy=RemovalPolicy.DESTROY,
            ),
            environment=environment,
        )
