/**
 * Joining reports: shards become one run, a rerun replaces what it ran again. Cases are read a second time when their turn comes, so that nothing
 * but their places is kept.
 *
 * @module
 */
import { exitCodeOf, exitCodes } from '../judge/exit-code.ts';
import { failedAlone, FindingCollector } from '../judge/group.ts';
import { Tally } from '../judge/tally.ts';
import type { CaseRecord, FooterRecord, HeaderRecord, ReportRecord } from '../model/record.ts';
import { ReportError } from '../support/error.ts';

export interface NamedReport {
  readonly name: string;
  readonly records: AsyncIterable<RereadableRecord>;
}

export interface RereadableRecord {
  readonly record: ReportRecord;
  /** Reads the case once more. */
  readonly readAgain: () => Promise<CaseRecord>;
}

interface Place {
  readonly target: string;
  readonly order: number;
  readonly readAgain: () => Promise<CaseRecord>;
}

/**
 * Joins reports, oldest first; of a case that stands in several the last one counts. Cases come out in the order of the whole run. A report without
 * its footer is joined as well: the joined one is cut unless the others hold what it lacks.
 *
 * @throws ReportError when the reports are about different specs, seeds or ways of judging.
 */
export async function* merge(reports: readonly NamedReport[]): AsyncGenerator<ReportRecord, void, undefined> {
  const headers: NamedHeader[] = [];
  const footers: FooterRecord[] = [];
  const places = new Map<string, Place>();
  const held = new Map<string, number>();
  for (const { name, records } of reports) {
    for await (const { record, readAgain } of records) {
      if (record.type === 'header') {
        const [first = { name, header: record }] = headers;
        refuseForeign(first, { name, header: record });
        headers.push({ name, header: record });
      } else if (record.type === 'footer') footers.push(record);
      else {
        const key = `${record.target}\n${record.address}`;
        const file = `${record.target}\n${record.file}`;
        if (!places.has(key)) held.set(file, (held.get(file) ?? 0) + 1);
        places.set(key, { target: record.target, order: record.order ?? 0, readAgain });
      }
    }
  }
  if (headers.length === 0) throw new ReportError('there is no report to join', { remedy: 'dac merge REPORT REPORT.' });
  const header = joinHeaders(headers.map((one) => one.header));
  yield header;
  const targetOrder = new Map(header.targets.map(({ name }, index) => [name, index]));
  const ordered = [...places.values()].sort(
    (a, b) => (targetOrder.get(a.target) ?? 0) - (targetOrder.get(b.target) ?? 0) || a.order - b.order,
  );
  const tally = new Tally();
  const collector = new FindingCollector(headers[0]?.header.options.strict);
  for (const { readAgain } of ordered) {
    const record = await readAgain();
    tally.add(record);
    collector.add(record);
    yield record;
  }
  const isCut = footers.length < headers.length || footers.some(({ cut }) => cut !== undefined);
  const missing = missingOf(
    headers.map((one) => one.header),
    header,
    held,
    isCut,
  );
  yield joinFooters(footers, tally, collector, missing);
}

interface NamedHeader {
  readonly name: string;
  readonly header: HeaderRecord;
}

/** What makes verdicts comparable. */
const traits: Readonly<Record<string, { readonly of: (header: HeaderRecord) => unknown; readonly remedy: string }>> = {
  specs: { of: ({ specs }) => specs.slice(0, 12), remedy: 'runs with the same version and the same --specs.' },
  seed: { of: ({ seed }) => seed, remedy: 'runs with the same --seed.' },
  strict: { of: ({ options }) => options.strict, remedy: 'runs that all have --strict, or none.' },
  witness: { of: ({ options }) => options.witness ?? 'any', remedy: 'runs with the same --witness.' },
};

function refuseForeign(first: NamedHeader, other: NamedHeader): void {
  for (const [trait, { of, remedy }] of Object.entries(traits)) {
    const [expected, found] = [of(first.header), of(other.header)];
    if (expected === found) continue;
    throw new ReportError(
      `${other.name} has ${trait} ${String(found)}, ${first.name} has ${String(expected)}: they are not parts of one run`,
      { remedy },
    );
  }
}

function joinHeaders(headers: readonly HeaderRecord[]): HeaderRecord {
  const [first] = headers as readonly [HeaderRecord];
  const { shard: _, ...options } = first.options;
  const all = headers.flatMap((header) => header.targets);
  const targets = new Map(all.map(({ order: place, ...target }) => [target.name, { place, target }]));
  const planned = joinPlans(headers);
  const join = <K extends 'clauses' | 'deviations' | 'flows' | 'registers'>(key: K): NonNullable<HeaderRecord[K]> =>
    Object.assign({}, ...headers.map((header) => header[key])) as NonNullable<HeaderRecord[K]>;
  return {
    ...first,
    startedAt: headers.map(({ startedAt }) => startedAt).sort()[0] ?? first.startedAt,
    options,
    targets: [...targets.values()].sort((a, b) => (a.place ?? 0) - (b.place ?? 0)).map(({ target }) => target),
    clauses: join('clauses'),
    ...(headers.some(({ deviations }) => deviations !== undefined) ? { deviations: join('deviations') } : {}),
    ...(headers.some(({ flows }) => flows !== undefined) ? { flows: join('flows') } : {}),
    ...(headers.some(({ registers }) => registers !== undefined) ? { registers: join('registers') } : {}),
    ...(Object.keys(planned).length === 0 ? {} : { planned }),
  };
}

/** What the whole run planned: shards add up, of whole runs and reruns the largest counts. */
function joinPlans(headers: readonly HeaderRecord[]): Record<string, Record<string, number>> {
  const planned: Record<string, Record<string, number>> = {};
  const seen = new Set<string>();
  const sharded: Record<string, Record<string, number>> = {};
  for (const { planned: own = {}, options } of headers) {
    for (const [target, files] of Object.entries(own)) {
      const sums = (sharded[target] ??= {});
      const largest = (planned[target] ??= {});
      const isFresh = options.shard !== undefined && !seen.has(`${options.shard}\n${target}`);
      if (options.shard !== undefined) seen.add(`${options.shard}\n${target}`);
      for (const [file, count] of Object.entries(files)) {
        if (options.shard === undefined) largest[file] = Math.max(largest[file] ?? 0, count);
        else if (isFresh) sums[file] = (sums[file] ?? 0) + count;
      }
    }
  }
  for (const [target, files] of Object.entries(sharded)) {
    const largest = (planned[target] ??= {});
    for (const [file, count] of Object.entries(files)) largest[file] = Math.max(largest[file] ?? 0, count);
  }
  return planned;
}

/** What of the run is in none of the reports, as one phrase. */
function missingOf(
  headers: readonly HeaderRecord[],
  { planned }: HeaderRecord,
  held: ReadonlyMap<string, number>,
  isCut: boolean,
): string | undefined {
  const parts = headers.flatMap(({ options: { shard } }) => (shard === undefined ? [] : [shard]));
  const counts = new Set(parts.map((shard) => Number(shard.split('/')[1])));
  const lacking = [...counts].flatMap((count) =>
    Array.from({ length: count }, (_, index) => `${index + 1}/${count}`).filter((shard) => !parts.includes(shard)),
  );
  if (lacking.length > 0) return `shard ${lacking.join(', ')} ${lacking.length === 1 ? 'is' : 'are'} missing`;
  if (planned === undefined) return isCut ? 'a part was cut' : undefined;
  const missing = Object.entries(planned).flatMap(([target, files]) =>
    Object.entries(files).map(([file, count]) => Math.max(0, count - (held.get(`${target}\n${file}`) ?? 0))),
  );
  const sum = missing.reduce((all, one) => all + one, 0);
  return sum === 0 ? undefined : `${sum} ${sum === 1 ? 'case is' : 'cases are'} missing`;
}

function joinFooters(
  footers: readonly FooterRecord[],
  tally: Tally,
  collector: FindingCollector,
  missing: string | undefined,
): FooterRecord {
  const derived = collector.findings();
  const ids = new Set(derived.map(({ id }) => id));
  const notices = footers.flatMap(({ findings }) => findings).filter(({ id }) => !ids.has(id) && !isDerived(id));
  const interrupted = missing !== undefined && footers.some(({ cut }) => cut === 'interrupted');
  const { checks } = tally;
  const code = exitCodeOf({
    cases: tally.cases,
    checksJudged: checks.pass + checks.warn + checks.fail + checks.waived,
    failedFindings: failedAlone(derived),
    interrupted,
    staleWaivers: notices.filter(({ id }) => id === 'stale-waiver').length,
  });
  // What is not there was not tested, and nothing untested is green.
  const isGreen = code === exitCodes.ok || code === exitCodes.staleWaiver;
  return {
    type: 'footer',
    cases: tally.cases,
    checks,
    findings: [...new Map(notices.map((one) => [`${one.id}\n${one.target ?? ''}\n${one.title}`, one])).values(), ...derived],
    durationMs: Math.max(0, ...footers.map(({ durationMs }) => durationMs)),
    requests: footers.reduce((sum, { requests }) => sum + requests, 0),
    exitCode: missing !== undefined && isGreen ? exitCodes.cannotTell : code,
    ...(missing === undefined ? {} : { cut: interrupted ? `interrupted, ${missing}` : missing }),
  };
}

/** Findings that are made from the cases, and so are made anew; what a baseline said holds for the run that was compared with it. */
function isDerived(id: string): boolean {
  return (
    /^(mixed-versions|refusals-with-success-status|lifetime-unit|regression|known-failures)$/.test(id) || id.startsWith('same-difference:')
  );
}
