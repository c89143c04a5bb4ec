from pathlib import Path

from aws_cdk import (
    CfnOutput,
    Duration,
    RemovalPolicy,
    Stack,
    aws_dynamodb as dynamodb,
    aws_lambda as lambda_,
    aws_logs as logs,
)
from aws_cdk.aws_lambda_nodejs import NodejsFunction
from cdk_integration_patterns import Stealing, TaskRouter, WorkerGroup, WorkStealingPool
from constructs import Construct

FUNCTIONS = Path(__file__).parent / "functions"


class RenderFarmStack(Stack):
    """Frames of many tenants on one group with GPUs and two without. A tenant's frames stay together, because whoever
    has the scene loaded is faster; a group that has nothing to do helps the others. `-c stealing=disabled` shows what
    becomes of it otherwise.
    """

    def __init__(self, scope: Construct, id: str, **kwargs) -> None:
        super().__init__(scope, id, **kwargs)
        self._steals = self.node.try_get_context("stealing") != "disabled"

        self._frames = dynamodb.Table(
            self,
            "Frames",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self._pool = WorkStealingPool(
            self,
            "Farm",
            router=TaskRouter.affinity("tenantId"),
            # Loading a scene takes a few seconds: what would wait for less is faster where it is.
            stealing=Stealing.leader(minimum_gain=Duration.seconds(5)) if self._steals else Stealing.disabled(),
            removal_policy=RemovalPolicy.DESTROY,
        )

        # A GPU renders everything, a CPU no frame that needs a GPU.
        self._add_renderers("Gpu", places=4, speed=1.5, steals_from=["CpuA", "CpuB"])
        self._add_renderers("CpuA", places=4, steals_from=["CpuB"])
        self._add_renderers("CpuB", places=4, steals_from=["CpuA"])

        submit = self._function("SubmitJob", "submit", {"QUEUE_URL": self._pool.submit_queue.queue_url})
        self._pool.grant_submit(submit)

        CfnOutput(self, "SubmitFunction", value=submit.function_name)
        CfnOutput(self, "FramesTable", value=self._frames.table_name)

    def _add_renderers(self, id: str, *, places: int, speed: float = 1, steals_from: list[str]) -> None:
        """A group that renders `places` frames at once, `speed` times as fast as a CPU."""
        environment = {"FRAMES_TABLE": self._frames.table_name, "SPEED": str(speed)}
        render = self._function(f"Render{id}", "render", environment)
        self._frames.grant(render, "dynamodb:UpdateItem")
        group = self._pool.add_group(
            id,
            WorkerGroup.function(
                render,
                max_concurrency=places,
                steals_from=steals_from if self._steals else None,
            ),
        )
        group.add_committer(render)

    def _function(self, id: str, code: str, environment: dict[str, str]) -> NodejsFunction:
        return NodejsFunction(
            self,
            id,
            entry=str(FUNCTIONS / f"{code}.ts"),
            runtime=lambda_.Runtime.NODEJS_22_X,
            architecture=lambda_.Architecture.ARM_64,
            timeout=Duration.minutes(2),
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
