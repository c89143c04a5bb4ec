import { App, Duration } from 'aws-cdk-lib';
import { LoanBrokerStack } from './loan-broker-stack';

const app = new App();
// `cdk synth -c slowBank=true`: GoldBank takes 30 seconds, the gathering waits for 10.
const slow = app.node.tryGetContext('slowBank') === 'true';
new LoanBrokerStack(app, 'LoanBroker', { goldBankDelay: slow ? Duration.seconds(30) : undefined });
