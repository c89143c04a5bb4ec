import type { HttpAnswer, HttpRequest } from './message';

/** What an endpoint may do in virtual time. */
export interface EndpointTools {
  sleep(ms: number): Promise<void>;
  /** Virtual time in milliseconds since 1970. */
  now(): number;
}

/** Answers the requests to one endpoint. */
export type EndpointHandler = (request: HttpRequest, tools: EndpointTools) => HttpAnswer | Promise<HttpAnswer>;

interface Endpoint {
  readonly origin: string;
  /** Of the path; `*` stands for any one of them. */
  readonly segments: readonly string[];
  readonly handler: EndpointHandler;
}

/** The endpoints outside AWS that a simulation has. */
export class EndpointDirectory {
  private readonly endpoints = new Map<string, Endpoint>();

  /** A URL that is registered already gets the new handler. */
  register(url: string, handler: EndpointHandler) {
    const { origin, pathname, protocol, search, hash } = parse(url);
    if (protocol !== 'https:' && protocol !== 'http:') throw new Error(`an endpoint is an http or https URL, got ${url}`);
    if (search || hash) throw new Error(`an endpoint's URL has no query and no fragment, got ${url}`);
    this.endpoints.set(`${origin}${pathname}`, { origin, segments: segmentsOf(pathname), handler });
  }

  /** An endpoint answers for its URL and all below it; the longest URL wins, then the one with fewer wildcards. */
  find(url: string): EndpointHandler {
    const { origin, pathname } = parse(url);
    const path = segmentsOf(pathname);
    const fitting = [...this.endpoints.values()]
      .filter((endpoint) => endpoint.origin === origin && isPrefix(endpoint.segments, path))
      .sort((a, b) => b.segments.length - a.segments.length || wildcards(a) - wildcards(b));
    if (fitting.length > 0) return fitting[0].handler;
    const known = [...this.endpoints.keys()].join(', ') || 'none';
    throw new Error(`nothing answers at ${origin}${pathname}; register it with simulation.http.endpoint(url, handler); registered: ${known}`);
  }
}

function parse(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw new Error(`'${url}' is not a URL`);
  }
}

function segmentsOf(pathname: string): string[] {
  return pathname.split('/').filter((segment) => segment !== '');
}

function isPrefix(pattern: readonly string[], path: readonly string[]): boolean {
  return pattern.length <= path.length && pattern.every((segment, index) => segment === '*' || segment === path[index]);
}

function wildcards({ segments }: Endpoint): number {
  return segments.filter((segment) => segment === '*').length;
}
