/**
 * A run against what is known: failures that the baseline already had do not count, new ones are regressions.
 *
 * @module
 */
import { exitCodeOf } from '../judge/exit-code.ts';
import type { FooterRecord, ReportRecord } from '../model/record.ts';
import { compare, digestRun, type RunDigest } from './compare.ts';

/** Passes the records on; the footer tells the regressions as findings and carries the exit code of a run with a baseline. */
export async function* againstBaseline(
  records: AsyncIterable<ReportRecord>,
  baseline: RunDigest,
): AsyncGenerator<ReportRecord, void, undefined> {
  const seen: ReportRecord[] = [];
  for await (const record of records) {
    if (record.type !== 'footer') {
      seen.push(withoutBodies(record));
      yield record;
      continue;
    }
    const { broken, new: added, stillFailing } = compare(baseline, await digestRun(seen));
    const regressions = [...broken, ...added.filter(({ after }) => after === 'fail' || after === 'error')];
    yield {
      ...judgedAgain(record, regressions.length),
      findings: [
        ...record.findings,
        ...findingsOf(
          regressions.map(({ address }) => address),
          stillFailing.length,
        ),
      ],
    };
  }
}

/** A comparison of verdicts needs no exchanges. */
function withoutBodies(record: ReportRecord): ReportRecord {
  return record.type === 'case' ? { ...record, steps: record.steps.map((step) => ({ ...step, exchanges: [] })) } : record;
}

function judgedAgain(footer: FooterRecord, regressions: number): FooterRecord {
  const { checks, cases, cut } = footer;
  const checksJudged = checks.pass + checks.warn + checks.fail + checks.waived;
  return { ...footer, exitCode: exitCodeOf({ cases, checksJudged, interrupted: cut === 'interrupted', regressions }) };
}

function findingsOf(regressions: readonly string[], known: number): FooterRecord['findings'] {
  const found: FooterRecord['findings'][number][] = [];
  if (regressions.length > 0) {
    found.push({
      id: 'regression',
      title: `${regressions.length} failures that the baseline did not have: ${regressions.join(', ')}`,
      confidence: 'certain',
      verdict: 'fail',
      checks: [],
    });
  }
  if (known > 0) {
    found.push({
      id: 'known-failures',
      title: `${known} failures stand in the baseline as well and do not count`,
      confidence: 'certain',
      verdict: 'warn',
      checks: [],
    });
  }
  return found;
}
