import * as cdk from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** The part of aws-cdk-lib's `Validations` that is used; it does not exist at the peer floor. */
interface ValidationsClass {
  of(scope: IConstruct): { acknowledge(rule: { id: string; reason: string }): void };
}

/** Records why a finding of a rule pack (cdk-nag and the like) does not apply to this construct. */
export function acknowledgeFinding(scope: IConstruct, id: string, reason: string): void {
  const { Validations } = cdk as unknown as { Validations?: ValidationsClass };
  Validations?.of(scope).acknowledge({ id, reason });
}
