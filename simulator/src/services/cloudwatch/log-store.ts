export interface LogLine {
  readonly at: number;
  readonly message: string;
}

/** So that a long run stays small, each group keeps its latest lines only. */
const LINES_PER_GROUP = 1_000;

type LineListener = (line: LogLine) => void;

interface LogGroup {
  readonly lines: LogLine[];
  /** How many lines came, kept or not. */
  count: number;
  readonly listeners: LineListener[];
}

/** Log groups and their latest lines. */
export class LogStore {
  private readonly groups = new Map<string, LogGroup>();

  constructor(private readonly linesPerGroup: number = LINES_PER_GROUP) {}

  create(name: string) {
    this.group(name);
  }

  has(name: string): boolean {
    return this.groups.has(name);
  }

  append(name: string, line: LogLine) {
    const group = this.group(name);
    group.count++;
    group.lines.push(line);
    // Cutting seldom keeps appending cheap.
    if (group.lines.length >= 2 * this.linesPerGroup) group.lines.splice(0, group.lines.length - this.linesPerGroup);
    for (const listener of group.listeners) listener(line);
  }

  listen(name: string, listener: LineListener) {
    this.group(name).listeners.push(listener);
  }

  /** The latest lines of a group, oldest first. */
  lines(name: string): readonly LogLine[] {
    return this.groups.get(name)?.lines.slice(-this.linesPerGroup) ?? [];
  }

  /** How many lines a group has received. */
  count(name: string): number {
    return this.groups.get(name)?.count ?? 0;
  }

  names(): string[] {
    return [...this.groups.keys()].sort();
  }

  private group(name: string): LogGroup {
    let group = this.groups.get(name);
    if (!group) this.groups.set(name, group = { lines: [], count: 0, listeners: [] });
    return group;
  }
}
