import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { type ControlItem, type DispatcherSettings, itemKey } from '../../src/throttled-fan-out/contract';

/** What an operator writes holds a second later at the latest. */
const FRESH_MS = 1_000;
const HIGHEST_RATE = 10_000;
const LOWEST_BURST = 2;
/** A slot must be usable for 20 ms: half of the burst above one delivery, at the rate. */
const BURST_SECONDS = 0.04;

type LimitValues = Pick<DispatcherSettings['limit'], 'ratePerSecond' | 'burst'>;

export interface OperatorControlProps {
  readonly documents: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly settings: DispatcherSettings;
  readonly now: () => number;
  readonly warn: (message: string, details: Record<string, unknown>) => void;
}

/** What the operator wants, as it is in the table. */
export class OperatorControl {
  private last: { readonly at: number; readonly control: Promise<ControlItem> } | undefined;
  private warnedOf = '';

  constructor(private readonly props: OperatorControlProps) {}

  /** @throws when it cannot be read: perhaps somebody has paused the target */
  readonly read = (): Promise<ControlItem> => {
    const now = this.props.now();
    if (!this.last || now - this.last.at >= FRESH_MS || now < this.last.at) {
      const control = this.fetch();
      this.last = { at: now, control };
      // What has failed is no answer for a second.
      control.catch(() => {
        this.last = undefined;
      });
    }
    return this.last.control;
  };

  private async fetch(): Promise<ControlItem> {
    const { documents, tableName, settings, warn } = this.props;
    const { Item = {} } = await documents.send(new GetCommand({ TableName: tableName, Key: { id: itemKey.control(settings.target) } }));
    const { control, refused } = controlOf(Item, settings.limit);
    const warning = refused.join('; ');
    if (warning !== this.warnedOf && warning !== '') warn('the control item has values that are not taken; what is deployed holds instead', { refused });
    this.warnedOf = warning;
    return control;
  }
}

/** What of an item can be taken, and why the rest cannot. */
export function controlOf(
  { id: _id, ...item }: Record<string, unknown>,
  deployed: LimitValues,
): { readonly control: ControlItem; readonly refused: readonly string[] } {
  const control: Record<string, unknown> = {};
  const refused: string[] = [];
  for (const [name, value] of Object.entries(item)) {
    const allowed = ALLOWED[name as keyof ControlItem];
    if (!allowed) refused.push(`'${name}' is no control; there are ${Object.keys(ALLOWED).join(', ')}`);
    else if (!allowed.is(value)) refused.push(`'${name}' is ${shown(value)}; it takes ${allowed.text}`);
    else control[name] = value;
  }
  const { ratePerSecond = deployed.ratePerSecond, burst = deployed.burst } = control as ControlItem;
  const lowest = Math.max(LOWEST_BURST, Math.ceil(1 + ratePerSecond * BURST_SECONDS));
  if (burst < lowest) {
    refused.push(`'burst' is ${burst} at ${ratePerSecond} a second; it must be at least ${lowest}`);
    delete control.ratePerSecond;
    delete control.burst;
  }
  return { control, refused };
}

const ALLOWED: { readonly [Name in keyof ControlItem]-?: { readonly is: (value: unknown) => boolean; readonly text: string } } = {
  ratePerSecond: { is: (value) => isNumber(value) && value > 0 && value <= HIGHEST_RATE, text: `a number above 0, at most ${HIGHEST_RATE}` },
  burst: { is: (value) => isNumber(value) && value >= LOWEST_BURST, text: `a number of at least ${LOWEST_BURST}` },
  paused: { is: isBoolean, text: 'true or false' },
  killSwitch: { is: (value) => value === 'OPEN' || value === 'CLOSED' || value === 'AUTO', text: 'OPEN, CLOSED or AUTO' },
  dryRun: { is: isBoolean, text: 'true or false' },
};

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function shown(value: unknown): string {
  return `${JSON.stringify(value)}`.slice(0, 100);
}
