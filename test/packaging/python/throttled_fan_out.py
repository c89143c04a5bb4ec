from aws_cdk import (
    Duration,
    RemovalPolicy,
    SecretValue,
    Stack,
    aws_events as events,
    aws_logs as logs,
    aws_sns as sns,
    aws_sqs as sqs,
)
from cdk_integration_patterns import (
    AdaptiveRate,
    FanOutAlarmOptions,
    FanOutTarget,
    KillSwitch,
    Rate,
    ThrottledFanOut,
)
from constructs import Construct

from parts import add_alarm_action, add_function, add_key


class ThrottledFanOutStack(Stack):
    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        publisher = add_function(self, "Publisher")
        connection = events.Connection(
            self,
            "Provider",
            authorization=events.Authorization.api_key("x-api-key", SecretValue.secrets_manager("sms-provider")),
        )

        notify = ThrottledFanOut(
            self,
            "Notify",
            priorities=["critical", "normal", "bulk"],
            encryption_key=add_key(self),
            log_retention=logs.RetentionDays.ONE_WEEK,
            removal_policy=RemovalPolicy.DESTROY,
            alarms=FanOutAlarmOptions(actions=[add_alarm_action(self)], oldest_age=Duration.hours(2)),
        )
        email = notify.add_target(
            "Email",
            FanOutTarget.function(add_function(self, "SendEmail")),
            rate=Rate.per_second(50, burst=120),
            max_concurrency=40,
            adaptive=AdaptiveRate.aimd(
                floor=Rate.per_second(5),
                increase_per_second=0.5,
                decrease=0.6,
                latency_target=Duration.seconds(2),
            ),
            kill_switch=KillSwitch.at_error_share(
                0.7,
                minimum_deliveries=30,
                window=Duration.seconds(45),
                probe_every=Duration.seconds(20),
            ),
            reserve={"critical": 0.2, "normal": 0.1},
            filter={"channel": ["email", "newsletter"]},
            filter_policy={"size": sns.SubscriptionFilter.numeric_filter(less_than=100)},
            max_age=Duration.hours(12),
            max_attempts=8,
            delivery_timeout=Duration.seconds(15),
            retry_delay=Duration.seconds(5),
            ageing=Duration.minutes(10),
        )
        notify.add_target(
            "Sms",
            FanOutTarget.http(
                url="https://sms.example.com/messages",
                connection=connection,
                method=events.HttpMethod.PUT,
                headers={"x-tenant": "shop"},
            ),
            rate=Rate.per_minute(90),
            kill_switch=KillSwitch.disabled(),
            filter={"channel": ["sms"]},
        )
        notify.add_target(
            "Audit",
            FanOutTarget.queue(sqs.Queue(self, "Audit", enforce_ssl=True)),
            rate=Rate.per_hour(7_200),
        )
        notify.grant_publish(publisher)
        email.grant_control(publisher)

        news = ThrottledFanOut(self, "News", topic=sns.Topic(self, "Published", enforce_ssl=True))
        news.add_target("Readers", FanOutTarget.function(add_function(self, "Readers")), rate=Rate.per_second(2))
