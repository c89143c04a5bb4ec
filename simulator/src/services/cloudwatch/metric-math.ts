import { type MathNode, parseMath } from './math-parser';
import type { TimeSeries } from './metric-store';

/** What an expression is: a number, a text, one time series, or several. */
type MathValue = number | string | TimeSeries | readonly TimeSeries[];

export interface MathScope {
  /** The metrics by id, in the order of the request; expressions are not among them. */
  readonly metrics: ReadonlyMap<string, TimeSeries>;
  /** The value of an id, be it a metric or another expression. */
  readonly resolve: (id: string) => TimeSeries;
  /** The starts of all periods that are looked at, for functions that fill gaps. */
  readonly periods: readonly number[];
  readonly periodSeconds: number;
}

/** Words of FILL, not ids. */
export const FILL_WORDS: readonly string[] = ['REPEAT', 'LINEAR'];

type MathFunction = (parameters: readonly MathValue[], scope: MathScope) => MathValue;

/** A metric math expression, parsed; unknown functions are named at once, not when an alarm is evaluated. */
export class MetricMath {
  private readonly root: MathNode;

  constructor(readonly expression: string) {
    this.root = parseMath(expression);
    checkFunctions(this.root, expression);
  }

  /** The ids that the expression refers to. */
  ids(): Set<string> {
    const found = new Set<string>();
    visit(this.root, (node) => {
      if (node.kind === 'id') found.add(node.id);
    });
    return found;
  }

  /** A lone number stands for itself in each period. */
  evaluate(scope: MathScope): TimeSeries {
    const value = evaluate(this.root, scope);
    if (value instanceof Map) return value;
    if (typeof value === 'number') return new Map(scope.periods.map((period) => [period, value]));
    throw new Error(`metric math expression '${this.expression}' must make one time series, not ${Array.isArray(value) ? 'several' : 'text'}`);
  }
}

const BINARY: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  'AND': (a, b) => Number(a !== 0 && b !== 0),
  '&&': (a, b) => Number(a !== 0 && b !== 0),
  'OR': (a, b) => Number(a !== 0 || b !== 0),
  '||': (a, b) => Number(a !== 0 || b !== 0),
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list */
const FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  '[]': (parameters) => parameters.map(seriesOf),
  'ABS': ([operand]) => eachValue(operand, Math.abs),
  'CEIL': ([operand]) => eachValue(operand, Math.ceil),
  'FLOOR': ([operand]) => eachValue(operand, Math.floor),
  'SUM': ([operand]) => aggregate(operand, (values) => values.reduce((sum, value) => sum + value, 0)),
  'AVG': ([operand]) => aggregate(operand, (values) => values.reduce((sum, value) => sum + value, 0) / values.length),
  'MIN': ([operand]) => aggregate(operand, (values) => Math.min(...values)),
  'MAX': ([operand]) => aggregate(operand, (values) => Math.max(...values)),
  'IF': ([condition, yes, no]) => choose(condition, yes, no),
  'FILL': ([operand, filler], { periods }) => {
    const fill = (series: TimeSeries) => fillGaps(series, filler, periods);
    return Array.isArray(operand) ? operand.map(fill) : fill(seriesOf(operand));
  },
  'METRICS': ([filter], { metrics }) => [...metrics].filter(([id]) => typeof filter !== 'string' || id.includes(filter)).map(([, series]) => series),
  'PERIOD': (_, { periodSeconds }) => periodSeconds,
};

function visit(node: MathNode, see: (node: MathNode) => void) {
  see(node);
  if (node.kind === 'negate') visit(node.operand, see);
  if (node.kind === 'operation') [node.left, node.right].forEach((child) => visit(child, see));
  if (node.kind === 'call') node.parameters.forEach((child) => visit(child, see));
}

function checkFunctions(root: MathNode, expression: string) {
  visit(root, (node) => {
    if (node.kind !== 'call' || node.name in FUNCTIONS) return;
    const known = Object.keys(FUNCTIONS).filter((name) => name !== '[]').join(', ');
    throw new Error(`metric math function '${node.name}' in '${expression}' is not simulated; simulated: ${known}`);
  });
}

function evaluate(node: MathNode, scope: MathScope): MathValue {
  switch (node.kind) {
    case 'number':
    case 'text': return node.value;
    case 'id': return FILL_WORDS.includes(node.id) ? node.id : scope.resolve(node.id);
    case 'negate': return eachValue(evaluate(node.operand, scope), (value) => -value);
    case 'operation': return combine(evaluate(node.left, scope), evaluate(node.right, scope), BINARY[node.operator]);
    case 'call': return FUNCTIONS[node.name](node.parameters.map((parameter) => evaluate(parameter, scope)), scope);
  }
}

function seriesOf(value: MathValue): TimeSeries {
  if (value instanceof Map) return value;
  throw new Error(`metric math needs a time series here, not ${JSON.stringify(value)}`);
}

function eachValue(operand: MathValue, apply: (value: number) => number): MathValue {
  if (typeof operand === 'number') return apply(operand);
  if (Array.isArray(operand)) return operand.map((series: TimeSeries) => eachValue(series, apply) as TimeSeries);
  return keep([...seriesOf(operand)].map(([period, value]) => [period, apply(value)]));
}

/** Two series meet in the periods that both have; a number meets each value. What cannot be computed (1/0) is missing. */
function combine(left: MathValue, right: MathValue, apply: (a: number, b: number) => number): MathValue {
  if (Array.isArray(left)) return left.map((series: TimeSeries) => combine(series, right, apply) as TimeSeries);
  if (Array.isArray(right)) return right.map((series: TimeSeries) => combine(left, series, apply) as TimeSeries);
  if (typeof left === 'number' && typeof right === 'number') return apply(left, right);
  if (typeof left === 'number') return eachValue(right, (value) => apply(left, value));
  if (typeof right === 'number') return eachValue(left, (value) => apply(value, right));
  const other = seriesOf(right);
  return keep([...seriesOf(left)].filter(([period]) => other.has(period)).map(([period, value]) => [period, apply(value, other.get(period)!)]));
}

function keep(points: Array<[number, number]>): TimeSeries {
  return new Map(points.filter(([, value]) => Number.isFinite(value)));
}

/** Of one series a number; of several the series of what their values in each period make. */
function aggregate(operand: MathValue, apply: (values: readonly number[]) => number): MathValue {
  if (operand instanceof Map) return operand.size === 0 ? new Map() : apply([...operand.values()]);
  if (!Array.isArray(operand)) throw new Error(`metric math can aggregate time series only, not ${JSON.stringify(operand)}`);
  const periods = new Map<number, number[]>();
  for (const [period, value] of (operand as TimeSeries[]).flatMap((series) => [...series])) {
    periods.set(period, [...periods.get(period) ?? [], value]);
  }
  return keep([...periods].sort(([a], [b]) => a - b).map(([period, values]) => [period, apply(values)]));
}

function choose(condition: MathValue, yes: MathValue, no: MathValue): MathValue {
  if (typeof condition === 'number') return condition === 0 ? no : yes;
  const at = (value: MathValue, period: number) => (typeof value === 'number' ? value : seriesOf(value).get(period));
  const points = [...seriesOf(condition)].map(([period, value]): [number, number | undefined] => [period, at(value === 0 ? no : yes, period)]);
  return keep(points.filter((point): point is [number, number] => point[1] !== undefined));
}

/** Gaps take the last value (REPEAT), the line between their neighbours (LINEAR), a number, or another series' value. */
function fillGaps(series: TimeSeries, filler: MathValue, periods: readonly number[]): TimeSeries {
  const known = [...series.keys()].sort((a, b) => a - b);
  const filled: Array<[number, number]> = [];
  for (const period of [...new Set([...periods, ...known])].sort((a, b) => a - b)) {
    const value = series.get(period) ?? gap(period);
    if (value !== undefined) filled.push([period, value]);
  }
  return new Map(filled);

  function gap(period: number): number | undefined {
    if (typeof filler === 'number') return filler;
    if (filler instanceof Map) return filler.get(period);
    const before = known.filter((other) => other < period).pop();
    const after = known.find((other) => other > period);
    if (filler === 'REPEAT') return before === undefined ? undefined : series.get(before);
    if (filler !== 'LINEAR') throw new Error(`FILL takes REPEAT, LINEAR, a number or a metric, not ${JSON.stringify(filler)}`);
    if (before === undefined || after === undefined) return undefined;
    const [from, to] = [series.get(before)!, series.get(after)!];
    return from + (to - from) * (period - before) / (after - before);
  }
}
