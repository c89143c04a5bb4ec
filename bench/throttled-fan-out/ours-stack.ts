import { RemovalPolicy } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { type Design, LIMIT, PRIORITIES, TOPIC } from './design';
import { targetFunction } from './target-function';
import { AdaptiveRate, FanOutTarget, Rate, ThrottledFanOut } from '../../src';

export const throttledFanOut: Design = {
  name: 'ThrottledFanOut',
  limiterWrite: 'dynamodb.PutItem',
  build(stack) {
    const notify = new ThrottledFanOut(stack, 'Notify', {
      priorities: [...PRIORITIES], topic: new Topic(stack, TOPIC), removalPolicy: RemovalPolicy.DESTROY,
    });
    notify.addTarget('Email', FanOutTarget.function(targetFunction(stack)), {
      rate: Rate.perSecond(LIMIT.perSecond, { burst: LIMIT.burst }),
      adaptive: AdaptiveRate.aimd({ floor: Rate.perSecond(5) }),
      reserve: { critical: 0.2 },
      filter: { channel: ['email'] },
    });
  },
};
