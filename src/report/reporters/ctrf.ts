/**
 * CTRF (https://ctrf.io), for dashboards that read it. Our verdicts stand in `rawStatus`; nothing untested becomes `passed`.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { CaseRecord, HeaderRecord } from '../../model/record.ts';
import { jsonText } from '../../support/json-text.ts';
import { checksOf, emptyTally, expiryText, notableChecks, standingOfCase, tallySum } from '../digest.ts';
import type { Standing } from '../digest.ts';
import { caseLines, checkLine } from '../plain.ts';
import type { Reporter, ReporterContext } from '../reporter.ts';
import { visible } from '../text.ts';

/** Version of the CTRF specification that this follows. */
const specVersion = '0.0.0';

const statuses = {
  pass: 'passed',
  warn: 'passed',
  fail: 'failed',
  error: 'failed',
  blocked: 'failed',
  waived: 'skipped',
  skipped: 'skipped',
} as const satisfies Record<Standing, string>;

/** Streams the tests and puts the summary behind them: the order of members means nothing in JSON. */
export function ctrfReporter({ write, now }: ReporterContext): Reporter {
  let header: HeaderRecord | undefined;
  let startMs = 0;
  let stopMs = 0;
  let ended = false;
  const tally = emptyTally();
  const suites = new Set<string>();

  async function finish(extra: Readonly<Record<string, unknown>>, durationMs: number): Promise<void> {
    ended = true;
    const count = (status: string) =>
      (Object.keys(statuses) as Standing[]).filter((one) => statuses[one] === status).reduce((sum, one) => sum + tally[one], 0);
    const summary = {
      tests: tallySum(tally),
      passed: count('passed'),
      failed: count('failed'),
      skipped: count('skipped'),
      pending: 0,
      other: 0,
      suites: suites.size,
      start: startMs,
      stop: startMs + Math.round(durationMs),
      duration: Math.round(durationMs),
      extra: { verdicts: tally, ...extra },
    };
    await write(`\n],\n"summary": ${jsonText(summary)}\n}\n}\n`);
  }

  return {
    onHeader(record) {
      header = record;
      const start = Date.parse(record.startedAt);
      startMs = Number.isNaN(start) ? 0 : start;
      const tool = { name: record.suite.name, version: record.suite.version };
      const extra = { targets: record.targets, specs: record.specs, seed: record.seed, options: record.options };
      const head = { reportFormat: 'CTRF', specVersion, timestamp: now().toISOString(), generatedBy: record.suite.name, extra };
      return write(`${jsonText(head).slice(0, -1)},\n"results": {\n"tool": ${jsonText(tool)},\n"tests": [`);
    },
    onCase(record) {
      const standing = standingOfCase(record);
      const isFirst = tallySum(tally) === 0;
      tally[standing] += 1;
      suites.add(`${record.target}\n${record.file}`);
      stopMs = Math.max(stopMs, record.startedMs + record.durationMs);
      return write(`${isFirst ? '' : ','}\n${jsonText(testOf(record, standing, header, startMs))}`);
    },
    onFooter: (footer) =>
      finish(
        {
          exitCode: footer.exitCode,
          requests: footer.requests,
          findings: footer.findings.map(({ evidence: _, ...finding }) => finding),
          ...(footer.cut === undefined ? {} : { cut: footer.cut }),
        },
        footer.durationMs,
      ),
    close: () => (ended || header === undefined ? undefined : finish({ cut: 'no footer' }, stopMs)),
  };
}

function testOf(
  record: CaseRecord,
  standing: Standing,
  header: HeaderRecord | undefined,
  startMs: number,
): Readonly<Record<string, unknown>> {
  const notable = notableChecks(record);
  const told = notable.filter(({ check }) => check.verdict === record.verdict);
  const [first] = told.length > 0 ? told : notable;
  const message = record.reason ?? (first === undefined ? undefined : checkLine(first.check));
  const trace = notable.length === 0 ? undefined : caseLines(header, record, notable).join('\n');
  const witnesses = [...new Set(checksOf(record).flatMap(({ check }) => check.clauses))].flatMap((id) => {
    const clause = header?.clauses[id];
    return clause === undefined ? [] : [clause.witness];
  });
  return {
    testId: createHash('sha256').update(`${record.target}\n${record.address}`).digest('hex').slice(0, 32),
    name: visible(`${record.address}: ${record.title}`),
    status: statuses[standing],
    rawStatus: standing,
    duration: Math.round(record.durationMs),
    start: startMs + Math.round(record.startedMs),
    stop: startMs + Math.round(record.startedMs + record.durationMs),
    suite: [record.target, record.profile, record.file].map(visible),
    ...(message === undefined || standing === 'pass' ? {} : { message: visible(message) }),
    ...(trace === undefined ? {} : { trace }),
    filePath: record.file,
    line: record.line,
    type: 'conformance',
    tags: [...new Set(witnesses)],
    labels: { target: record.target, profile: record.profile, ...(record.clauses.length === 0 ? {} : { clauses: record.clauses }) },
    ...(record.runs === undefined ? {} : { extra: { runs: record.runs } }),
    ...(record.expiry === undefined ? {} : { stdout: [expiryText(record.expiry)] }),
  };
}
