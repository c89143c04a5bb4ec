package packaging;

/** Every construct, with props that are not the default ones: the app of ../../../../../typescript in Java, file by file. */
public final class App {
    public static void main(final String[] args) {
        final var app = new software.amazon.awscdk.App();
        new ScatterGatherStack(app, "ScatterGather");
        new TransactionalOutboxStack(app, "TransactionalOutbox");
        new OrchestratedSagaStack(app, "OrchestratedSaga");
        new ThrottledFanOutStack(app, "ThrottledFanOut");
        new WorkStealingPoolStack(app, "WorkStealingPool");
        new PortableStack(app, "Portable");
        app.synth();
    }
}
