/** Who asks. */
export type Principal =
  /** A role of the template, by its ARN: its policies are enforced. */
  | { readonly kind: 'role'; readonly arn: string }
  /** An AWS service acting for a resource: resource policies are enforced. */
  | { readonly kind: 'service'; readonly service: string; readonly sourceArn?: string }
  /** Whoever runs the simulation: allowed everything. */
  | { readonly kind: 'operator' };

/** One thing that a call does, in IAM's terms. */
export interface AccessRequest {
  /** For example `dynamodb:PutItem`. */
  readonly action: string;
  /** ARN of the resource; `*` where the service has no resource-level permission. */
  readonly resource: string;
  /** ARN of what holds the resource policy, where that is not the resource itself: an object's bucket. */
  readonly policyHolder?: string;
  /** Condition keys of this request, e.g. `dynamodb:LeadingKeys`. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}
