/**
 * GitHub Actions: annotations as workflow commands on standard output, and the Markdown report on the summary page of the job.
 *
 * @module
 */
import type { CaseRecord, FooterRecord, HeaderRecord } from '../../model/record.ts';
import { checksOf, clauseText, emptyTally, exitText, explainer, notableChecks, standingOfCase, tallySum, tallyText } from '../digest.ts';
import type { Explainer } from '../digest.ts';
import { checkLine } from '../plain.ts';
import type { Reporter, ReporterContext } from '../reporter.ts';
import { shorten, visible } from '../text.ts';
import { markdownReporter } from './markdown.ts';

/** GitHub shows at most ten errors and ten warnings of a step; what is over is counted in the last one. */
const annotationsShown = 10;
/** A step summary may hold 1 MiB; the rest is left out, and said so. */
const summaryBytes = 1_000_000;

type Level = 'error' | 'warning' | 'notice';

interface Annotation {
  readonly level: Level;
  readonly title: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  /** Target and address of the check, to leave out what a finding explains. */
  readonly check?: Parameters<Explainer>;
}

export function githubReporter(context: ReporterContext): Reporter {
  const annotations: Annotation[] = [];
  const warned = new Set<string>();
  const tally = emptyTally();
  let header: HeaderRecord | undefined;
  let left = { error: 0, warning: 0, notice: 0 };
  let summary = '';
  let isOpen = false;
  const markdown = markdownReporter({
    ...context,
    write(text) {
      summary += text;
    },
  });

  function note(annotation: Annotation): void {
    // Findings come last and may explain many: keep enough to fill the places afterwards, count the others.
    if (annotations.filter(({ level }) => level === annotation.level).length < annotationsShown * 20) annotations.push(annotation);
    else left = { ...left, [annotation.level]: left[annotation.level] + 1 };
  }

  function noteCase(record: CaseRecord): void {
    const standing = standingOfCase(record);
    const place = { file: record.file, line: Math.max(1, record.line) };
    const name = (header?.targets.length ?? 1) > 1 ? `[${record.target}] ${record.address}` : record.address;
    if (standing === 'error' || standing === 'blocked')
      note({ level: 'error', title: `${standing}: ${name}`, message: record.reason ?? record.title, ...place });
    for (const { check, address } of notableChecks(record)) {
      if (check.verdict !== 'fail' || check.waived !== undefined) continue;
      const clause = check.clauses[0] === undefined ? undefined : clauseText(header, check.clauses[0]);
      const lines = [record.title, checkLine(check)];
      if (check.message !== undefined) lines.push(shorten(check.message, 400));
      if (clause !== undefined)
        lines.push([`clause ${clause.id}:`, clause.says, clause.url].filter((part) => part !== undefined).join(' '));
      note({
        level: 'error',
        title: name,
        message: lines.map(visible).join('\n'),
        file: record.file,
        line: Math.max(1, check.line ?? record.line),
        check: [record.target, address, check.verdict],
      });
    }
    for (const { check, address } of checksOf(record)) {
      const text = check.message ?? checkLine(check);
      if (check.verdict !== 'warn' || warned.has(text)) continue;
      warned.add(text);
      note({
        level: 'warning',
        title: name,
        message: `${visible(shorten(text, 400))}\n${checkLine(check)}`,
        file: record.file,
        line: Math.max(1, check.line ?? record.line),
        check: [record.target, address, check.verdict],
      });
    }
  }

  async function finish(footer: FooterRecord | undefined): Promise<void> {
    isOpen = false;
    const isExplained = explainer(footer?.findings ?? []);
    const findings = (footer?.findings ?? [])
      .filter(({ verdict }) => verdict === 'fail' || verdict === 'error' || verdict === 'warn')
      .map((finding): Annotation => ({
        level: finding.verdict === 'warn' ? 'warning' : 'error',
        title: finding.title,
        message: [finding.title, finding.remedy, finding.link]
          .filter((part) => part !== undefined)
          .map(visible)
          .join('\n'),
      }));
    const own = annotations.filter(({ check }) => check === undefined || !isExplained(...check));
    for (const level of ['error', 'warning'] as const) {
      const all = [...findings, ...own].filter((annotation) => annotation.level === level);
      const over = all.length + left[level] > annotationsShown;
      const shown = over ? all.slice(0, annotationsShown - 1) : all;
      for (const annotation of shown) await context.write(command(annotation));
      if (over)
        await context.write(
          command({ level, title: 'and more', message: `${all.length + left[level] - shown.length} more of these are in the report` }),
        );
    }
    const end =
      footer === undefined
        ? 'the run was cut before its end: this report is partial'
        : `exit ${footer.exitCode}: ${exitText(footer.exitCode)}`;
    await context.write(
      command({
        level: 'notice',
        title: 'Authentication conformance',
        message: `${tallySum(tally)} cases: ${tallyText(tally, ', ')}; ${end}`,
      }),
    );
    await context.writeSummary?.(fitting(summary));
  }

  return {
    async onHeader(record) {
      header = record;
      isOpen = true;
      await markdown.onHeader?.(record);
    },
    async onCase(record) {
      tally[standingOfCase(record)] += 1;
      noteCase(record);
      await markdown.onCase?.(record);
    },
    async onFooter(footer) {
      await markdown.onFooter?.(footer);
      await finish(footer);
    },
    async close() {
      if (!isOpen) return;
      await markdown.close?.();
      await finish(undefined);
    },
  };
}

/** `::error file=…,line=…,title=…::message`, with everything escaped that would end a property or the command. */
function command({ level, title, message, file, line }: Annotation): string {
  const properties = [
    ...(file === undefined ? [] : [`file=${escapeProperty(file)}`]),
    ...(line === undefined ? [] : [`line=${line}`]),
    `title=${escapeProperty(shorten(title, 200))}`,
  ];
  return `::${level} ${properties.join(',')}::${escapeData(message.split('\n').map(visible).join('\n'))}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(visible(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function fitting(markdown: string): string {
  const bytes = new TextEncoder().encode(markdown);
  if (bytes.length <= summaryBytes) return markdown;
  const text = new TextDecoder().decode(bytes.subarray(0, summaryBytes)).replace(/\ufffd*$/, '');
  // Cut between two blocks, so that no fence or element stays open.
  const at = text.lastIndexOf('</details>');
  return `${at === -1 ? '' : text.slice(0, at + '</details>'.length)}\n\nThe rest does not fit on this page; it is in the report.\n`;
}
