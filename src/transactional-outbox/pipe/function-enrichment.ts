import { EnrichmentParametersConfig, IEnrichment, IPipe } from '@aws-cdk/aws-pipes-alpha';
import { IRole } from 'aws-cdk-lib/aws-iam';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { grantInvokeExactly } from '../../shared/grants';

/** A function that makes envelopes of a batch of records. */
export class FunctionEnrichment implements IEnrichment {
  public readonly enrichmentArn: string;

  public constructor(private readonly handler: IFunction) {
    this.enrichmentArn = handler.functionArn;
  }

  public bind(_pipe: IPipe): EnrichmentParametersConfig {
    return { enrichmentParameters: {} };
  }

  public grantInvoke(grantee: IRole): void {
    grantInvokeExactly(this.handler, grantee);
  }
}
