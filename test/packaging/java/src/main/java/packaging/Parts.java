package packaging;

import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.actions.SnsAction;
import software.amazon.awscdk.services.dynamodb.Attribute;
import software.amazon.awscdk.services.dynamodb.AttributeType;
import software.amazon.awscdk.services.dynamodb.BillingMode;
import software.amazon.awscdk.services.dynamodb.PointInTimeRecoverySpecification;
import software.amazon.awscdk.services.dynamodb.StreamViewType;
import software.amazon.awscdk.services.dynamodb.Table;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.lambda.Architecture;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.Runtime;
import software.amazon.awscdk.services.sns.Topic;

final class Parts {
    private Parts() {
    }

    /** A function of the app: only that it is there matters. */
    static Function addFunction(final Stack stack, final String id) {
        return Function.Builder.create(stack, id)
            .runtime(Runtime.NODEJS_22_X)
            .architecture(Architecture.ARM_64)
            .handler("index.handler")
            .code(Code.fromInline("exports.handler = async () => ({});"))
            .timeout(Duration.seconds(8))
            .build();
    }

    static Table addTable(final Stack stack, final String id) {
        return table(stack, id).build();
    }

    static Table addTable(final Stack stack, final String id, final StreamViewType stream) {
        return table(stack, id).stream(stream).build();
    }

    static Key addKey(final Stack stack) {
        return Key.Builder.create(stack, "Key").enableKeyRotation(true).removalPolicy(RemovalPolicy.DESTROY).build();
    }

    static SnsAction addAlarmAction(final Stack stack) {
        return new SnsAction(Topic.Builder.create(stack, "OnCall").enforceSsl(true).build());
    }

    private static Table.Builder table(final Stack stack, final String id) {
        return Table.Builder.create(stack, id)
            .partitionKey(Attribute.builder().name("id").type(AttributeType.STRING).build())
            .billingMode(BillingMode.PAY_PER_REQUEST)
            .pointInTimeRecoverySpecification(PointInTimeRecoverySpecification.builder().pointInTimeRecoveryEnabled(true).build())
            .removalPolicy(RemovalPolicy.DESTROY);
    }
}
