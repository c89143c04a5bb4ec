import { Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BankFunctions, quote } from './banks';
import { type Design, MACHINE } from './design';
import { Responder, ScatterGather, ScatterGatherMode } from '../../src';
import type { GatheringResult } from '../../src/scatter-gather/contract';

/** Longer than any bank takes: the deadline never ends a gathering here. */
const TIMEOUT = Duration.seconds(30);

function scatterGatherStack(mode: ScatterGatherMode): Design['stack'] {
  return class extends Stack {
    constructor(scope: Construct, id: string, count: number) {
      super(scope, id);
      const quotes = new ScatterGather(this, MACHINE, { timeout: TIMEOUT, mode });
      for (const [name, bank] of new BankFunctions(this, 'Banks', count).functions) quotes.addResponder(name, Responder.function(bank));
    }
  };
}

function scatterGather(mode: ScatterGatherMode): Design {
  return {
    name: mode,
    stack: scatterGatherStack(mode),
    // Returning is all that a responder does.
    bank: (name, thinkTimes) => async ({ correlationId }, _context, { sleep }) => {
      await sleep(thinkTimes.of(correlationId, name));
      return quote(correlationId, name);
    },
    replies({ status, output }) {
      const result = output as GatheringResult | undefined;
      if (status !== 'SUCCEEDED' || result?.status !== 'COMPLETE') throw new Error(`a gathering ended ${status}, ${result?.status} instead of COMPLETE`);
      return result.replies.length;
    },
  };
}

export const standard = scatterGather(ScatterGatherMode.STANDARD);
export const express = scatterGather(ScatterGatherMode.EXPRESS);
