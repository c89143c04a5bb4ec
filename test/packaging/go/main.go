// Every construct, with props that are not the default ones: the app of ../typescript in Go, file by file.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	newScatterGatherStack(app, "ScatterGather")
	newTransactionalOutboxStack(app, "TransactionalOutbox")
	newOrchestratedSagaStack(app, "OrchestratedSaga")
	newThrottledFanOutStack(app, "ThrottledFanOut")
	newWorkStealingPoolStack(app, "WorkStealingPool")
	newPortableStack(app, "Portable")
	app.Synth(nil)
}
