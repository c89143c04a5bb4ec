import { isTaskFunction, TASK_MEMORY_MB } from './task-function';
import type { TraceEntry } from '../../simulator/src';
import { FunctionUse } from '../function-use';
import { costOf } from '../prices';
import { difference, type Units } from '../units';

/** Who sends tasks to a design. */
export const SUBMITTER = 'submitter';
/** Of the pool's functions. */
const MEMORY_MB = 256;
/** Requests to queues that handlers make. What the router deletes, its event source deletes: the router sends, and nothing else. */
const BY_HANDLERS = /(\/Run|^Pool\/Coordinate) |^Pool\/Route sqs\.Send/;

/** What a design used, by what it was used for. */
export interface BillParts {
  /** From whoever submits to where a task is routed. */
  readonly submit: Units;
  /** Where tasks wait. */
  readonly queues: Units;
  readonly table: Units;
  readonly runner: Units;
  readonly coordinator: Units;
  /** The functions that do the tasks: not the design's. */
  readonly tasks: Units;
}

const DESIGN_PARTS = ['submit', 'queues', 'table', 'runner', 'coordinator'] as const;

/** Without the functions that do the tasks. */
export function dollarsOf(parts: BillParts): number {
  return DESIGN_PARTS.reduce((sum, part) => sum + costOf(parts[part]), 0);
}

/** Tells apart, by the trace, what the meter has only sums of. */
export class Bill {
  private readonly route = new FunctionUse((name) => name === 'Pool/Route', MEMORY_MB);
  private readonly run = new FunctionUse((name) => name.endsWith('/Run'), MEMORY_MB);
  private readonly coordinate = new FunctionUse((name) => name === 'Pool/Coordinate', MEMORY_MB);
  private readonly tasks = new FunctionUse(isTaskFunction, TASK_MEMORY_MB);
  private submitted = 0;
  private handled = 0;

  /** @param routes whether the event source feeds a router */
  constructor(private readonly routes: boolean) {}

  observe(entry: TraceEntry): void {
    for (const use of [this.route, this.run, this.coordinate, this.tasks]) use.observe(entry);
    const { event, subject } = entry;
    if (!/^sqs\.[A-Z]/.test(event)) return;
    if (subject === SUBMITTER) this.submitted++;
    else if (BY_HANDLERS.test(`${subject} ${event}`)) this.handled++;
  }

  /** @param totals what the meter says: the requests that nobody is seen to make are the event sources' */
  parts(totals: Units): BillParts {
    const bySources = (totals['sqs.requests'] ?? 0) - this.submitted - this.handled;
    const parts: BillParts = {
      submit: { 'sqs.requests': this.submitted + (this.routes ? bySources : 0), ...this.route.units() },
      queues: { 'sqs.requests': this.handled + (this.routes ? 0 : bySources) },
      table: Object.fromEntries(Object.entries(totals).filter(([unit]) => unit.startsWith('dynamodb.'))),
      runner: this.run.units(),
      coordinator: this.coordinate.units(),
      tasks: this.tasks.units(),
    };
    const billed = [parts.submit, parts.runner, parts.coordinator, parts.tasks].reduce((sum, units) => sum + units['lambda.requests'], 0);
    if (billed !== (totals['lambda.requests'] ?? 0)) throw new Error(`${billed} of ${totals['lambda.requests']} invocations belong to a part of the bill`);
    return parts;
  }
}

/** What was used between two readings, part by part. */
export function used(after: BillParts, before: BillParts): BillParts {
  return {
    submit: difference(after.submit, before.submit),
    queues: difference(after.queues, before.queues),
    table: difference(after.table, before.table),
    runner: difference(after.runner, before.runner),
    coordinator: difference(after.coordinator, before.coordinator),
    tasks: difference(after.tasks, before.tasks),
  };
}
