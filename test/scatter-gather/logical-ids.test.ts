import { Duration } from 'aws-cdk-lib';
import { inlineFunction, twoBanks } from './fixtures';
import { Responder, ScatterGather, ScatterGatherMode } from '../../src';
import { keptOf, losses, stackWithPaths } from '../logical-ids';

it('keeps, under their logical ids, gatherings, replies and what could not be delivered', () => {
  const stack = stackWithPaths();
  const quotes = twoBanks(stack);
  const express = new ScatterGather(stack, 'Express', { timeout: Duration.minutes(1), mode: ScatterGatherMode.EXPRESS });
  express.addResponder('Only', Responder.function(inlineFunction(stack, 'Only')));
  expect(losses(keptOf(__dirname), stack, [quotes, express])).toEqual([]);
});
