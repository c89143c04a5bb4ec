import type { SqsRecord } from './sqs-event';
import { EventPattern } from '../events/pattern';

/**
 * The filter criteria of an SQS event source: a message passes when any filter matches it. The body is matched as JSON when it is
 * JSON, else as text. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
 */
export class SqsFilter {
  private readonly patterns: readonly EventPattern[];

  /** @throws one sentence naming the filter when a pattern is not valid */
  constructor(filterCriteria: any) {
    this.patterns = (filterCriteria?.Filters ?? []).map(({ Pattern }: any) => EventPattern.compile(Pattern, 'filter'));
  }

  passes(record: SqsRecord): boolean {
    if (this.patterns.length === 0) return true;
    const event = { ...record, body: bodyOf(record) };
    return this.patterns.some((pattern) => pattern.matches(event));
  }
}

function bodyOf({ body }: SqsRecord): unknown {
  try {
    const parsed = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : body;
  } catch {
    return body;
  }
}
