/**
 * A failed case in one message, for test runners that show a diff.
 *
 * @module
 */
import type { CaseRecord } from '../model/record.ts';
import { curlCommand } from './curl.ts';

export interface ConformanceFailure {
  readonly message: string;
  /** Every difference, by check and place. */
  readonly expected: Readonly<Record<string, string>>;
  readonly actual: Readonly<Record<string, string>>;
}

/** Tells why a case failed or was blocked: checks, clauses, differences, and a curl line that reproduces it. */
export function describeFailure(record: CaseRecord): ConformanceFailure {
  const expected: Record<string, string> = {};
  const actual: Record<string, string> = {};
  const lines = [`${record.address}: ${record.title}`];
  if (record.reason !== undefined) lines.push(record.reason);
  for (const step of record.steps) {
    const open = step.checks.filter(({ verdict }) => verdict === 'fail' || verdict === 'blocked');
    for (const check of open) {
      lines.push(`#${check.name} (${check.clauses.join(', ')})${check.message === undefined ? '' : `: ${check.message}`}`);
      for (const mismatch of check.mismatches) {
        expected[`#${check.name} ${mismatch.at}`] = mismatch.expected;
        actual[`#${check.name} ${mismatch.at}`] = mismatch.actual;
      }
    }
    const exchange = step.exchanges.at(-1);
    if (open.length > 0 && exchange !== undefined) lines.push(curlCommand(exchange.request).text);
  }
  return { message: lines.join('\n'), expected, actual };
}
