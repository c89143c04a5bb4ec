import { ASL_CASE_FIELDS, AslCase, runAslCase } from '../conformance/asl-case';
import { readCases, UnusableCases } from '../conformance/case-files';
import { EVENT_PATTERN_CASE_FIELDS, EventPatternCase, runEventPatternCase } from '../conformance/event-pattern-case';
import { CaseResult } from '../conformance/result';

const USAGE = 'usage: npm run conformance -- DIR, where DIR has the recorded cases asl.jsonl and event-patterns.jsonl';

/** Runs the cases recorded on AWS; the exit code is 0 when all pass, 1 when any fails, 2 when they cannot be read. */
async function main(args: readonly string[]): Promise<number> {
  if (args.length !== 1) {
    console.error(USAGE);
    return 2;
  }
  try {
    const aslCases = readCases<AslCase>(args[0], 'asl.jsonl', ASL_CASE_FIELDS);
    const patternCases = readCases<EventPatternCase>(args[0], 'event-patterns.jsonl', EVENT_PATTERN_CASE_FIELDS);
    const results: CaseResult[] = [];
    for (const aslCase of aslCases) results.push(await runAslCase(aslCase));
    results.push(...patternCases.map(runEventPatternCase));
    return report(results);
  } catch (thrown) {
    if (!(thrown instanceof UnusableCases)) throw thrown;
    console.error(thrown.message);
    return 2;
  }
}

function report(results: readonly CaseResult[]): number {
  const failed = results.filter((result) => !result.passed);
  for (const { id, expected, actual } of failed) {
    console.log(`${id}\n  expected ${JSON.stringify(expected)}\n  actual   ${JSON.stringify(actual)}`);
  }
  console.log(`${results.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => { process.exitCode = code; },
  (thrown) => {
    console.error(thrown);
    process.exitCode = 2;
  },
);
