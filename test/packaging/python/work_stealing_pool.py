from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack, aws_logs as logs
from cdk_integration_patterns import PoolAlarmOptions, Stealing, TaskRouter, WorkerGroup, WorkStealingPool
from constructs import Construct

from parts import add_alarm_action, add_function, add_key


class WorkStealingPoolStack(Stack):
    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        submitter = add_function(self, "Submitter")
        render = add_function(self, "Render")

        pool = WorkStealingPool(
            self,
            "Farm",
            router=TaskRouter.affinity("tenantId"),
            stealing=Stealing.leader(interval=Duration.seconds(20), minimum_gain=Duration.seconds(4)),
            lease=Duration.seconds(45),
            max_receive_count=7,
            retry_delay=Duration.seconds(15),
            task_retention=Duration.days(20),
            encryption_key=add_key(self),
            log_retention=logs.RetentionDays.ONE_WEEK,
            removal_policy=RemovalPolicy.DESTROY,
            alarms=PoolAlarmOptions(actions=[add_alarm_action(self)], oldest_age=Duration.minutes(40)),
        )
        gpu = pool.add_group(
            "Gpu",
            WorkerGroup.function(
                render,
                max_concurrency=6,
                weight=4,
                typical_task=Duration.seconds(3),
                task_timeout=Duration.seconds(60),
                steals_from=["Fleet"],
            ),
        )
        gpu.add_committer(render)
        fleet = pool.add_group("Fleet", WorkerGroup.external(weight=2, steals_from=["Gpu"]))
        fleet.grant_work(submitter)
        pool.grant_submit(submitter)

        still = WorkStealingPool(self, "Still", router=TaskRouter.least_loaded(), stealing=Stealing.disabled())
        still.add_group("Only", WorkerGroup.function(add_function(self, "Only"), max_concurrency=2))

        CfnOutput(self, "FleetSettings", value=fleet.worker_settings)
