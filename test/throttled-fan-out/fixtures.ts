import { Stack, SecretValue } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Authorization, Connection } from 'aws-cdk-lib/aws-events';
import { FanOutTarget, Rate, ThrottledFanOut, ThrottledFanOutProps, ThrottledTarget, ThrottledTargetOptions } from '../../src';
import type { DispatcherSettings } from '../../src/throttled-fan-out/contract';
import { readable } from '../grants';
import { inlineFunction } from '../scatter-gather/fixtures';

export { inlineFunction, newStack } from '../scatter-gather/fixtures';

export const THREE_PRIORITIES = ['critical', 'normal', 'bulk'];

/** A fan-out to one function, at 50 a second unless told otherwise. */
export function emailing(stack: Stack, props: ThrottledFanOutProps = {}, options: Partial<ThrottledTargetOptions> = {}): ThrottledFanOut {
  const fanOut = new ThrottledFanOut(stack, 'Notify', props);
  addEmail(fanOut, options);
  return fanOut;
}

export function addEmail(fanOut: ThrottledFanOut, options: Partial<ThrottledTargetOptions> = {}): ThrottledTarget {
  return fanOut.addTarget('Email', FanOutTarget.function(inlineFunction(Stack.of(fanOut), 'SendEmail')), { rate: Rate.perSecond(50), ...options });
}

export function connection(stack: Stack): Connection {
  return new Connection(stack, 'Connection', { authorization: Authorization.apiKey('x-api-key', SecretValue.unsafePlainText('secret')) });
}

/** What a target's dispatcher is told, with logical ids in place of references. */
export function settingsOf(stack: Stack, target: string = 'Email'): DispatcherSettings {
  const functions = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
  const all = functions.flatMap(({ Properties }) => Properties.Environment?.Variables?.SETTINGS ?? []).map((text) => JSON.parse(readable(text)));
  const found = all.find((settings) => settings.target === target);
  if (!found) throw new Error(`there is no dispatcher of '${target}'`);
  return found;
}
