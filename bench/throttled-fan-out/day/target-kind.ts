import { readFileSync } from 'fs';
import * as path from 'path';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { EventSourceSettings } from './event-source';
import { AdaptiveRate, FanOutTarget, Rate, ThrottledFanOut } from '../../../src';
import { type DispatcherSettings, ENV } from '../../../src/throttled-fan-out/contract';
import { withAssembly } from '../../assembly';
import { PRIORITIES, TOPIC } from '../design';
import { targetFunction } from '../target-function';

/** A target of a size: how much it gets on average, and what it takes. */
export interface TargetKind {
  readonly id: string;
  readonly meanPerSecond: number;
  readonly perSecond: number;
  readonly burst: number;
}

const HEADROOM = 1.5;

/** Their mean is 50 messages a second. */
export const KINDS: readonly TargetKind[] = [20, 35, 50, 65, 80].map((meanPerSecond) => {
  const perSecond = Math.round(meanPerSecond * HEADROOM);
  return { id: `Target${meanPerSecond}`, meanPerSecond, perSecond, burst: 2 * perSecond };
});

/** What the construct makes of a target. */
export interface DeployedTarget {
  readonly settings: DispatcherSettings;
  readonly memoryMb: number;
  /** Highest priority first. */
  readonly sources: readonly EventSourceSettings[];
}

/** One fan-out with a target of each kind. */
export function buildKinds(stack: Stack): void {
  const notify = new ThrottledFanOut(stack, 'Notify', {
    priorities: [...PRIORITIES], topic: new Topic(stack, TOPIC), removalPolicy: RemovalPolicy.DESTROY,
  });
  for (const { id, perSecond, burst } of KINDS) {
    notify.addTarget(id, FanOutTarget.function(targetFunction(new Construct(stack, `${id}Place`))), {
      rate: Rate.perSecond(perSecond, { burst }),
      adaptive: AdaptiveRate.aimd({ floor: Rate.perSecond(5) }),
      reserve: { critical: 0.2 },
      filter: { target: [id] },
    });
  }
}

/** By id, read from the synthesized template. */
export function deployedKinds(): Promise<ReadonlyMap<string, DeployedTarget>> {
  return withAssembly((app) => buildKinds(new Stack(app, 'Bench')), async (directory) => {
    const { Resources } = JSON.parse(readFileSync(path.join(directory, 'Bench.template.json'), 'utf8'));
    const resources = Object.entries<any>(Resources);
    return new Map(resources.flatMap(([logicalId, { Properties }]): [string, DeployedTarget][] => {
      const text = Properties?.Environment?.Variables?.[ENV.SETTINGS];
      if (text === undefined) return [];
      const settings = JSON.parse(textOf(text)) as DispatcherSettings;
      const mappings = resources.map(([, { Type, Properties: mapping }]) => ({ Type, mapping }))
        .filter(({ Type, mapping }) => Type === 'AWS::Lambda::EventSourceMapping' && textOf(mapping.FunctionName) === logicalId);
      const sources = settings.priorities.map(({ queueArn }) => {
        const { mapping } = mappings.find((each) => textOf(each.mapping.EventSourceArn) === queueArn)!;
        return {
          batchSize: mapping.BatchSize,
          windowMs: 1000 * (mapping.MaximumBatchingWindowInSeconds ?? 0),
          maximumConcurrency: mapping.ScalingConfig.MaximumConcurrency,
        };
      });
      return [[settings.target, { settings, memoryMb: Properties.MemorySize, sources }]];
    }));
  });
}

/** A template's value as text, with logical ids in place of references. */
function textOf(value: any): string {
  if (typeof value === 'string') return value;
  if (value.Ref) return value.Ref;
  if (value['Fn::GetAtt']) return value['Fn::GetAtt'].join('.');
  const [separator, parts] = value['Fn::Join'];
  return parts.map(textOf).join(separator);
}
