from aws_cdk import (
    CfnOutput,
    RemovalPolicy,
    Stack,
    aws_dynamodb as dynamodb,
    aws_events as events,
    aws_events_targets as targets,
)
from cdk_integration_patterns import Inbox, OutboxDestination, TransactionalOutbox
from constructs import Construct

from typescript_function import typescript_function


class BooksStack(Stack):
    """The shop writes a book and the event about it in one transaction; the catalogue counts each author's books."""

    def __init__(self, scope: Construct, id: str, **kwargs) -> None:
        super().__init__(scope, id, **kwargs)

        books = dynamodb.Table(
            self,
            "Books",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            removal_policy=RemovalPolicy.DESTROY,
        )
        outbox = TransactionalOutbox(
            self,
            "Outbox",
            destination=OutboxDestination.event_bus(events.EventBus(self, "Bus")),
            event_source="bookshop",
            removal_policy=RemovalPolicy.DESTROY,
        )
        shop = typescript_function(self, "Shop", environment={"BOOKS_TABLE": books.table_name})
        books.grant_read_write_data(shop)
        outbox.add_writer(shop)

        counts = dynamodb.Table(
            self,
            "Counts",
            partition_key=dynamodb.Attribute(name="author", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            removal_policy=RemovalPolicy.DESTROY,
        )
        inbox = Inbox(self, "Inbox", outbox=outbox, removal_policy=RemovalPolicy.DESTROY)
        catalogue = typescript_function(
            self,
            "Catalogue",
            environment={"COUNTS_TABLE": counts.table_name},
            dead_letter_queue_enabled=True,
        )
        counts.grant_write_data(catalogue)
        inbox.add_consumer(catalogue)
        outbox.on_event(
            "BooksComeAndGo",
            events.EventPattern(detail_type=["BookAdded", "BookRemoved"]),
            targets.LambdaFunction(catalogue),
        )

        CfnOutput(self, "ShopFunction", value=shop.function_name)
        CfnOutput(self, "ReplayStateMachine", value=outbox.replay.state_machine.state_machine_arn)
