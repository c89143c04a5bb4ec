import { IPipe, ITarget, TargetConfig } from '@aws-cdk/aws-pipes-alpha';
import { IRole } from 'aws-cdk-lib/aws-iam';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { grantInvokeExactly } from '../../shared/grants';

/** The function that publishes for the pipe, and answers which records it could not publish. */
export class RelayTarget implements ITarget {
  public readonly targetArn: string;

  public constructor(private readonly relay: IFunction) {
    this.targetArn = relay.functionArn;
  }

  public bind(_pipe: IPipe): TargetConfig {
    return { targetParameters: { lambdaFunctionParameters: { invocationType: 'REQUEST_RESPONSE' } } };
  }

  public grantPush(grantee: IRole): void {
    grantInvokeExactly(this.relay, grantee);
  }
}
