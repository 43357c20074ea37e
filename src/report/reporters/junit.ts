/**
 * JUnit XML, the one format that every CI reads. Kept to the schema by which the Jenkins xUnit plugin refuses files (junit-10.xsd), which GitLab
 * and the Jenkins JUnit plugin read as well: no property and no line on a test case, so both stand in the suite and in the text.
 *
 * @module
 */
import type { CaseRecord, HeaderRecord, TargetFacts } from '../../model/record.ts';
import { expiryText, notableChecks, standingOfCase, standingOfCheck } from '../digest.ts';
import type { Standing } from '../digest.ts';
import { Collected } from '../collected.ts';
import { caseLines, checkLine } from '../plain.ts';
import type { Reporter, ReporterContext } from '../reporter.ts';
import { visible } from '../text.ts';

interface Suite {
  readonly target: string;
  readonly classname: string;
  readonly file: string;
  tests: number;
  failures: number;
  errors: number;
  skipped: number;
  startedMs: number;
  endedMs: number;
  /** Rendered. */
  readonly clauses: Collected;
  readonly testcases: Collected;
}

/** Writes everything at the end, since the counts stand first; keeps the rendered test cases, never a body. */
export function junitReporter({ write }: ReporterContext): Reporter {
  const suites = new Map<string, Suite>();
  let header: HeaderRecord | undefined;
  let ended = false;

  async function finish(cut: boolean): Promise<void> {
    ended = true;
    const all = [...suites.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
    const sum = (of: (suite: Suite) => number) => all.reduce((total, suite) => total + of(suite), 0);
    const cutErrors = cut ? 1 : 0;
    const started = all.length === 0 ? 0 : Math.min(...all.map((suite) => suite.startedMs));
    const time = all.length === 0 ? 0 : Math.max(...all.map((suite) => suite.endedMs)) - started;
    await write(
      `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${attributes({
        name: header?.suite.name ?? 'drupal-auth-conformance',
        tests: String(sum((suite) => suite.tests) + cutErrors),
        failures: String(sum((suite) => suite.failures)),
        errors: String(sum((suite) => suite.errors) + cutErrors),
        time: seconds(time),
      })}>\n`,
    );
    for (const suite of all) for (const text of suiteXml(suite, header)) await write(text);
    if (cut) {
      await write(
        `  <testsuite name="report" tests="1" failures="0" errors="1" skipped="0" time="0.000">\n    <testcase name="the run was cut before its end" classname="report" time="0.000">\n      <error type="cut" message="this report is partial"/>\n    </testcase>\n  </testsuite>\n`,
      );
    }
    await write('</testsuites>\n');
  }

  return {
    onHeader(record) {
      header = record;
    },
    onCase(record) {
      const { classname, name } = nameOf(record, header);
      const suiteKey = key({ target: record.target, classname });
      let suite = suites.get(suiteKey);
      if (suite === undefined) {
        suite = {
          target: record.target,
          classname,
          file: record.file,
          tests: 0,
          failures: 0,
          errors: 0,
          skipped: 0,
          startedMs: record.startedMs,
          endedMs: record.startedMs,
          clauses: new Collected(),
          testcases: new Collected(),
        };
        suites.set(suiteKey, suite);
      }
      suite.tests += 1;
      suite.startedMs = Math.min(suite.startedMs, record.startedMs);
      suite.endedMs = Math.max(suite.endedMs, record.startedMs + record.durationMs);
      const standing = standingOfCase(record);
      if (standing === 'fail') suite.failures += 1;
      if (standing === 'error' || standing === 'blocked') suite.errors += 1;
      if (standing === 'skipped' || standing === 'waived') suite.skipped += 1;
      suite.clauses.add(`      <property${attributes({ name: `clauses ${name}`, value: clausesOf(record).join(' ') })}/>\n`);
      suite.testcases.add(caseXml(record, standing, classname, name, header));
    },
    onFooter: (footer) => finish(footer.cut !== undefined),
    close: () => (ended || header === undefined ? undefined : finish(true)),
  };
}

function key(suite: Pick<Suite, 'target' | 'classname'>): string {
  return `${suite.target}\n${suite.classname}`;
}

/** `profile/file` and the rest of the address; the target is part of the class where there are several. */
function nameOf(record: CaseRecord, header: HeaderRecord | undefined): { classname: string; name: string } {
  const segments = record.address.split('/');
  const head = record.profile.split('/').length + 1;
  const classname = segments.slice(0, head).join('/');
  return {
    classname: (header?.targets.length ?? 1) > 1 ? `[${record.target}] ${classname}` : classname,
    name: segments.slice(head).join('/') || classname,
  };
}

function clausesOf(record: CaseRecord): string[] {
  return [...new Set([...record.clauses, ...record.steps.flatMap((step) => step.checks.flatMap((check) => check.clauses))])];
}

function* suiteXml(suite: Suite, header: HeaderRecord | undefined): Iterable<string> {
  const target = header?.targets.find(({ name }) => name === suite.target);
  const properties = suiteProperties(suite, header, target).map(([name, value]) => `      <property${attributes({ name, value })}/>\n`);
  const startedAt = header === undefined ? undefined : timestamp(header.startedAt, suite.startedMs);
  yield `  <testsuite${attributes({
    name: suite.classname,
    tests: String(suite.tests),
    failures: String(suite.failures),
    errors: String(suite.errors),
    skipped: String(suite.skipped),
    time: seconds(suite.endedMs - suite.startedMs),
    ...(startedAt === undefined ? {} : { timestamp: startedAt }),
    file: suite.file,
  })}>\n    <properties>\n${properties.join('')}`;
  yield* suite.clauses.pieces();
  yield '    </properties>\n';
  yield* suite.testcases.pieces();
  yield '  </testsuite>\n';
}

function suiteProperties(suite: Suite, header: HeaderRecord | undefined, target: TargetFacts | undefined): [string, string][] {
  const properties: [string, string][] = [
    ['file', suite.file],
    ['target', suite.target],
  ];
  if (target !== undefined) properties.push(['baseUrl', target.baseUrl]);
  if (target?.version !== undefined) properties.push(['version', `${target.version.value} (${target.version.from})`]);
  if (header !== undefined)
    properties.push(['suite', `${header.suite.name} ${header.suite.version}`], ['specs', header.specs], ['seed', String(header.seed)]);
  return properties;
}

function caseXml(record: CaseRecord, standing: Standing, classname: string, name: string, header: HeaderRecord | undefined): string {
  const notable = notableChecks(record);
  const text = (standings: readonly Standing[]) =>
    caseLines(
      header,
      record,
      notable.filter(({ check }) => standings.includes(standingOfCheck(check))),
    ).join('\n');
  const failed = notable.filter(({ check }) => standingOfCheck(check) === 'fail');
  const first = failed[0] ?? notable[0];
  const summary =
    record.reason ??
    (first === undefined
      ? standing
      : `${checkLine(first.check)}${failed.length > 1 ? `, and ${failed.length - 1} more ${failed.length === 2 ? 'check' : 'checks'}` : ''}`);
  let inner = '';
  if (standing === 'fail') inner += element('failure', { type: 'fail', message: summary }, text(['fail', 'error', 'blocked', 'waived']));
  if (standing === 'error' || standing === 'blocked')
    inner += element('error', { type: standing, message: summary }, text(['error', 'blocked', 'fail', 'waived']));
  if (standing === 'skipped') inner += element('skipped', { type: 'skipped', message: record.reason ?? 'no reason recorded' });
  if (standing === 'waived') {
    const waivers = notable.flatMap(({ check }) =>
      check.waived === undefined ? [] : [`waived until ${check.waived.expires}: ${check.waived.reason}`],
    );
    inner += element('skipped', { type: 'waived', message: [...new Set(waivers)].join('; ') }, text(['waived']));
  }
  const out = [`${visible(record.file)}:${record.line}`, `clauses: ${clausesOf(record).map(visible).join(' ')}`];
  if (record.runs !== undefined) out.push(`runs: ${JSON.stringify(record.runs)}`);
  if (record.expiry !== undefined) out.push(`expiry: ${expiryText(record.expiry)}`);
  if (notable.some(({ check }) => check.verdict === 'warn')) out.push('', text(['warn']));
  inner += element('system-out', {}, out.join('\n'));
  return `    <testcase${attributes({ name: `${name}: ${record.title}`, classname, time: seconds(record.durationMs) })}>\n${inner}    </testcase>\n`;
}

function element(name: string, values: Readonly<Record<string, string>>, text = ''): string {
  return text === '' ? `      <${name}${attributes(values)}/>\n` : `      <${name}${attributes(values)}>${escapeXml(text)}</${name}>\n`;
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(visible(value))}"`)
    .join('');
}

/** Anything outside production [2] `Char` of XML 1.0 (https://www.w3.org/TR/xml/#NT-Char); no reference can stand for it either. */
// oxlint-disable-next-line no-control-regex
const notXmlChar = /[^\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** What needs no second look: most of what a report says. */
const plainXml = /^[\t\n !#-%'-;=?-~]*$/;

/** Text for an element or an attribute; characters that XML cannot hold are removed. */
export function escapeXml(text: string): string {
  if (plainXml.test(text)) return text;
  return text
    .replace(notXmlChar, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');
}

/** Seconds with three decimals, as the schema's pattern wants them. */
function seconds(milliseconds: number): string {
  return (Math.max(0, Number.isFinite(milliseconds) ? milliseconds : 0) / 1000).toFixed(3);
}

function timestamp(startedAt: string, offsetMs: number): string | undefined {
  const start = Date.parse(startedAt);
  return Number.isNaN(start) || !Number.isFinite(offsetMs) ? undefined : new Date(start + offsetMs).toISOString().slice(0, 19);
}
