import { IInputTransformation, IPipe, ITarget, TargetConfig } from '@aws-cdk/aws-pipes-alpha';
import { IRole } from 'aws-cdk-lib/aws-iam';
import { EventFields } from './event-fields';
import { BoundDestination } from '../destination';

/** An outbox's destination, to which the pipe publishes by itself. */
export class DestinationTarget implements ITarget {
  public readonly targetArn: string;

  /** @param transformation makes the envelope, where no enrichment has made it */
  public constructor(
    private readonly destination: BoundDestination,
    private readonly fields: EventFields,
    private readonly transformation?: IInputTransformation,
  ) {
    this.targetArn = destination.arn;
  }

  public bind(pipe: IPipe): TargetConfig {
    return { targetParameters: { ...this.destination.targetParameters(this.fields), ...this.transformation?.bind(pipe) } };
  }

  public grantPush(grantee: IRole): void {
    this.destination.grantPublish(grantee);
  }
}
