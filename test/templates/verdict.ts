import type { Exception } from './exceptions';
import type { Finding } from './finding';

/** Sorts findings out by the exceptions, and remembers which of those were of use. */
export class Verdict {
  private readonly used = new Set<Exception>();

  constructor(private readonly exceptions: readonly Exception[]) {}

  /** The findings that no exception covers. */
  remaining(findings: readonly Finding[]): Finding[] {
    return findings.filter((finding) => {
      const covering = this.exceptions.filter((exception) => covers(exception, finding));
      for (const exception of covering) this.used.add(exception);
      return covering.length === 0;
    });
  }

  /** Exceptions that have covered nothing: what they excused is gone, and they would excuse the next of its kind. */
  unused(): Exception[] {
    return this.exceptions.filter((exception) => !this.used.has(exception));
  }
}

function covers({ rule, where, says }: Exception, finding: Finding): boolean {
  return rule === finding.rule && where.test(finding.where) && (says === undefined || says.test(finding.message));
}
