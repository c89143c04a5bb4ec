import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ClaimChecks } from './claim-check';
import { decodeCursor } from './cursor';
import type { Publisher } from './destinations/publisher';
import type { ChangeOrigin, RowOrigin } from './envelope';
import { pace } from './pace';
import type { ParkedKeys, Refusal } from './parked-keys';
import { replay } from './replay';
import { parseReplayRequest } from './replay-request';
import { ReplayTally } from './replay-tally';
import { itemsToReplay, rowsToReplay } from './replayed-table';
import { unpark } from './unpark';
import type { ReplayProgress } from '../../src/transactional-outbox/contract';

export interface ReplayInput {
  readonly request: unknown;
  /** Of the step before; null in the first one. */
  readonly progress?: ReplayProgress | null;
}

/** What the replays of rows, and those of items, are made with. */
export type ReplayedOrigin =
  | { readonly origin: RowOrigin; readonly parkedKeys: ParkedKeys | undefined; readonly onParked: (refusal: Refusal) => void }
  | { readonly origin: ChangeOrigin; readonly claimChecks: ClaimChecks };

export type ReplayDependencies = ReplayedOrigin & {
  readonly client: DynamoDBClient;
  readonly publisher: Publisher;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly hasTime: () => boolean;
};

/** One step of a replay: as much as there is time for, from where the step before, or an earlier replay, has stopped. */
export async function replayStep({ request, progress }: ReplayInput, dependencies: ReplayDependencies): Promise<ReplayProgress> {
  const { now, sleep, hasTime } = dependencies;
  const parkedKeys = 'parkedKeys' in dependencies ? dependencies.parkedKeys : undefined;
  const wanted = parseReplayRequest(request, { sourceKind: dependencies.origin.kind, parks: parkedKeys !== undefined });
  const cursor = progress?.cursor ? decodeCursor(progress.cursor) : wanted.cursor;
  const step = { tally: new ReplayTally(progress ?? undefined), turn: pace(wanted.eventsPerSecond, now, sleep), hasTime };
  if ('claimChecks' in dependencies) return replay(await itemsToReplay(wanted, dependencies), cursor?.after, step);
  if (wanted.unpark) return unpark(wanted.aggregate!, cursor, { ...dependencies, parkedKeys: parkedKeys! }, step);
  return replay(rowsToReplay(wanted, dependencies), cursor?.after, step);
}
