/**
 * What an Express execution is billed for: memory in chunks of 64 MB, and its duration "rounded up to the nearest 100ms".
 * @see https://aws.amazon.com/step-functions/pricing/
 */
export interface ExpressBill {
  readonly billedMemoryUsedInMB: number;
  readonly billedDurationInMilliseconds: number;
  readonly gbSeconds: number;
}

export interface ExpressUse {
  readonly durationMs: number;
  readonly definitionBytes: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** Iterations of Map states and branches of Parallel states. */
  readonly steps: number;
}

const BASE_MB = 50;
const CHUNK_MB = 64;
const BYTES_PER_MB = 1_048_576;

/**
 * "Workflow memory utilized = 50 MB + state machine definition size + execution data size x Number of Parallel or Map Steps". The
 * execution data size is taken as the larger of input and output: what the states in between carry is not counted.
 */
export function expressBill({ durationMs, definitionBytes, inputBytes, outputBytes, steps }: ExpressUse): ExpressBill {
  const dataBytes = Math.max(inputBytes, outputBytes) * Math.max(1, steps);
  const usedMb = BASE_MB + (definitionBytes + dataBytes) / BYTES_PER_MB;
  const billedMemoryUsedInMB = Math.ceil(usedMb / CHUNK_MB) * CHUNK_MB;
  const billedDurationInMilliseconds = Math.ceil(durationMs / 100) * 100;
  return { billedMemoryUsedInMB, billedDurationInMilliseconds, gbSeconds: (billedMemoryUsedInMB / 1024) * (billedDurationInMilliseconds / 1000) };
}
