from aws_cdk import Duration, Stack
from cdk_integration_patterns import PortableStackSynthesizer, Responder, ScatterGather
from constructs import Construct

from parts import add_function


class PortableStack(Stack):
    def __init__(self, scope: Construct, id: str) -> None:
        synthesizer = PortableStackSynthesizer(bucket_parameter="CodeBucket", prefix_parameter="CodePrefix")
        super().__init__(scope, id, synthesizer=synthesizer)
        quotes = ScatterGather(self, "Quotes", timeout=Duration.seconds(5))
        quotes.add_responder("Bank", Responder.function(add_function(self, "Bank")))
