/** An error that Step Functions sees under this name: Lambda reports an error's `name` as its type. */
export class NamedError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}
