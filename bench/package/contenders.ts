/**
 * Of each pattern the nearest construct of aws-solutions-constructs: what it connects is a part of what the pattern does. Each is the newest version
 * that can be installed beside this repository's aws-cdk-lib, as of 2026-11-22: its peer range has it, and its own dependencies are published.
 */
export const CONTENDERS_DATED = '2026-11-22';

export const SCOPE = '@aws-solutions-constructs';

export interface Contender {
  readonly pattern: string;
  readonly name: string;
  readonly version: string;
}

export const CONTENDERS: readonly Contender[] = [
  { pattern: 'scatter-gather', name: `${SCOPE}/aws-eventbridge-stepfunctions`, version: '2.56.0' },
  { pattern: 'transactional-outbox', name: `${SCOPE}/aws-dynamodbstreams-lambda`, version: '2.101.0' },
  { pattern: 'orchestrated-saga', name: `${SCOPE}/aws-lambda-stepfunctions`, version: '2.56.0' },
  { pattern: 'throttled-fan-out', name: `${SCOPE}/aws-sns-sqs`, version: '2.56.0' },
  { pattern: 'work-stealing-pool', name: `${SCOPE}/aws-sqs-lambda`, version: '2.104.0' },
];
