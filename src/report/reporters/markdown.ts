/**
 * The report as Markdown, for a pull request or the summary page of a CI job. What came from the target stands in code spans and fences only, where
 * neither markup nor a mention works.
 *
 * @module
 */
import type { CaseRecord, FooterRecord, HeaderRecord } from '../../model/record.ts';
import {
  checksOf,
  clauseText,
  emptyTally,
  exitText,
  expiryText,
  explainer,
  notableChecks,
  safeLink,
  standingOfCase,
  standings,
  standingWords,
  tallySum,
  tallyText,
} from '../digest.ts';
import type { PlacedCheck, Standing, Tally } from '../digest.ts';
import { caseLines } from '../plain.ts';
import type { Reporter, ReporterContext } from '../reporter.ts';
import { counted, duration, visible } from '../text.ts';

const failuresInFull = 50;
const rowsListed = 20;

interface Told {
  readonly target: string;
  readonly address: string;
  readonly title: string;
  readonly place: string;
  readonly standing: Standing;
  readonly checks: readonly { readonly address: string; readonly clauses: readonly string[] }[];
  readonly text: string;
}

export function markdownReporter(context: ReporterContext): Reporter {
  const told: Told[] = [];
  const tallies = new Map<string, Tally>();
  const warnings = new Map<string, { address: string; count: number; clauses: readonly string[] }>();
  const reasons = { skipped: new Map<string, number>(), blocked: new Map<string, number>() };
  const expiries = new Map<string, string[]>();
  let header: HeaderRecord | undefined;
  let untold = 0;
  let ended = false;

  function tallyOf(target: string): Tally {
    const known = tallies.get(target);
    if (known !== undefined) return known;
    const tally = emptyTally();
    tallies.set(target, tally);
    return tally;
  }

  const named = (target: string, address: string): string => code((header?.targets.length ?? 1) > 1 ? `[${target}] ${address}` : address);

  async function finish(footer: FooterRecord | undefined): Promise<void> {
    ended = true;
    const parts = [
      headText(header, tallies, footer),
      findingsText(footer),
      failuresText(footer),
      listText(
        'Warnings',
        [...warnings].map(
          ([text, { address, count, clauses }]) =>
            `${code(text)} ${clauses.map((id) => clauseLink(header, id)).join(', ')} (${address}${count > 1 ? ` and ${count - 1} more` : ''})`,
        ),
      ),
      listText(
        'Expiry',
        [...expiries].map(([text, addresses]) => `${text} (${addresses.length === 1 ? addresses[0] : counted(addresses.length, 'case')})`),
      ),
      listText(
        'Blocked',
        [...reasons.blocked].map(([reason, count]) => `${code(reason)} (${counted(count, 'case')})`),
      ),
      listText(
        'Skipped',
        [...reasons.skipped].map(([reason, count]) => `${code(reason)} (${counted(count, 'case')})`),
      ),
      provenanceText(header, footer),
    ];
    await context.write(`${parts.filter((part) => part !== '').join('\n')}`);
  }

  function findingsText(footer: FooterRecord | undefined): string {
    return listText(
      'Findings',
      (footer?.findings ?? []).map((finding) => {
        const link = safeLink(finding.link);
        const lines = [`**${plain(finding.title)}**${finding.confidence === undefined ? '' : ` (${finding.confidence})`}`];
        if (finding.remedy !== undefined) lines.push(plain(finding.remedy));
        if (link !== undefined) lines.push(`<${link}>`);
        if (finding.checks.length > 0)
          lines.push(`explains ${counted(finding.checks.length, 'check')}, such as ${code(finding.checks[0] ?? '')}`);
        return lines.join('<br>');
      }),
    );
  }

  function failuresText(footer: FooterRecord | undefined): string {
    const isExplained = explainer(footer?.findings ?? []);
    const own = told
      .filter(
        (one) =>
          one.standing === 'waived' ||
          one.checks.length === 0 ||
          one.checks.some(({ address }) => !isExplained(one.target, address, 'fail')),
      )
      .sort((a, b) => (`${a.target}\n${a.address}` < `${b.target}\n${b.address}` ? -1 : 1));
    const failed = own.filter(({ standing }) => standing !== 'waived');
    const waived = own.filter(({ standing }) => standing === 'waived');
    const block = (one: Told) =>
      `<details>\n<summary>${escapeHtml((header?.targets.length ?? 1) > 1 ? `[${one.target}] ${one.address}` : one.address)}: ${escapeHtml(one.title)}</summary>\n\n${fence(one.text)}\n\n${code(one.place)} ${[...new Set(one.checks.flatMap(({ clauses }) => clauses))].map((id) => clauseLink(header, id)).join(', ')}\n\n</details>\n`;
    const more = failed.length - failuresInFull + untold;
    let text = failed.length === 0 ? '' : `## Failures\n\n${failed.slice(0, failuresInFull).map(block).join('\n')}`;
    if (more > 0) text += `\n${counted(more, 'more failing case')} in the other reports.\n`;
    if (waived.length > 0) text += `${text === '' ? '' : '\n'}## Waived\n\n${waived.slice(0, failuresInFull).map(block).join('\n')}`;
    return text;
  }

  return {
    onHeader(record) {
      header = record;
      for (const { name } of record.targets) tallyOf(name);
    },
    onCase(record) {
      const standing = standingOfCase(record);
      tallyOf(record.target)[standing] += 1;
      if (record.expiry !== undefined) {
        const text = plain(expiryText(record.expiry));
        expiries.set(text, [...(expiries.get(text) ?? []), named(record.target, record.address)]);
      }
      for (const { check, address } of checksOf(record)) {
        if (check.verdict !== 'warn') continue;
        const key = check.message ?? check.name;
        const known = warnings.get(key);
        if (known === undefined) warnings.set(key, { address: named(record.target, address), count: 1, clauses: check.clauses });
        else known.count += 1;
      }
      if (standing === 'skipped' || standing === 'blocked') {
        const reason = record.reason ?? 'no reason recorded';
        reasons[standing].set(reason, (reasons[standing].get(reason) ?? 0) + 1);
        return;
      }
      const checks = notableChecks(record).filter(({ check }) => check.verdict === 'fail' || check.verdict === 'error');
      if (checks.length === 0 && standing !== 'error') return;
      if (told.length >= failuresInFull * 2) untold += 1;
      else told.push(tell(record, standing, checks));
    },
    onFooter: (footer) => finish(footer),
    close: () => (ended || header === undefined ? undefined : finish(undefined)),
  };

  function tell(record: CaseRecord, standing: Standing, checks: readonly PlacedCheck[]): Told {
    return {
      target: record.target,
      address: record.address,
      title: record.title,
      place: `${record.file}:${record.line}`,
      standing,
      checks: checks.map(({ address, check }) => ({ address, clauses: check.clauses })),
      text: caseLines(header, record, checks).join('\n'),
    };
  }
}

function headText(header: HeaderRecord | undefined, tallies: ReadonlyMap<string, Tally>, footer: FooterRecord | undefined): string {
  const total = emptyTally();
  for (const tally of tallies.values()) for (const standing of standings) total[standing] += tally[standing];
  const sum = tallySum(total);
  const verdict =
    footer === undefined
      ? 'The run was cut before its end: this report is partial.'
      : `Exit ${footer.exitCode}: ${exitText(footer.exitCode)}.`;
  const cut = footer?.cut === undefined ? '' : ` The run stopped early (${code(footer.cut)}): this report is partial.`;
  const shown = standings.filter((standing) => total[standing] > 0);
  const rows = [...tallies].map(([name, tally]) => {
    const target = header?.targets.find((one) => one.name === name);
    const version = target?.version === undefined ? '' : `${code(target.version.value)} (${target.version.from})`;
    return `| ${cell(name)} | ${cell(target?.baseUrl ?? '')} | ${version} | ${tallySum(tally)} | ${shown.map((standing) => tally[standing]).join(' | ')} |`;
  });
  const table =
    shown.length === 0
      ? ''
      : `\n| target | address | version | cases | ${shown.map((standing) => standingWords[standing]).join(' | ')} |\n| --- | --- | --- | ---: | ${shown.map(() => '---:').join(' | ')} |\n${rows.join('\n')}\n`;
  return `# Authentication conformance\n\n**${counted(sum, 'case')}: ${tallyText(total)}.** ${verdict}${cut}\n${table}`;
}

function provenanceText(header: HeaderRecord | undefined, footer: FooterRecord | undefined): string {
  if (header === undefined) return '';
  const facts = [
    `${plain(header.suite.name)} ${code(header.suite.version)}`,
    `specs ${code(header.specs.slice(0, 12))}`,
    `seed ${header.seed}`,
    `started ${code(header.startedAt)}`,
  ];
  if (footer !== undefined) facts.push(`${counted(footer.requests, 'request')} in ${duration(footer.durationMs)}`);
  return `---\n\n${facts.join(', ')}\n`;
}

function listText(title: string, items: readonly string[]): string {
  if (items.length === 0) return '';
  const more = items.length - rowsListed;
  return `## ${title}\n\n${items
    .slice(0, rowsListed)
    .map((item) => `- ${item}\n`)
    .join('')}${more > 0 ? `- and ${more} more\n` : ''}`;
}

function clauseLink(header: HeaderRecord | undefined, id: string): string {
  const url = safeLink(clauseText(header, id).url);
  return url === undefined ? code(id) : `[${code(id)}](<${url.replaceAll('<', '%3C').replaceAll('>', '%3E')}>)`;
}

/** A code span that holds the text whatever backticks are in it (CommonMark 6.1). */
function code(text: string): string {
  const clean = visible(text);
  if (clean.trim() === '') return '';
  const longest = Math.max(0, ...[...clean.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = '`'.repeat(longest + 1);
  const pad = clean.startsWith('`') || clean.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${clean}${pad}${ticks}`;
}

/** A code span in a table cell: a bar would end the cell even there (GFM 4.10). */
function cell(text: string): string {
  return code(text).replaceAll('|', '\\|');
}

function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = '`'.repeat(longest + 1);
  return `${ticks}text\n${text}\n${ticks}`;
}

/** Our own sentences, which may quote a value of the target: markup characters escaped, mentions broken. */
function plain(text: string): string {
  return visible(text)
    .replace(/[\\`*_[\]()#|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '@<!-- -->');
}

function escapeHtml(text: string): string {
  return visible(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[*_`[\]~]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll('@', '@<!-- -->');
}
