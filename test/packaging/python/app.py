"""Every construct, with props that are not the default ones: the app of `../typescript`, file by file."""
from aws_cdk import App

from orchestrated_saga import OrchestratedSagaStack
from portable import PortableStack
from scatter_gather import ScatterGatherStack
from throttled_fan_out import ThrottledFanOutStack
from transactional_outbox import TransactionalOutboxStack
from work_stealing_pool import WorkStealingPoolStack

app = App()
ScatterGatherStack(app, "ScatterGather")
TransactionalOutboxStack(app, "TransactionalOutbox")
OrchestratedSagaStack(app, "OrchestratedSaga")
ThrottledFanOutStack(app, "ThrottledFanOut")
WorkStealingPoolStack(app, "WorkStealingPool")
PortableStack(app, "Portable")
app.synth()
