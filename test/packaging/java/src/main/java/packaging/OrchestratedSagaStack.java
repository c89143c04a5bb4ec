package packaging;

import io.github.cdkintegrationpatterns.ExponentialRetryOptions;
import io.github.cdkintegrationpatterns.FunctionStepOptions;
import io.github.cdkintegrationpatterns.HumanApprovalOptions;
import io.github.cdkintegrationpatterns.OrchestratedSaga;
import io.github.cdkintegrationpatterns.SagaAlarmOptions;
import io.github.cdkintegrationpatterns.SagaIsolation;
import io.github.cdkintegrationpatterns.SagaParticipant;
import io.github.cdkintegrationpatterns.SagaRecovery;
import io.github.cdkintegrationpatterns.SagaRetry;
import io.github.cdkintegrationpatterns.SagaStep;
import io.github.cdkintegrationpatterns.SagaWorkflow;
import io.github.cdkintegrationpatterns.SemanticLockOptions;
import io.github.cdkintegrationpatterns.TaskStepOptions;
import io.github.cdkintegrationpatterns.UnknownOutcome;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.events.EventBus;
import software.amazon.awscdk.services.events.targets.SqsQueue;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.sqs.Queue;
import software.amazon.awscdk.services.stepfunctions.TaskInput;
import software.amazon.awscdk.services.stepfunctions.tasks.SqsSendMessage;
import software.amazon.awscdk.services.stepfunctions.tasks.SqsSendMessageJsonataProps;
import software.constructs.Construct;

public class OrchestratedSagaStack extends Stack {
    public OrchestratedSagaStack(final Construct scope, final String id) {
        super(scope, id);
        final var reserve = Parts.addFunction(this, "Reserve");
        final var cancel = Parts.addFunction(this, "Cancel");
        final var starter = Parts.addFunction(this, "Starter");
        final var letters = Queue.Builder.create(this, "Letters").enforceSsl(true).build();

        final var trip = OrchestratedSaga.Builder.create(this, "Trip")
            .steps(List.of(
                SagaStep.function("Hotel", FunctionStepOptions.builder()
                    .action(reserve)
                    .compensation(cancel)
                    .timeout(Duration.seconds(12))
                    .compensationTimeout(Duration.seconds(25))
                    .retry(SagaRetry.exponential(ExponentialRetryOptions.builder()
                        .maxAttempts(4)
                        .interval(Duration.seconds(2))
                        .backoffRate(1.5)
                        .maxInterval(Duration.seconds(30))
                        .build()))
                    .abortOn(List.of("NoRooms"))
                    .build()),
                SagaStep.parallel("Transport", List.of(
                    SagaStep.function("Flight", FunctionStepOptions.builder()
                        .action(Parts.addFunction(this, "Fly"))
                        .compensation(Parts.addFunction(this, "Unfly"))
                        .retry(SagaRetry.none())
                        .build()),
                    SagaStep.function("Insurance", FunctionStepOptions.builder()
                        .action(Parts.addFunction(this, "Insure"))
                        .noCompensation("it lapses by itself")
                        .onUnknown(UnknownOutcome.park())
                        .build()))),
                SagaStep.humanApproval("Approval", HumanApprovalOptions.builder()
                    .timeout(Duration.hours(4))
                    .message("{% $input.customer %}")
                    .build()),
                SagaStep.function("Charge", FunctionStepOptions.builder()
                    .action(Parts.addFunction(this, "Pay"))
                    .compensation(Parts.addFunction(this, "Refund"))
                    .onUnknown(UnknownOutcome.query(Parts.addFunction(this, "FindCharge")))
                    .pivot(true)
                    .build()),
                SagaStep.task("Letter", TaskStepOptions.builder()
                    .action(SqsSendMessage.jsonata(this, "SendLetter", SqsSendMessageJsonataProps.builder()
                        .queue(letters)
                        .messageBody(TaskInput.fromObject(Map.of("trip", "{% $sagaId %}")))
                        .build()))
                    .retriable(true)
                    .build())))
            .deadline(Duration.hours(6))
            .sagaId("{% $input.tripId %}")
            .isolation(SagaIsolation.semanticLock(Parts.addTable(this, "Customers"), SemanticLockOptions.builder()
                .partitionKey("id")
                .partitionValue("{% $input.customer %}")
                .build()))
            .bus(new EventBus(this, "Bus"))
            .retention(Duration.days(30))
            .encryptionKey(Parts.addKey(this))
            .logRetention(RetentionDays.ONE_WEEK)
            .removalPolicy(RemovalPolicy.DESTROY)
            .alarms(SagaAlarmOptions.builder().actions(List.of(Parts.addAlarmAction(this))).build())
            .build();
        trip.grantStart(starter);
        trip.onParked("Ops", new SqsQueue(Queue.Builder.create(this, "Parked").enforceSsl(true).build()));
        final var participant = SagaParticipant.Builder.create(this, "Hotels").retention(Duration.days(60)).build();
        participant.addFunction(reserve);
        participant.addFunction(cancel);

        final var quick = OrchestratedSaga.Builder.create(this, "Quick")
            .steps(List.of(SagaStep.function("Only", FunctionStepOptions.builder()
                .action(Parts.addFunction(this, "Do"))
                .compensation(Parts.addFunction(this, "Undo"))
                .build())))
            .deadline(Duration.minutes(2))
            .workflow(SagaWorkflow.EXPRESS)
            .recovery(SagaRecovery.NONE)
            .build();
        quick.grantStart(starter);
    }
}
