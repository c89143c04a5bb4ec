package packaging;

import io.github.cdkintegrationpatterns.AdaptiveRate;
import io.github.cdkintegrationpatterns.AimdOptions;
import io.github.cdkintegrationpatterns.FanOutAlarmOptions;
import io.github.cdkintegrationpatterns.FanOutTarget;
import io.github.cdkintegrationpatterns.HttpTargetProps;
import io.github.cdkintegrationpatterns.KillSwitch;
import io.github.cdkintegrationpatterns.KillSwitchOptions;
import io.github.cdkintegrationpatterns.Rate;
import io.github.cdkintegrationpatterns.RateOptions;
import io.github.cdkintegrationpatterns.ThrottledFanOut;
import io.github.cdkintegrationpatterns.ThrottledTargetOptions;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.SecretValue;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.events.Authorization;
import software.amazon.awscdk.services.events.Connection;
import software.amazon.awscdk.services.events.HttpMethod;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.sns.NumericConditions;
import software.amazon.awscdk.services.sns.SubscriptionFilter;
import software.amazon.awscdk.services.sns.Topic;
import software.amazon.awscdk.services.sqs.Queue;
import software.constructs.Construct;

public class ThrottledFanOutStack extends Stack {
    public ThrottledFanOutStack(final Construct scope, final String id) {
        super(scope, id);
        final var publisher = Parts.addFunction(this, "Publisher");
        final var connection = Connection.Builder.create(this, "Provider")
            .authorization(Authorization.apiKey("x-api-key", SecretValue.secretsManager("sms-provider")))
            .build();

        final var notify = ThrottledFanOut.Builder.create(this, "Notify")
            .priorities(List.of("critical", "normal", "bulk"))
            .encryptionKey(Parts.addKey(this))
            .logRetention(RetentionDays.ONE_WEEK)
            .removalPolicy(RemovalPolicy.DESTROY)
            .alarms(FanOutAlarmOptions.builder().actions(List.of(Parts.addAlarmAction(this))).oldestAge(Duration.hours(2)).build())
            .build();
        final var email = notify.addTarget("Email", FanOutTarget.function(Parts.addFunction(this, "SendEmail")), ThrottledTargetOptions.builder()
            .rate(Rate.perSecond(50, RateOptions.builder().burst(120).build()))
            .maxConcurrency(40)
            .adaptive(AdaptiveRate.aimd(AimdOptions.builder()
                .floor(Rate.perSecond(5))
                .increasePerSecond(0.5)
                .decrease(0.6)
                .latencyTarget(Duration.seconds(2))
                .build()))
            .killSwitch(KillSwitch.atErrorShare(0.7, KillSwitchOptions.builder()
                .minimumDeliveries(30)
                .window(Duration.seconds(45))
                .probeEvery(Duration.seconds(20))
                .build()))
            .reserve(Map.of("critical", 0.2, "normal", 0.1))
            .filter(Map.of("channel", List.of("email", "newsletter")))
            .filterPolicy(Map.of("size", SubscriptionFilter.numericFilter(NumericConditions.builder().lessThan(100).build())))
            .maxAge(Duration.hours(12))
            .maxAttempts(8)
            .deliveryTimeout(Duration.seconds(15))
            .retryDelay(Duration.seconds(5))
            .ageing(Duration.minutes(10))
            .build());
        notify.addTarget("Sms", FanOutTarget.http(HttpTargetProps.builder()
            .url("https://sms.example.com/messages")
            .connection(connection)
            .method(HttpMethod.PUT)
            .headers(Map.of("x-tenant", "shop"))
            .build()), ThrottledTargetOptions.builder()
            .rate(Rate.perMinute(90))
            .killSwitch(KillSwitch.disabled())
            .filter(Map.of("channel", List.of("sms")))
            .build());
        notify.addTarget("Audit", FanOutTarget.queue(Queue.Builder.create(this, "Audit").enforceSsl(true).build()),
            ThrottledTargetOptions.builder().rate(Rate.perHour(7_200)).build());
        notify.grantPublish(publisher);
        email.grantControl(publisher);

        final var news = ThrottledFanOut.Builder.create(this, "News")
            .topic(Topic.Builder.create(this, "Published").enforceSsl(true).build())
            .build();
        news.addTarget("Readers", FanOutTarget.function(Parts.addFunction(this, "Readers")),
            ThrottledTargetOptions.builder().rate(Rate.perSecond(2)).build());
    }
}
