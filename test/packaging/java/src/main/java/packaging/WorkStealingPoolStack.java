package packaging;

import io.github.cdkintegrationpatterns.ExternalGroupOptions;
import io.github.cdkintegrationpatterns.FunctionGroupOptions;
import io.github.cdkintegrationpatterns.LeaderStealingOptions;
import io.github.cdkintegrationpatterns.PoolAlarmOptions;
import io.github.cdkintegrationpatterns.Stealing;
import io.github.cdkintegrationpatterns.TaskRouter;
import io.github.cdkintegrationpatterns.WorkStealingPool;
import io.github.cdkintegrationpatterns.WorkerGroup;
import java.util.List;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.constructs.Construct;

public class WorkStealingPoolStack extends Stack {
    public WorkStealingPoolStack(final Construct scope, final String id) {
        super(scope, id);
        final var submitter = Parts.addFunction(this, "Submitter");
        final var render = Parts.addFunction(this, "Render");

        final var pool = WorkStealingPool.Builder.create(this, "Farm")
            .router(TaskRouter.affinity("tenantId"))
            .stealing(Stealing.leader(LeaderStealingOptions.builder()
                .interval(Duration.seconds(20))
                .minimumGain(Duration.seconds(4))
                .build()))
            .lease(Duration.seconds(45))
            .maxReceiveCount(7)
            .retryDelay(Duration.seconds(15))
            .taskRetention(Duration.days(20))
            .encryptionKey(Parts.addKey(this))
            .logRetention(RetentionDays.ONE_WEEK)
            .removalPolicy(RemovalPolicy.DESTROY)
            .alarms(PoolAlarmOptions.builder().actions(List.of(Parts.addAlarmAction(this))).oldestAge(Duration.minutes(40)).build())
            .build();
        final var gpu = pool.addGroup("Gpu", WorkerGroup.function(render, FunctionGroupOptions.builder()
            .maxConcurrency(6)
            .weight(4)
            .typicalTask(Duration.seconds(3))
            .taskTimeout(Duration.seconds(60))
            .stealsFrom(List.of("Fleet"))
            .build()));
        gpu.addCommitter(render);
        final var fleet = pool.addGroup("Fleet", WorkerGroup.external(ExternalGroupOptions.builder().weight(2).stealsFrom(List.of("Gpu")).build()));
        fleet.grantWork(submitter);
        pool.grantSubmit(submitter);

        final var still = WorkStealingPool.Builder.create(this, "Still")
            .router(TaskRouter.leastLoaded())
            .stealing(Stealing.disabled())
            .build();
        still.addGroup("Only", WorkerGroup.function(Parts.addFunction(this, "Only"), FunctionGroupOptions.builder().maxConcurrency(2).build()));

        CfnOutput.Builder.create(this, "FleetSettings").value(fleet.getWorkerSettings()).build();
    }
}
