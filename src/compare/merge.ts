/**
 * Joining reports: shards become one run, a rerun replaces what it ran again.
 *
 * @module
 */
import { exitCodeOf } from '../judge/exit-code.ts';
import { FindingCollector } from '../judge/group.ts';
import { Tally } from '../judge/tally.ts';
import type { CaseRecord, FooterRecord, HeaderRecord, ReportRecord } from '../model/record.ts';
import { ReportError } from '../support/error.ts';

export interface NamedReport {
  readonly name: string;
  readonly records: AsyncIterable<ReportRecord>;
}

/**
 * Joins reports, oldest first; of a case that stands in several the last one counts. Cases come out in the order of the whole run.
 *
 * @throws ReportError when the reports are about different specs, seeds or targets.
 */
export async function merge(reports: readonly NamedReport[]): Promise<ReportRecord[]> {
  const headers: { name: string; header: HeaderRecord }[] = [];
  const footers: FooterRecord[] = [];
  const cases = new Map<string, CaseRecord>();
  for (const { name, records } of reports) {
    for await (const record of records) {
      if (record.type === 'header') headers.push({ name, header: record });
      else if (record.type === 'footer') footers.push(record);
      else cases.set(`${record.target}\n${record.address}`, record);
    }
  }
  const [first] = headers;
  if (first === undefined) throw new ReportError('there is no report to join', { remedy: 'dac merge REPORT REPORT.' });
  for (const other of headers) refuseForeign(first, other);
  const header = joinHeaders(headers.map((one) => one.header));
  const targetOrder = new Map(header.targets.map(({ name }, index) => [name, index]));
  const ordered = [...cases.values()].sort(
    (a, b) => (targetOrder.get(a.target) ?? 0) - (targetOrder.get(b.target) ?? 0) || (a.order ?? 0) - (b.order ?? 0),
  );
  return [header, ...ordered, joinFooters(footers, ordered)];
}

function refuseForeign(first: { name: string; header: HeaderRecord }, other: { name: string; header: HeaderRecord }): void {
  const differences = (['specs', 'seed'] as const).filter((key) => first.header[key] !== other.header[key]);
  if (differences.length === 0) return;
  const [key = 'specs'] = differences;
  throw new ReportError(
    `${other.name} has ${key} ${String(other.header[key]).slice(0, 12)}, ${first.name} has ${String(first.header[key]).slice(0, 12)}: they are not parts of one run`,
    {
      remedy: key === 'seed' ? 'runs with the same --seed.' : 'runs with the same version and the same --specs.',
    },
  );
}

function joinHeaders(headers: readonly HeaderRecord[]): HeaderRecord {
  const [first] = headers as readonly [HeaderRecord];
  const { shard: _, ...options } = first.options;
  const targets = new Map(headers.flatMap((header) => header.targets.map((target) => [target.name, target])));
  const planned: Record<string, Record<string, number>> = {};
  const isSharded = headers.some((header) => header.options.shard !== undefined);
  for (const header of isSharded ? headers : headers.slice(0, 1)) {
    for (const [target, files] of Object.entries(header.planned ?? {})) {
      const sums = (planned[target] ??= {});
      for (const [file, count] of Object.entries(files)) sums[file] = (sums[file] ?? 0) + count;
    }
  }
  return {
    ...first,
    startedAt: headers.map(({ startedAt }) => startedAt).sort()[0] ?? first.startedAt,
    options,
    targets: [...targets.values()],
    clauses: Object.assign({}, ...headers.map(({ clauses }) => clauses)) as HeaderRecord['clauses'],
    ...(Object.keys(planned).length === 0 ? {} : { planned }),
  };
}

function joinFooters(footers: readonly FooterRecord[], cases: readonly CaseRecord[]): FooterRecord {
  const tally = new Tally();
  const collector = new FindingCollector();
  for (const record of cases) {
    tally.add(record);
    collector.add(record);
  }
  const derived = collector.findings();
  const ids = new Set(derived.map(({ id }) => id));
  const notices = footers.flatMap(({ findings }) => findings).filter(({ id }) => !ids.has(id) && !isDerived(id));
  const cut = footers.find((footer) => footer.cut !== undefined)?.cut;
  const { checks } = tally;
  return {
    type: 'footer',
    cases: tally.cases,
    checks,
    findings: [...new Map(notices.map((one) => [`${one.id}\n${one.title}`, one])).values(), ...derived],
    durationMs: Math.max(0, ...footers.map(({ durationMs }) => durationMs)),
    requests: footers.reduce((sum, { requests }) => sum + requests, 0),
    exitCode: exitCodeOf({
      cases: tally.cases,
      checksJudged: checks.pass + checks.warn + checks.fail + checks.waived,
      interrupted: cut === 'interrupted',
      staleWaivers: notices.filter(({ id }) => id === 'stale-waiver').length,
    }),
    ...(cut === undefined ? {} : { cut }),
  };
}

/** Findings that are made from the cases, and so are made anew. */
function isDerived(id: string): boolean {
  return id === 'refusals-with-success-status' || id.startsWith('same-difference:');
}
