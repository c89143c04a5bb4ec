module packaging

go 1.25

require github.com/cdk-integration-patterns/cdk-integration-patterns-go/cdkintegrationpatterns v0.0.0
