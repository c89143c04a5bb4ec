/** What a linter says about a template. */
export interface Finding {
  /** The linter's name of the rule, such as `W3005` or `wildcard_resource`. */
  readonly rule: string;
  /** The resource's construct path; its logical id where a template does not tell the path. */
  readonly where: string;
  readonly message: string;
}
