/** How one recorded case went. */
export interface CaseResult {
  readonly id: string;
  readonly passed: boolean;
  readonly expected: unknown;
  readonly actual: unknown;
}
