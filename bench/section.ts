import { PRICES } from './prices';
import { markdownTable } from './table';

/** One row of a table: what it says of each measurement. */
export interface Figure<Measurement> {
  readonly name: string;
  of(measurement: Measurement): string;
}

/** Prints a headline, what one has to know of the figures, and the figures. */
export function section(title: string, text: readonly string[], content: string) {
  console.log(['', `### ${title}`, '', ...(text.length > 0 ? [...text, ''] : []), content, ''].join('\n'));
}

/** A column for each measurement, a row for each figure. */
export function figureTable<Measurement>(
  measurements: readonly Measurement[], titleOf: (measurement: Measurement) => string, figures: readonly Figure<Measurement>[],
): string {
  return markdownTable(['', ...measurements.map(titleOf)], figures.map((figure) => [figure.name, ...measurements.map((measurement) => figure.of(measurement))]));
}

export function priceTable(): string {
  return markdownTable(['unit', '$', 'what', 'source'],
    Object.entries(PRICES).map(([unit, { dollars, what, source }]) => [unit, withoutExponent(dollars), what, source]), 'text');
}

function withoutExponent(dollars: number): string {
  return dollars === 0 ? '0' : dollars.toFixed(12).replace(/0+$/, '');
}
