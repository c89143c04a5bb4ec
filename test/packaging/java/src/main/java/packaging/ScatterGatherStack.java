package packaging;

import io.github.cdkintegrationpatterns.FunctionResponderOptions;
import io.github.cdkintegrationpatterns.GatherCompletion;
import io.github.cdkintegrationpatterns.ReplyAggregation;
import io.github.cdkintegrationpatterns.RequestMapping;
import io.github.cdkintegrationpatterns.RequestMappingOptions;
import io.github.cdkintegrationpatterns.Responder;
import io.github.cdkintegrationpatterns.ScatterGather;
import io.github.cdkintegrationpatterns.ScatterGatherAlarmOptions;
import io.github.cdkintegrationpatterns.ScatterGatherMode;
import java.util.List;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.events.EventBus;
import software.amazon.awscdk.services.events.targets.SqsQueue;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.sqs.Queue;
import software.constructs.Construct;

public class ScatterGatherStack extends Stack {
    public ScatterGatherStack(final Construct scope, final String id) {
        super(scope, id);
        final var starter = Parts.addFunction(this, "Starter");

        final var quotes = ScatterGather.Builder.create(this, "Quotes")
            .timeout(Duration.seconds(30))
            .completion(GatherCompletion.when("{% $count($replies[payload.rate < 5]) > 1 %}"))
            .aggregation(ReplyAggregation.jsonata("{% $replies^(payload.rate)[0].payload %}"))
            .requestMapping(RequestMapping.fields(RequestMappingOptions.builder()
                .correlationId("{% $input.id %}")
                .request("{% $input.loan %}")
                .build()))
            .bus(new EventBus(this, "Bus"))
            .encryptionKey(Parts.addKey(this))
            .retention(Duration.days(2))
            .logRetention(RetentionDays.ONE_WEEK)
            .removalPolicy(RemovalPolicy.DESTROY)
            .alarms(ScatterGatherAlarmOptions.builder()
                .actions(List.of(Parts.addAlarmAction(this)))
                .timedOutPercentage(10)
                .lateReplies(3)
                .build())
            .build();
        quotes.addResponder("BigBank", Responder.function(Parts.addFunction(this, "BigBank"),
            FunctionResponderOptions.builder().retryAttempts(1).build()));
        quotes.addResponder("FriendlyBank", Responder.function(Parts.addFunction(this, "FriendlyBank"),
            FunctionResponderOptions.builder().when("{% $request.amount < 1000 %}").build()));
        quotes.addResponder("Partner", Responder.target(new SqsQueue(Queue.Builder.create(this, "Partner").enforceSsl(true).build())));
        quotes.onLateReply("Late", new SqsQueue(Queue.Builder.create(this, "Late").enforceSsl(true).build()));
        quotes.grantStart(starter);
        quotes.grantReadReplies(starter);
        Alarm.Builder.create(this, "Slow")
            .metric(quotes.metricTimeToResult(MetricOptions.builder().statistic("p99").period(Duration.minutes(5)).build()))
            .threshold(20_000)
            .evaluationPeriods(3)
            .build();

        final var express = ScatterGather.Builder.create(this, "Express")
            .timeout(Duration.minutes(1))
            .mode(ScatterGatherMode.EXPRESS)
            .completion(GatherCompletion.atLeast(1))
            .aggregation(ReplyAggregation.function(Parts.addFunction(this, "Aggregator")))
            .build();
        express.addResponder("Only", Responder.function(Parts.addFunction(this, "Only")));
        express.grantStart(starter);

        CfnOutput.Builder.create(this, "QuotesStateMachine").value(quotes.getStateMachine().getStateMachineArn()).build();
    }
}
