from aws_cdk import (
    Duration,
    RemovalPolicy,
    Stack,
    aws_dynamodb as dynamodb,
    aws_events as events,
    aws_events_targets as targets,
    aws_logs as logs,
    aws_s3 as s3,
    aws_sqs as sqs,
)
from cdk_integration_patterns import (
    Inbox,
    OutboxAlarmOptions,
    OutboxDestination,
    OutboxSource,
    PayloadFormat,
    PoisonPolicy,
    TransactionalOutbox,
)
from constructs import Construct

from parts import add_alarm_action, add_function, add_key, add_table


class TransactionalOutboxStack(Stack):
    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        key = add_key(self)
        orders = add_function(self, "Orders")
        shipping = add_function(self, "Shipping")

        outbox = TransactionalOutbox(
            self,
            "Outbox",
            destination=OutboxDestination.event_bus(events.EventBus(self, "Bus")),
            event_source="shop.orders",
            payload_format=PayloadFormat.JSON,
            retention=Duration.days(3),
            retry_attempts=9,
            maximum_age=Duration.hours(6),
            claim_check_bucket=s3.Bucket(
                self,
                "Payloads",
                enforce_ssl=True,
                lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(30))],
            ),
            encryption_key=key,
            log_retention=logs.RetentionDays.ONE_WEEK,
            removal_policy=RemovalPolicy.DESTROY,
            alarms=OutboxAlarmOptions(actions=[add_alarm_action(self)], maximum_lag=Duration.minutes(10)),
        )
        outbox.add_writer(orders)
        outbox.grant_replay(orders)
        outbox.on_event(
            "OrderPlaced",
            events.EventPattern(detail_type=["OrderPlaced"]),
            targets.LambdaFunction(shipping),
        )
        inbox = Inbox(self, "Inbox", outbox=outbox, retention=Duration.days(20), encryption_key=key)
        inbox.add_consumer(shipping)

        queue = sqs.Queue(self, "Events", fifo=True, enforce_ssl=True)
        TransactionalOutbox(
            self,
            "Ordered",
            destination=OutboxDestination.fifo_queue(queue),
            on_poison=PoisonPolicy.PARK_KEY,
        )

        books = add_table(self, "Books", dynamodb.StreamViewType.NEW_AND_OLD_IMAGES)
        TransactionalOutbox(
            self,
            "Changes",
            source=OutboxSource.changes(books, insert="BookAdded", modify="BookChanged", remove="BookRemoved"),
            destination=OutboxDestination.function(add_function(self, "History"), batch_size=5),
        )
