import { effectId, type Shape, SHAPES, STEPS } from './environment';
import { EFFECTS_TABLE, ITEMS_TABLE } from './stack';
import type { DynamoDbService, ExecutionResult, Simulation, StatesService } from '../../../simulator/src';
import { LOCK_ATTRIBUTE, type SagaStatus } from '../../../src/orchestrated-saga/contract';
import { plain } from '../../simulate';

export const ENDS: readonly SagaStatus[] = ['COMPLETED', 'COMPENSATED', 'PARKED'];

/** A while in which a saga was over, or parked. */
export interface End {
  readonly status: SagaStatus;
  /** Whose the saga was meanwhile, in order: each of them may have told the end. */
  readonly owners: string[];
}

/** A saga as the registry has shown it. */
export interface SagaRecord {
  readonly shape: Shape;
  readonly sagaId: string;
  readonly startedBy: string;
  status: SagaStatus;
  readonly ends: End[];
}

/** What really happened, observed in the tables themselves and at the ends of executions. */
export class Books {
  readonly sagas = new Map<string, SagaRecord>();
  readonly executions: ExecutionResult[] = [];
  /** Sentences about what must not have happened at any time. */
  readonly outrages: string[] = [];
  private readonly effects = new Map<string, number>();
  /** The saga that holds each item. */
  private readonly locks = new Map<string, string>();
  private readonly redriven = new Set<string>();

  constructor(simulation: Simulation) {
    const dynamodb = simulation.world.service<DynamoDbService>('dynamodb');
    const observe = (table: string, listener: (before: Record<string, any> | undefined, after: Record<string, any> | undefined) => void) => {
      const { ref } = simulation.find(table, ['AWS::DynamoDB::Table']).provisioned;
      dynamodb.onChange(ref, ({ oldImage, newImage }) => listener(oldImage && plain(oldImage), newImage && plain(newImage)));
    };
    for (const shape of SHAPES) observe(`${shape}/Sagas`, (before, after) => this.registered(shape, before, after));
    observe(EFFECTS_TABLE, (before, after) => this.tookEffect(before, after));
    observe(ITEMS_TABLE, (before, after) => this.locked(before, after));
    simulation.world.service<StatesService>('states').onExecutionEnd((result) => this.executions.push(result));
  }

  /** Effects that are there, or were taken back once too often, by step. */
  effectsOf({ shape, sagaId }: SagaRecord): Map<string, number> {
    const steps = STEPS[shape].filter(({ hasEffect }) => hasEffect);
    return new Map(steps.map(({ id }) => [id, this.effects.get(effectId(sagaId, id)) ?? 0]));
  }

  lockedItems(): { item: string; sagaId: string }[] {
    return [...this.locks].map(([item, sagaId]) => ({ item, sagaId }));
  }

  /** An execution that is redriven by hand does steps of a saga that somebody else may have finished. */
  wasRedriven(executionArn: string) {
    this.redriven.add(executionArn);
  }

  private registered(shape: Shape, before: Record<string, any> | undefined, after: Record<string, any> | undefined) {
    if (!after) return void this.outrages.push(`${shape}: saga ${before!.sagaId} was deleted`);
    const { sagaId, status, executionArn, startedBy } = after as { sagaId: string; status: SagaStatus; executionArn: string; startedBy: string };
    const known = this.sagas.get(sagaId);
    const saga = known ?? { shape, sagaId, startedBy, status, ends: [] };
    this.sagas.set(sagaId, saga);
    this.expect(saga.startedBy === startedBy, `${sagaId} was begun by ${saga.startedBy}, and again by ${startedBy}`);
    saga.status = status;
    if (!ENDS.includes(status)) return;
    const last = saga.ends.at(-1);
    if (last && before?.status === status && before.endedAt === after.endedAt) {
      if (last.owners.at(-1) !== executionArn) last.owners.push(executionArn);
      return;
    }
    // An owner that writes its end once more, after a lost answer, ends nothing once more.
    if (last?.status === status && before?.status === status && before.executionArn === executionArn) return;
    saga.ends.push({ status, owners: [executionArn] });
    this.ended(saga);
  }

  /** What an end says holds as it is put on record. */
  private ended(saga: SagaRecord) {
    const expected = { COMPLETED: 1, COMPENSATED: 0 }[saga.status as string];
    if (expected === undefined) return;
    for (const [step, times] of this.effectsOf(saga)) {
      this.expect(times === expected, `${saga.sagaId} is recorded as ${saga.status}, and the effect of ${step} is there ${times} times`);
    }
  }

  private tookEffect(before: Record<string, any> | undefined, after: Record<string, any> | undefined) {
    const { id, times } = (after ?? before) as { id: string; times: string };
    const [was, is] = [this.effects.get(id) ?? 0, after ? Number(times) : 0];
    this.effects.set(id, is);
    this.expect(is === 0 || is === 1, `${id} took effect, and is there ${is} times now`);
    const saga = this.sagas.get(id.split('#')[0]);
    if (!saga || is <= was || this.redriven.has(saga.startedBy)) return;
    this.expect(!['COMPLETED', 'COMPENSATED'].includes(saga.status), `${id} took effect when its saga was ${saga.status}`);
    this.expect(saga.shape !== 'Order' || [...this.locks.values()].includes(saga.sagaId), `${id} took effect while its saga held no lock`);
  }

  private locked(before: Record<string, any> | undefined, after: Record<string, any> | undefined) {
    const [was, is] = [before?.[LOCK_ATTRIBUTE], after?.[LOCK_ATTRIBUTE]];
    const { item } = (after ?? before) as { item: string };
    this.expect(was === undefined || is === undefined || was === is, `${item} was locked by ${was}, and ${is} has taken the lock`);
    if (is === undefined) this.locks.delete(item);
    else this.locks.set(item, is);
  }

  private expect(holds: boolean, sentence: string) {
    if (!holds) this.outrages.push(sentence);
  }
}

/** Which shape a state machine belongs to, and whether it recovers. */
export function machineOf(simulation: Simulation, stateMachineArn: string): { shape: Shape; recovers: boolean } {
  for (const shape of SHAPES) {
    if (simulation.find(`${shape}/StateMachine`).provisioned.ref === stateMachineArn) return { shape, recovers: false };
    if (simulation.find(`${shape}/Recovery`).provisioned.ref === stateMachineArn) return { shape, recovers: true };
  }
  throw new Error(`'${stateMachineArn}' is no state machine of the campaign`);
}
