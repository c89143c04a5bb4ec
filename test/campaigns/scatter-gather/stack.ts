import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { GatherCompletion, Responder, ScatterGather } from '../../../src';

/** Seconds that every gathering of the campaign waits. */
export const TIMEOUT_SECONDS = 10;

/** The gatherings of the campaign: one of each completion. */
export const GATHERINGS = ['All', 'AtLeastTwo', 'CheapOnAverage'] as const;
export type GatheringId = (typeof GATHERINGS)[number];

/** Banks that reply by returning, and one that replies by itself with events. */
export const FUNCTION_BANKS = ['BigBank', 'FriendlyBank', 'GoldBank'] as const;
export const PARTNER = 'Partner';
/** FriendlyBank is asked for small loans only. */
export const FRIENDLY_LIMIT = 1000;
/** `CheapOnAverage` is content when the replies' average rate is below this: a condition that the next reply can undo. */
export const CHEAP_RATE = 4;

const COMPLETIONS: Record<GatheringId, () => GatherCompletion> = {
  All: () => GatherCompletion.all(),
  AtLeastTwo: () => GatherCompletion.atLeast(2),
  CheapOnAverage: () => GatherCompletion.when(`{% $average($replies.payload.rate) < ${CHEAP_RATE} %}`),
};

/** What the fault campaign runs: three gatherings with four responders each, and queues that keep their late replies. */
export class CampaignStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const gathering of GATHERINGS) this.addGathering(gathering);
  }

  private addGathering(id: GatheringId) {
    const gathering = new ScatterGather(this, id, { timeout: Duration.seconds(TIMEOUT_SECONDS), completion: COMPLETIONS[id]() });
    new CfnOutput(this, `${id}Name`, { value: gathering.gatheringName });
    for (const bank of FUNCTION_BANKS) {
      gathering.addResponder(bank, Responder.function(this.stub(`${id}${bank}`), {
        when: bank === 'FriendlyBank' ? `{% $request.amount < ${FRIENDLY_LIMIT} %}` : undefined,
      }));
    }
    const partner = this.stub(`${id}${PARTNER}`);
    gathering.grantReply(partner);
    gathering.addResponder(PARTNER, Responder.target(new targets.LambdaFunction(partner)));
    gathering.onLateReply(`${id}LateReplies`, new targets.SqsQueue(new Queue(this, `${id}Late`, { retentionPeriod: Duration.days(14) })));
  }

  /** The simulation puts the banks' behaviour in its place. */
  private stub(id: string): lambda.Function {
    return new lambda.Function(this, id, {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async () => null;'),
      timeout: Duration.seconds(60),
    });
  }
}
