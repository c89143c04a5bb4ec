import type { AlarmStateValue } from './alarm-evaluation';

/** A composite alarm's rule: whether it holds, given the states of other alarms. */
export type AlarmRule = (stateOf: (alarm: string) => AlarmStateValue) => boolean;

/**
 * Reads `ALARM("a") AND (OK(b) OR NOT INSUFFICIENT_DATA(c))`; alarms go by name or ARN, quoted or not.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html (AlarmRule)
 */
export function parseAlarmRule(text: string): AlarmRule {
  const tokens = text.match(/"[^"]*"|'[^']*'|[()]|[^\s()"']+/g) ?? [];
  let position = 0;
  const fail = (): never => {
    throw new Error(`alarm rule '${text}' is not valid near '${tokens.slice(Math.max(0, position - 1)).join(' ')}'`);
  };
  const take = (token: string) => tokens[position] === token && position++ >= 0;
  const expect = (token: string) => take(token) || fail();
  const either = (): AlarmRule => {
    let left = both();
    while (take('OR')) {
      const [a, b] = [left, both()];
      left = (stateOf) => a(stateOf) || b(stateOf);
    }
    return left;
  };
  const both = (): AlarmRule => {
    let left = one();
    while (take('AND')) {
      const [a, b] = [left, one()];
      left = (stateOf) => a(stateOf) && b(stateOf);
    }
    return left;
  };
  const one = (): AlarmRule => {
    if (take('NOT')) {
      const operand = one();
      return (stateOf) => !operand(stateOf);
    }
    if (take('(')) {
      const inner = either();
      expect(')');
      return inner;
    }
    if (take('TRUE')) return () => true;
    if (take('FALSE')) return () => false;
    const state = tokens[position++];
    if (state !== 'OK' && state !== 'ALARM' && state !== 'INSUFFICIENT_DATA') fail();
    expect('(');
    const alarm = alarmName((tokens[position++] ?? fail()).replace(/^["']|["']$/g, ''));
    expect(')');
    return (stateOf) => stateOf(alarm) === state;
  };
  const rule = either();
  if (position < tokens.length) {
    position++;
    fail();
  }
  return rule;
}

function alarmName(nameOrArn: string): string {
  const arn = /^arn:[^:]+:cloudwatch:[^:]*:[^:]*:alarm:(.+)$/.exec(nameOrArn);
  return arn ? arn[1] : nameOrArn;
}
