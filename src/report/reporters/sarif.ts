/**
 * SARIF 2.1.0, for code scanning: clauses are the rules, all of them listed so that an alert can close; checks that failed or warned are the
 * results, at the line of the spec; waivers are suppressions. One run per target.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { CaseRecord, FooterRecord, HeaderRecord, TargetFacts } from '../../model/record.ts';
import type { Level } from '../../model/verdict.ts';
import { jsonText } from '../../support/json-text.ts';
import { clauseText, exitText, notableChecks, safeLink, standingOfCase, targetText } from '../digest.ts';
import type { PlacedCheck } from '../digest.ts';
import { checkLine, checkLines } from '../plain.ts';
import type { Reporter, ReporterContext } from '../reporter.ts';
import { visible } from '../text.ts';

type Json = Readonly<Record<string, unknown>>;

const schema = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const levels = { must: 'error', should: 'warning', may: 'note' } as const satisfies Record<Level, string>;
/** Results without a clause, e.g. an invariant that no document needs to state. */
const noClause = 'drupal-auth-conformance/no-clause';

interface TargetRun {
  readonly results: { readonly ruleId: string; readonly text: string }[];
  readonly notifications: Json[];
  readonly configuration: Json[];
}

/** Keeps the results (what failed), not the cases: everything else is dropped as it comes. */
export function sarifReporter({ write }: ReporterContext): Reporter {
  const runs = new Map<string, TargetRun>();
  let header: HeaderRecord | undefined;
  let ended = false;

  function runOf(target: string): TargetRun {
    const known = runs.get(target);
    if (known !== undefined) return known;
    const run: TargetRun = { results: [], notifications: [], configuration: [] };
    runs.set(target, run);
    return run;
  }

  async function finish(footer: FooterRecord | undefined): Promise<void> {
    if (header === undefined) return;
    ended = true;
    await write(`{\n"$schema": ${jsonText(schema)},\n"version": "2.1.0",\n"runs": [`);
    let first = true;
    for (const [name, run] of runs) {
      await write(`${first ? '' : ','}\n${runText(header, footer, name, run)}`);
      first = false;
    }
    await write('\n]\n}\n');
  }

  return {
    onHeader(record) {
      header = record;
      for (const { name } of record.targets) runOf(name);
    },
    onCase(record) {
      const run = runOf(record.target);
      const standing = standingOfCase(record);
      if (standing === 'error' || standing === 'blocked')
        run.notifications.push(notification(record, standing === 'error' ? 'error' : 'warning', record.reason ?? standing));
      if (standing === 'skipped') run.configuration.push(notification(record, 'note', record.reason ?? 'skipped'));
      for (const placed of notableChecks(record)) {
        if (placed.check.verdict !== 'fail' && placed.check.verdict !== 'warn') continue;
        const ruleId = placed.check.clauses[0] ?? noClause;
        run.results.push({ ruleId, text: jsonText(resultOf(header, record, placed, ruleId)) });
      }
    },
    onFooter: (footer) => finish(footer),
    close: () => (ended ? undefined : finish(undefined)),
  };
}

function runText(header: HeaderRecord, footer: FooterRecord | undefined, name: string, run: TargetRun): string {
  const ids = [...new Set([...Object.keys(header.clauses), ...run.results.map(({ ruleId }) => ruleId)])].sort();
  const target = header.targets.find((one) => one.name === name);
  const results = run.results.map(({ ruleId, text }) => `${text.slice(0, -1)},"ruleIndex":${ids.indexOf(ruleId)}}`);
  const rest: Json = {
    tool: {
      driver: {
        name: header.suite.name,
        version: header.suite.version,
        ...(/^\d+\.\d+\.\d+/.test(header.suite.version) ? { semanticVersion: header.suite.version } : {}),
        rules: ids.map((id) => ruleOf(header, id)),
      },
    },
    automationDetails: {
      id: `${header.suite.name}/${name}/`,
      description: { text: literal(target === undefined ? name : targetText(target)) },
    },
    invocations: [invocationOf(header, footer, run)],
    columnKind: 'utf16CodeUnits',
    properties: propertiesOf(header, target),
  };
  return `${jsonText(rest).slice(0, -1)},\n"results": [${results.map((text) => `\n${text}`).join(',')}\n]\n}`;
}

function ruleOf(header: HeaderRecord, id: string): Json {
  const clause = clauseText(header, id);
  const facts = header.clauses[id];
  const says = clause.says ?? (id === noClause ? 'Wrong under every reading; no document needs to say so.' : id);
  const helpUri = safeLink(clause.url);
  const source = clause.kind === undefined ? id : `${id} (${clause.kind})`;
  return {
    id,
    shortDescription: { text: literal(says) },
    fullDescription: { text: literal(`${says} ${source}`) },
    ...(helpUri === undefined ? {} : { helpUri }),
    help: { text: literal(`${says}\n${source}${helpUri === undefined ? '' : `\n${helpUri}`}`) },
    defaultConfiguration: { level: levels[facts?.keyword ?? 'must'] },
    properties: { tags: ['authentication', ...(facts === undefined ? [] : [facts.witness])], precision: 'very-high' },
  };
}

function resultOf(header: HeaderRecord | undefined, record: CaseRecord, placed: PlacedCheck, ruleId: string): Json {
  const { check, address } = placed;
  const others = check.clauses.slice(1);
  const waived = check.waived;
  return {
    ruleId,
    kind: 'fail',
    level: check.verdict === 'warn' ? 'warning' : 'error',
    message: { text: literal(`${record.title}. ${checkLine(check)}\n\n${checkLines(header, placed, false).join('\n')}`) },
    locations: [
      {
        physicalLocation: { artifactLocation: artifactOf(record.file), region: { startLine: Math.max(1, check.line ?? record.line) } },
        logicalLocations: [{ name: check.name, fullyQualifiedName: address, kind: 'member' }],
      },
    ],
    partialFingerprints: {
      primaryLocationLineHash: digest(`${record.target}\n${address}`),
      ...(check.fingerprint === undefined ? {} : { 'failureShape/v1': check.fingerprint }),
    },
    ...(waived === undefined
      ? {}
      : {
          suppressions: [
            {
              kind: 'external',
              status: 'accepted',
              justification: visible(`${waived.reason} (until ${waived.expires}${waived.link === undefined ? '' : `, ${waived.link}`})`),
            },
          ],
        }),
    ...(others.length === 0 ? {} : { properties: { clauses: check.clauses } }),
  };
}

/** Blocked and broken-off cases are not results: nothing was tested. They are what the tool has to say about itself. */
function notification(record: CaseRecord, level: 'error' | 'warning' | 'note', reason: string): Json {
  return {
    level,
    message: { text: literal(`${record.address}: ${reason}`) },
    locations: [{ physicalLocation: { artifactLocation: artifactOf(record.file), region: { startLine: Math.max(1, record.line) } } }],
  };
}

function invocationOf(header: HeaderRecord, footer: FooterRecord | undefined, run: TargetRun): Json {
  const start = Date.parse(header.startedAt);
  return {
    executionSuccessful: footer !== undefined && footer.cut === undefined && footer.exitCode !== 70,
    ...(footer === undefined ? {} : { exitCode: footer.exitCode, exitCodeDescription: exitText(footer.exitCode) }),
    ...(Number.isNaN(start) ? {} : { startTimeUtc: new Date(start).toISOString() }),
    ...(Number.isNaN(start) || footer === undefined ? {} : { endTimeUtc: new Date(start + footer.durationMs).toISOString() }),
    ...(run.notifications.length === 0 ? {} : { toolExecutionNotifications: run.notifications }),
    ...(run.configuration.length === 0 ? {} : { toolConfigurationNotifications: run.configuration }),
  };
}

function propertiesOf(header: HeaderRecord, target: TargetFacts | undefined): Json {
  return { specs: header.specs, seed: header.seed, options: header.options, ...(target === undefined ? {} : { target }) };
}

function artifactOf(file: string): Json {
  const path = file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
  return { uri: file.startsWith('/') ? `file://${path}` : path };
}

/** Braces are doubled (SARIF 2.1.0 3.11.5) and `](` is parted (3.11.6), so that nothing becomes a placeholder or a link. */
function literal(text: string): string {
  return text.split('\n').map(visible).join('\n').replaceAll('](', '] (').replaceAll('{', '{{').replaceAll('}', '}}');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
