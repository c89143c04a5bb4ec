import { Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { addFunction } from './parts';
import { PortableStackSynthesizer, Responder, ScatterGather } from 'cdk-integration-patterns';

export class PortableStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id, { synthesizer: new PortableStackSynthesizer({ bucketParameter: 'CodeBucket', prefixParameter: 'CodePrefix' }) });
    const quotes = new ScatterGather(this, 'Quotes', { timeout: Duration.seconds(5) });
    quotes.addResponder('Bank', Responder.function(addFunction(this, 'Bank')));
  }
}
