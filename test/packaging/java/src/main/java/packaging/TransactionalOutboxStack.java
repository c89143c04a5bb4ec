package packaging;

import io.github.cdkintegrationpatterns.ChangesSourceOptions;
import io.github.cdkintegrationpatterns.FunctionDestinationOptions;
import io.github.cdkintegrationpatterns.Inbox;
import io.github.cdkintegrationpatterns.OutboxAlarmOptions;
import io.github.cdkintegrationpatterns.OutboxDestination;
import io.github.cdkintegrationpatterns.OutboxSource;
import io.github.cdkintegrationpatterns.PayloadFormat;
import io.github.cdkintegrationpatterns.PoisonPolicy;
import io.github.cdkintegrationpatterns.TransactionalOutbox;
import java.util.List;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.dynamodb.StreamViewType;
import software.amazon.awscdk.services.events.EventBus;
import software.amazon.awscdk.services.events.EventPattern;
import software.amazon.awscdk.services.events.targets.LambdaFunction;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.s3.Bucket;
import software.amazon.awscdk.services.s3.LifecycleRule;
import software.amazon.awscdk.services.sqs.Queue;
import software.constructs.Construct;

public class TransactionalOutboxStack extends Stack {
    public TransactionalOutboxStack(final Construct scope, final String id) {
        super(scope, id);
        final var key = Parts.addKey(this);
        final var orders = Parts.addFunction(this, "Orders");
        final var shipping = Parts.addFunction(this, "Shipping");

        final var outbox = TransactionalOutbox.Builder.create(this, "Outbox")
            .destination(OutboxDestination.eventBus(new EventBus(this, "Bus")))
            .eventSource("shop.orders")
            .payloadFormat(PayloadFormat.JSON)
            .retention(Duration.days(3))
            .retryAttempts(9)
            .maximumAge(Duration.hours(6))
            .claimCheckBucket(Bucket.Builder.create(this, "Payloads")
                .enforceSsl(true)
                .lifecycleRules(List.of(LifecycleRule.builder().expiration(Duration.days(30)).build()))
                .build())
            .encryptionKey(key)
            .logRetention(RetentionDays.ONE_WEEK)
            .removalPolicy(RemovalPolicy.DESTROY)
            .alarms(OutboxAlarmOptions.builder().actions(List.of(Parts.addAlarmAction(this))).maximumLag(Duration.minutes(10)).build())
            .build();
        outbox.addWriter(orders);
        outbox.grantReplay(orders);
        outbox.onEvent("OrderPlaced", EventPattern.builder().detailType(List.of("OrderPlaced")).build(), new LambdaFunction(shipping));
        Inbox.Builder.create(this, "Inbox").outbox(outbox).retention(Duration.days(20)).encryptionKey(key).build().addConsumer(shipping);

        final var queue = Queue.Builder.create(this, "Events").fifo(true).enforceSsl(true).build();
        TransactionalOutbox.Builder.create(this, "Ordered")
            .destination(OutboxDestination.fifoQueue(queue))
            .onPoison(PoisonPolicy.PARK_KEY)
            .build();

        TransactionalOutbox.Builder.create(this, "Changes")
            .source(OutboxSource.changes(Parts.addTable(this, "Books", StreamViewType.NEW_AND_OLD_IMAGES), ChangesSourceOptions.builder()
                .insert("BookAdded")
                .modify("BookChanged")
                .remove("BookRemoved")
                .build()))
            .destination(OutboxDestination.function(Parts.addFunction(this, "History"), FunctionDestinationOptions.builder().batchSize(5).build()))
            .build();
    }
}
