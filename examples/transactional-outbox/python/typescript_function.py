from pathlib import Path

from aws_cdk import Duration, RemovalPolicy, aws_lambda as lambda_, aws_logs as logs
from aws_cdk.aws_lambda_nodejs import NodejsFunction
from constructs import Construct

FUNCTIONS = Path(__file__).parent / "functions"


def typescript_function(scope: Construct, id: str, **props) -> NodejsFunction:
    """`functions/<id>.ts`, bundled by the esbuild of this project."""
    return NodejsFunction(
        scope,
        id,
        entry=str(FUNCTIONS / f"{id.lower()}.ts"),
        runtime=lambda_.Runtime.NODEJS_22_X,
        architecture=lambda_.Architecture.ARM_64,
        timeout=Duration.seconds(10),
        log_group=logs.LogGroup(
            scope,
            f"{id}Logs",
            retention=logs.RetentionDays.ONE_WEEK,
            removal_policy=RemovalPolicy.DESTROY,
        ),
        **props,
    )
