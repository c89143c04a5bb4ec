from pathlib import Path

from aws_cdk import Duration, RemovalPolicy, Stack, aws_lambda as lambda_, aws_logs as logs
from cdk_integration_patterns import GatherCompletion, ReplyAggregation, RequestMapping, Responder, ScatterGather
from constructs import Construct

BANKS = Path(__file__).parent / "banks"


class LoanBrokerStack(Stack):
    """The loan broker of Enterprise Integration Patterns: three banks are asked for a quote, the lowest rate wins.

    `gold_bank_delay` makes GoldBank answer after this time, to see what a deadline does.
    """

    def __init__(self, scope: Construct, id: str, *, gold_bank_delay: Duration | None = None, **kwargs) -> None:
        super().__init__(scope, id, **kwargs)

        quotes = ScatterGather(
            self,
            "LoanQuotes",
            timeout=Duration.seconds(10),
            completion=GatherCompletion.all(),
            aggregation=ReplyAggregation.minimum_by("rate"),
            request_mapping=RequestMapping.fields(correlation_id="{% $input.CorrelationId %}"),
            removal_policy=RemovalPolicy.DESTROY,
        )

        quotes.add_responder("BigBank", Responder.function(self._bank("BigBank", rate_premium=2.1)))
        quotes.add_responder(
            "FriendlyBank",
            Responder.function(self._bank("FriendlyBank", rate_premium=1.4), when="{% $request.LoanAmount < 1000 %}"),
        )
        gold_bank = self._bank("GoldBank", rate_premium=1.75, delay=gold_bank_delay)
        quotes.add_responder("GoldBank", Responder.function(gold_bank))

    def _bank(self, name: str, *, rate_premium: float, delay: Duration | None = None) -> lambda_.Function:
        return lambda_.Function(
            self,
            name,
            runtime=lambda_.Runtime.NODEJS_22_X,
            architecture=lambda_.Architecture.ARM_64,
            handler="index.handler",
            code=lambda_.Code.from_asset(str(BANKS)),
            timeout=Duration.seconds(60),
            log_group=logs.LogGroup(
                self,
                f"{name}Logs",
                retention=logs.RetentionDays.ONE_WEEK,
                removal_policy=RemovalPolicy.DESTROY,
            ),
            environment={
                "BANK_NAME": name,
                "RATE_PREMIUM": str(rate_premium),
                "DELAY_SECONDS": str(delay.to_seconds() if delay else 0),
            },
        )
