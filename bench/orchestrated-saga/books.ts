/**
 * What the services have on record, the same in all designs: an action or its undoing takes effect once, however often it is called. An undoing that finds
 * nothing leaves a tombstone and is a success; an action that comes behind its own undoing is refused.
 */
export class Books {
  private readonly effects = new Map<string, 'DONE' | 'UNDONE'>();

  do(sagaId: string, step: string): unknown {
    const id = `${sagaId}#${step}`;
    if (this.effects.get(id) === 'UNDONE') throw Object.assign(new Error(`${id} was undone`), { name: 'SagaStepUndone' });
    this.effects.set(id, 'DONE');
    return { reservation: id };
  }

  undo(sagaId: string, step: string): unknown {
    this.effects.set(`${sagaId}#${step}`, 'UNDONE');
    return null;
  }

  /** Those of the steps whose effect is there. */
  left(sagaId: string, steps: readonly string[]): string[] {
    return steps.filter((step) => this.effects.get(`${sagaId}#${step}`) === 'DONE');
  }
}
