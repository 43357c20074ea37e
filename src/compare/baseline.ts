/**
 * A run against what is known: failures that the baseline already had do not count, new ones are regressions.
 *
 * @module
 */
import { exitCodeOf, exitCodes } from '../judge/exit-code.ts';
import type { FooterRecord, HeaderRecord, ReportRecord } from '../model/record.ts';
import { compare, digestCase, type CaseDigest, type RunDigest } from './compare.ts';

/** Passes the records on; the footer tells the regressions as findings and carries the exit code of a run with a baseline. */
export async function* againstBaseline(
  records: AsyncIterable<ReportRecord>,
  baseline: RunDigest,
): AsyncGenerator<ReportRecord, void, undefined> {
  let header: HeaderRecord | undefined;
  const cases: CaseDigest[] = [];
  for await (const record of records) {
    if (record.type !== 'footer') {
      if (record.type === 'header') header = record;
      else cases.push(digestCase(record));
      yield record;
      continue;
    }
    const { broken, new: added, stillFailing } = compare(baseline, { header: header ?? baseline.header, cases });
    const regressions = [...broken, ...added.filter(({ after }) => after === 'fail' || after === 'error')];
    yield {
      ...judgedAgain(record, regressions.length),
      findings: [
        ...record.findings,
        ...findingsOf(
          regressions.map(({ address, target }) => (target === undefined ? address : `[${target}] ${address}`)),
          stillFailing.length,
        ),
      ],
    };
  }
}

function judgedAgain(footer: FooterRecord, regressions: number): FooterRecord {
  const { checks, cases, cut, findings } = footer;
  const code = exitCodeOf({
    cases,
    checksJudged: checks.pass + checks.warn + checks.fail + checks.waived,
    interrupted: footer.exitCode === exitCodes.interrupted,
    regressions,
    staleWaivers: findings.filter(({ id }) => id === 'stale-waiver').length,
  });
  // What was not run may have broken: a part is never green.
  const isGreen = code === exitCodes.ok || code === exitCodes.staleWaiver;
  return { ...footer, exitCode: cut !== undefined && isGreen ? exitCodes.cannotTell : code };
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
