package packaging;

import io.github.cdkintegrationpatterns.PortableStackSynthesizer;
import io.github.cdkintegrationpatterns.Responder;
import io.github.cdkintegrationpatterns.ScatterGather;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.constructs.Construct;

public class PortableStack extends Stack {
    public PortableStack(final Construct scope, final String id) {
        super(scope, id, StackProps.builder()
            .synthesizer(PortableStackSynthesizer.Builder.create().bucketParameter("CodeBucket").prefixParameter("CodePrefix").build())
            .build());
        final var quotes = ScatterGather.Builder.create(this, "Quotes").timeout(Duration.seconds(5)).build();
        quotes.addResponder("Bank", Responder.function(Parts.addFunction(this, "Bank")));
    }
}
