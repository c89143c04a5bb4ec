/** What a scene's user code wrote of its work, in true time. */
export interface Note {
  readonly at: number;
  readonly what: 'BEGUN' | 'DONE' | 'FAILED' | 'STALE';
  readonly task: string;
  /** Who does it, and to whom it was routed. */
  readonly group: string;
  readonly home: string;
  readonly attempt: number;
  readonly fence: number;
}

/** What users submitted and what user code did. The pool's own numbers are not asked. */
export class Books {
  readonly submitted = new Map<string, { readonly at: number; readonly commits: boolean }>();
  readonly notes: Note[] = [];

  /** A line of a log that may be user code's. */
  read({ at, message }: { readonly at: number; readonly message: string }): void {
    const note = /TASK (\{.*\})/.exec(message)?.[1];
    if (note !== undefined) this.notes.push({ at, ...JSON.parse(note) as Omit<Note, 'at'> });
  }

  begun(group?: string): Note[] {
    return this.notes.filter(({ what, group: by }) => what === 'BEGUN' && (group ?? by) === by);
  }

  done(group?: string): Note[] {
    return this.notes.filter(({ what, group: by }) => what === 'DONE' && (group ?? by) === by);
  }

  /** Tasks that a group has begun and not ended, or that died with their worker. */
  underWay(group: string): string[] {
    const ends = this.notes.filter(({ what }) => what !== 'BEGUN');
    return this.begun(group).filter(({ task, fence }) => !ends.some((end) => end.task === task && end.fence === fence)).map(({ task }) => task);
  }

  stolen(): Note[] {
    return this.begun().filter(({ group, home }) => group !== home);
  }

  /** How many tasks a group had under way at most; those whose worker died are under way for ever. */
  mostAtOnce(group: string): number {
    let [now, most] = [0, 0];
    for (const { what, group: by } of this.notes) {
      if (by !== group) continue;
      now += what === 'BEGUN' ? 1 : -1;
      most = Math.max(most, now);
    }
    return most;
  }

  /** Milliseconds from the submission to the end, of each task that was done. */
  latencies(): number[] {
    return this.done().map(({ task, at }) => at - this.submitted.get(task)!.at);
  }

  /**
   * For how many milliseconds, at the longest, a group had nothing under way although in another one tasks waited that would have been begun only after
   * more than the gain.
   */
  longestIdling(places: Readonly<Record<string, number>>, cost: { readonly seconds: number; readonly gainSeconds: number }): number {
    const { seconds, gainSeconds } = cost;
    const groups = Object.keys(places);
    const waiting = Object.fromEntries(groups.map((group) => [group, 0]));
    const running = { ...waiting };
    const since: Record<string, number | undefined> = {};
    let longest = 0;
    const submissions = this.begun().map(({ task, home }) => ({ at: this.submitted.get(task)!.at, what: 'SUBMITTED' as const, group: home, home }));
    for (const { at, what, group, home } of [...submissions, ...this.notes].sort((one, other) => one.at - other.at)) {
      if (what === 'SUBMITTED') waiting[home]!++;
      else if (what === 'BEGUN') [waiting[home]!--, running[group]!++];
      else running[group]!--;
      for (const idle of groups) {
        const others = groups.filter((other) => other !== idle && waiting[other]! * seconds / places[other]! > gainSeconds);
        if (running[idle] === 0 && others.length > 0) longest = Math.max(longest, at - (since[idle] ??= at));
        else since[idle] = undefined;
      }
    }
    return longest;
  }
}
