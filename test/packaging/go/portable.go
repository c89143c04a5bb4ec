package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	patterns "github.com/cdk-integration-patterns/cdk-integration-patterns-go/cdkintegrationpatterns"
)

func newPortableStack(scope constructs.Construct, id string) {
	stack := awscdk.NewStack(scope, jsii.String(id), &awscdk.StackProps{
		Synthesizer: patterns.NewPortableStackSynthesizer(&patterns.PortableStackSynthesizerProps{
			BucketParameter: jsii.String("CodeBucket"),
			PrefixParameter: jsii.String("CodePrefix"),
		}),
	})
	quotes := patterns.NewScatterGather(stack, jsii.String("Quotes"), &patterns.ScatterGatherProps{Timeout: seconds(5)})
	quotes.AddResponder(jsii.String("Bank"), patterns.Responder_Function(addFunction(stack, "Bank"), nil))
}
