import * as path from 'path';
import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { GatherCompletion, ReplyAggregation, RequestMapping, Responder, ScatterGather } from 'cdk-integration-patterns';
import { Construct } from 'constructs';

export interface LoanBrokerStackProps extends StackProps {
  /** Makes GoldBank answer after this time, to see what a deadline does. */
  readonly goldBankDelay?: Duration;
}

/** The loan broker of Enterprise Integration Patterns: three banks are asked for a quote, the lowest rate wins. */
export class LoanBrokerStack extends Stack {
  constructor(scope: Construct, id: string, props: LoanBrokerStackProps = {}) {
    super(scope, id, props);

    const quotes = new ScatterGather(this, 'LoanQuotes', {
      timeout: Duration.seconds(10),
      completion: GatherCompletion.all(),
      aggregation: ReplyAggregation.minimumBy('rate'),
      requestMapping: RequestMapping.fields({ correlationId: '{% $input.CorrelationId %}' }),
      removalPolicy: RemovalPolicy.DESTROY,
    });

    quotes.addResponder('BigBank', Responder.function(this.bank('BigBank', { ratePremium: 2.1 })));
    quotes.addResponder('FriendlyBank', Responder.function(this.bank('FriendlyBank', { ratePremium: 1.4 }), {
      when: '{% $request.LoanAmount < 1000 %}',
    }));
    quotes.addResponder('GoldBank', Responder.function(this.bank('GoldBank', { ratePremium: 1.75, delay: props.goldBankDelay })));
  }

  private bank(name: string, options: { ratePremium: number; delay?: Duration }): lambda.Function {
    return new lambda.Function(this, name, {
      runtime: lambda.Runtime.NODEJS_22_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(path.join(__dirname, 'banks')),
      timeout: Duration.seconds(60),
      logGroup: new logs.LogGroup(this, `${name}Logs`, { retention: logs.RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY }),
      environment: {
        BANK_NAME: name,
        RATE_PREMIUM: String(options.ratePremium),
        DELAY_SECONDS: String(options.delay?.toSeconds() ?? 0),
      },
    });
  }
}
