import { hasKey, Json, JsonObject } from './json';

/**
 * The variables of a workflow and, through `outer`, those of the workflows around it, which branches and inline iterations can read but not
 * write.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
 */
export class Variables {
  private values: JsonObject = {};

  constructor(private readonly outer?: Variables) {}

  get(name: string): Json | undefined {
    if (hasKey(this.values, name)) return this.values[name];
    return this.outer?.get(name);
  }

  assign(values: JsonObject): void {
    this.values = { ...this.values, ...values };
  }

  /** All that can be seen from here, inner ones before outer ones. */
  all(): JsonObject {
    return this.outer ? { ...this.outer.all(), ...this.values } : this.values;
  }
}
