import { parseJsonata } from '../shared/jsonata';

/** Where the parts of a gathering are in the execution's input. */
export interface RequestMappingOptions {
  /**
   * JSONata in `{% %}` over `$input`: a string of 1 to 256 characters.
   * @default - the execution's name
   */
  readonly correlationId?: string;

  /**
   * JSONata in `{% %}` over `$input`: what the responders receive.
   * @default - the whole input
   */
  readonly request?: string;

  /**
   * JSONata in `{% %}` over `$input`: a list of ids of responders to ask.
   * @default - all responders whose condition holds
   */
  readonly recipients?: string;
}

/** How an execution's input becomes correlation id, request and recipients. */
export class RequestMapping {
  /** The input is `{ correlationId?, request, recipients? }`; an absent id is the execution's name. */
  public static envelope(): RequestMapping {
    return new RequestMapping('$input.correlationId', '$input.request', '$input.recipients');
  }

  /**
   * The parts are picked out of an input of any shape.
   * @param options which parts are where
   */
  public static fields(options: RequestMappingOptions): RequestMapping {
    const pick = (name: keyof RequestMappingOptions, absent: string) =>
      options[name] === undefined ? absent : `(${parseJsonata(`${name} of RequestMapping.fields`, options[name])})`;
    return new RequestMapping(pick('correlationId', '$lookup({}, "absent")'), pick('request', '$input'), pick('recipients', '$lookup({}, "absent")'));
  }

  private readonly correlationId: string;
  private readonly request: string;
  private readonly recipients: string;

  private constructor(correlationId: string, request: string, recipients: string) {
    this.correlationId = correlationId;
    this.request = request;
    this.recipients = recipients;
  }

  /**
   * JSONata expressions without braces over `$input`.
   * @internal
   */
  public _bind(): { correlationId: string; request: string; recipients: string } {
    return { correlationId: this.correlationId, request: this.request, recipients: this.recipients };
  }
}
