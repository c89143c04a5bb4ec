from pathlib import Path

from aws_cdk import Duration, RemovalPolicy, aws_dynamodb as dynamodb, aws_lambda as lambda_, aws_logs as logs
from aws_cdk.aws_lambda_nodejs import NodejsFunction
from cdk_integration_patterns import SagaParticipant
from constructs import Construct

FUNCTIONS = Path(__file__).parent / "functions"


class Service(Construct):
    """A service with a table of its own that takes part in sagas.

    `code` is the file in `functions` that exports the service's handlers.
    """

    def __init__(self, scope: Construct, id: str, *, code: str, environment: dict[str, str] | None = None) -> None:
        super().__init__(scope, id)
        self._entry = str(FUNCTIONS / f"{code}.ts")
        self._environment = environment or {}
        self.table = dynamodb.Table(
            self,
            "Entries",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="entry", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self._participant = SagaParticipant(self, "Participant", removal_policy=RemovalPolicy.DESTROY)

    def function(self, handler: str) -> NodejsFunction:
        """The function that runs the handler of this name."""
        handling = NodejsFunction(
            self,
            handler,
            entry=self._entry,
            handler=handler,
            runtime=lambda_.Runtime.NODEJS_22_X,
            architecture=lambda_.Architecture.ARM_64,
            timeout=Duration.seconds(30),
            environment={**self._environment, "TABLE_NAME": self.table.table_name},
            log_group=logs.LogGroup(
                self,
                f"{handler}Logs",
                retention=logs.RetentionDays.ONE_WEEK,
                removal_policy=RemovalPolicy.DESTROY,
            ),
        )
        self.table.grant_read_write_data(handling)
        self._participant.add_function(handling)
        return handling
