from aws_cdk import (
    RemovalPolicy,
    Stack,
    aws_dynamodb as dynamodb,
    aws_events as events,
    aws_events_targets as targets,
)
from cdk_integration_patterns import Inbox, OutboxDestination, OutboxSource, TransactionalOutbox
from constructs import Construct

from typescript_function import typescript_function


class BooksByChangesStack(Stack):
    """The same books in a table whose writers know nothing of events: its changes are the events, and a history keeps
    them."""

    def __init__(self, scope: Construct, id: str, **kwargs) -> None:
        super().__init__(scope, id, **kwargs)

        books = dynamodb.Table(
            self,
            "Books",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            removal_policy=RemovalPolicy.DESTROY,
        )
        outbox = TransactionalOutbox(
            self,
            "Outbox",
            source=OutboxSource.changes(books, insert="BookAdded", modify="BookChanged", remove="BookRemoved"),
            destination=OutboxDestination.event_bus(events.EventBus(self, "Bus")),
            event_source="bookshop",
            removal_policy=RemovalPolicy.DESTROY,
        )

        entries = dynamodb.Table(
            self,
            "Entries",
            partition_key=dynamodb.Attribute(name="bookId", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sequence", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            removal_policy=RemovalPolicy.DESTROY,
        )
        inbox = Inbox(self, "Inbox", outbox=outbox, removal_policy=RemovalPolicy.DESTROY)
        history = typescript_function(
            self,
            "History",
            environment={"ENTRIES_TABLE": entries.table_name},
            dead_letter_queue_enabled=True,
        )
        entries.grant_write_data(history)
        inbox.add_consumer(history)
        outbox.on_event(
            "BooksChange",
            events.EventPattern(detail_type=["BookAdded", "BookChanged", "BookRemoved"]),
            targets.LambdaFunction(history),
        )
