from aws_cdk import App, Duration

from loan_broker_stack import LoanBrokerStack

app = App()
# `cdk synth -c slowBank=true`: GoldBank takes 30 seconds, the gathering waits for 10.
slow = app.node.try_get_context("slowBank") == "true"
LoanBrokerStack(app, "LoanBroker", gold_bank_delay=Duration.seconds(30) if slow else None)
app.synth()
