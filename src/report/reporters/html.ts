/**
 * One self-contained page: data, style and script in one file, nothing loaded from anywhere, a content security policy that allows exactly these.
 * Each case is written as it comes; only a summary of it is kept.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { CaseRecord, FooterRecord, HeaderRecord, RecordedBody, RecordedExchange } from '../../model/record.ts';
import { jsonText } from '../../support/json-text.ts';
import {
  checksOf,
  emptyTally,
  exitText,
  notableChecks,
  standingOfCase,
  standingOfCheck,
  tallySum,
  tallyText,
  targetText,
} from '../digest.ts';
import { Collected } from '../collected.ts';
import type { PageCase, PageIndex } from '../page/index-data.ts';
import { elementIds } from '../page/index-data.ts';
import { checkLine } from '../plain.ts';
import type { Reporter, ReporterContext } from '../reporter.ts';
import { counted, duration, shorten, visible } from '../text.ts';

/** Longer bodies are cut in the page; the stream has them as they were recorded. */
const bodyCharacters = 16_384;
const listedWithoutScript = 200;

export async function htmlReporter({ write }: ReporterContext): Promise<Reporter> {
  const [{ Eta }, page] = await Promise.all([import('eta'), import('../../generated/report-page.js')]);
  const eta = new Eta({ autoTrim: false });
  const clauseNumbers = new Map<string, number>();
  /** The index entry of each case as the text that will stand in the page: it takes less than objects. */
  const cases = new Collected();
  const failed: { readonly name: string; readonly summary: string }[] = [];
  const tally = emptyTally();
  let header: HeaderRecord | undefined;
  let isOpen = false;

  const numberOf = (id: string): number => {
    const known = clauseNumbers.get(id);
    if (known !== undefined) return known;
    clauseNumbers.set(id, clauseNumbers.size);
    return clauseNumbers.size - 1;
  };

  async function finish(footer: FooterRecord | null): Promise<void> {
    isOpen = false;
    const index = { clauses: [...clauseNumbers.keys()], footer } satisfies Omit<PageIndex, 'cases'>;
    await write(`</script>\n<script type="application/json" id="${elementIds.index}">${inScript(index).slice(0, -1)},"cases":[`);
    for (const piece of cases.pieces()) await write(piece);
    await write(']}</script>\n');
    const failures = tally.fail + tally.error + tally.blocked;
    await write(
      eta.renderString(page.tail, {
        sentence: endSentence(footer),
        totals: `${counted(tallySum(tally), 'case')}: ${tallyText(tally)}`,
        failed,
        more: failures - failed.length,
        provenance: header === undefined ? '' : visible(provenance(header, footer)),
        script: page.script,
      }),
    );
  }

  return {
    async onHeader(record) {
      header = record;
      isOpen = true;
      const names = record.targets.map(({ name }) => name).join(', ');
      await write(
        eta.renderString(page.head, {
          policy: policyOf(page.script, page.style),
          style: page.style,
          suite: visible(`${record.suite.name} ${record.suite.version}`),
          title: visible(`${names === '' ? 'No target' : names}: authentication conformance`),
          heading: visible(record.targets.length === 1 ? names : `${record.targets.length} targets`),
          facts: visible(headFacts(record)),
          targets: record.targets.map((target) => ({
            name: visible(target.name),
            address: visible(target.baseUrl),
            facts: visible(targetText(target).slice(`${target.name} · ${target.baseUrl} · `.length)),
          })),
        }),
      );
      await write(
        `${dataElement(elementIds.header, 'application/json', record)}<script type="application/x-ndjson" id="${elementIds.cases}">\n`,
      );
    },
    onCase(record) {
      const standing = standingOfCase(record);
      tally[standing] += 1;
      const target = Math.max(0, header?.targets.findIndex(({ name }) => name === record.target) ?? 0);
      const one = pageCase(record, standing, target, numberOf);
      cases.add(`${tallySum(tally) === 1 ? '' : ','}${inScript(one)}`);
      const isFailed = standing === 'fail' || standing === 'error' || standing === 'blocked';
      if (isFailed && failed.length < listedWithoutScript)
        failed.push({
          name: visible(`${header?.targets[target]?.name ?? ''} ${one.address}`.trim()),
          summary: visible(one.summary ?? one.standing),
        });
      return write(`${inScript(slim(record))}\n`);
    },
    onFooter: (footer) => finish(footer),
    close: () => (isOpen ? finish(null) : undefined),
  };
}

function pageCase(record: CaseRecord, standing: PageCase['standing'], target: number, numberOf: (id: string) => number): PageCase {
  const notable = notableChecks(record);
  const first = notable.find(({ check }) => check.verdict === record.verdict) ?? notable[0];
  const summary = record.reason ?? (first === undefined ? undefined : checkLine(first.check));
  return {
    target,
    address: record.address,
    profile: record.profile,
    file: record.file,
    title: record.title,
    standing,
    durationMs: Math.round(record.durationMs),
    clauses: record.clauses.map(numberOf),
    checks: checksOf(record).map(({ check }) => {
      const checkStanding = standingOfCheck(check);
      const compared = [...new Set(check.alternatives?.flatMap((one) => one.clauses))].filter((id) => !check.clauses.includes(id));
      return {
        name: check.name,
        standing: checkStanding,
        level: check.level,
        clauses: check.clauses.map(numberOf),
        ...(compared.length === 0 ? {} : { compared: compared.map(numberOf) }),
        ...(checkStanding === 'warn' && check.message !== undefined ? { message: shorten(check.message, 300) } : {}),
      };
    }),
    ...(summary === undefined ? {} : { summary: shorten(summary, 300) }),
    ...(record.expiry === undefined ? {} : { expiry: record.expiry }),
  };
}

/** The record with its bodies cut to what a person reads. */
function slim(record: CaseRecord): CaseRecord {
  return { ...record, steps: record.steps.map((step) => ({ ...step, exchanges: step.exchanges.map(slimExchange) })) };
}

function slimExchange(exchange: RecordedExchange): RecordedExchange {
  const { request, response } = exchange;
  return {
    ...exchange,
    request: request.body === undefined ? request : { ...request, body: slimBody(request.body) },
    ...(response === undefined ? {} : { response: { ...response, body: slimBody(response.body) } }),
  };
}

function slimBody(body: RecordedBody): RecordedBody {
  const { text, base64 } = body;
  if ((text?.length ?? base64?.length ?? 0) <= bodyCharacters) return body;
  return {
    ...body,
    ...(text === undefined ? { base64: base64?.slice(0, bodyCharacters) ?? '' } : { text: text.slice(0, bodyCharacters) }),
    truncated: true,
  };
}

function dataElement(id: string, type: string, value: unknown): string {
  return `<script type="${type}" id="${id}">${inScript(value)}</script>\n`;
}

/** JSON that can stand in a script element: without `<` it can neither end the element nor open a comment in it. */
function inScript(value: unknown): string {
  return jsonText(value).replaceAll('<', '\\u003c');
}

/** Nothing may be loaded, sent or framed; of scripts and styles only the two that this file brings, by their digest. */
function policyOf(script: string, style: string): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`;
}

function headFacts(header: HeaderRecord): string {
  const { strict, witness, readOnly, repeat, shard } = header.options;
  return [
    `started ${header.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}`,
    `seed ${header.seed}`,
    strict ? 'strict' : undefined,
    witness === undefined ? undefined : `witness ${witness}`,
    readOnly ? 'read-only' : undefined,
    repeat > 1 ? `each case ${repeat} times` : undefined,
    shard === undefined ? undefined : `shard ${shard}`,
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

function provenance(header: HeaderRecord, footer: FooterRecord | null): string {
  const parts = [
    `${header.suite.name} ${header.suite.version}`,
    `specs ${header.specs.slice(0, 12)}`,
    `Node ${header.node.replace(/^v/, '')}`,
  ];
  if (footer !== null) parts.push(counted(footer.requests, 'request'), duration(footer.durationMs));
  return parts.join(' · ');
}

function endSentence(footer: FooterRecord | null): string {
  if (footer === null) return 'The run was cut before its end: this report is partial.';
  return `Exit ${footer.exitCode}: ${exitText(footer.exitCode)}.${footer.cut === undefined ? '' : ' The run stopped early: this report is partial.'}`;
}
