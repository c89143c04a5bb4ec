from aws_cdk import (
    Duration,
    RemovalPolicy,
    Stack,
    aws_cloudwatch_actions as actions,
    aws_dynamodb as dynamodb,
    aws_kms as kms,
    aws_lambda as lambda_,
    aws_sns as sns,
)


def add_function(stack: Stack, id: str) -> lambda_.Function:
    """A function of the app: only that it is there matters."""
    return lambda_.Function(
        stack,
        id,
        runtime=lambda_.Runtime.NODEJS_22_X,
        architecture=lambda_.Architecture.ARM_64,
        handler="index.handler",
        code=lambda_.Code.from_inline("exports.handler = async () => ({});"),
        timeout=Duration.seconds(8),
    )


def add_table(stack: Stack, id: str, stream: dynamodb.StreamViewType | None = None) -> dynamodb.Table:
    return dynamodb.Table(
        stack,
        id,
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True,
        ),
        removal_policy=RemovalPolicy.DESTROY,
        stream=stream,
    )


def add_key(stack: Stack) -> kms.Key:
    return kms.Key(stack, "Key", enable_key_rotation=True, removal_policy=RemovalPolicy.DESTROY)


def add_alarm_action(stack: Stack) -> actions.SnsAction:
    return actions.SnsAction(sns.Topic(stack, "OnCall", enforce_ssl=True))
