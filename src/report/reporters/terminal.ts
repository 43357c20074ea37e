/**
 * The report for a person at a terminal: a line per spec file, failures in full at the end, one summary. Everything that came from the target is
 * made harmless before it is printed.
 *
 * @module
 */
import { styleText } from 'node:util';
import type { CaseRecord, FooterRecord, HeaderRecord, JudgedCheck, Mismatch, RecordedStep } from '../../model/record.ts';
import { curlCommand } from '../curl.ts';
import {
  answerText,
  clauseText,
  emptyTally,
  exitText,
  expiryText,
  fileTitle,
  explainer,
  judgedExchange,
  notableChecks,
  standingOfCase,
  standingOfCheck,
  tallySum,
  tallyText,
  targetText,
  worstStanding,
} from '../digest.ts';
import type { Explainer, Standing, Tally } from '../digest.ts';
import type { Reporter, ReporterContext } from '../reporter.ts';
import { asciiOnly, columnsOf, counted, cutTo, duration, shorten, visible, withoutCommands, wrap } from '../text.ts';

type Style = Parameters<typeof styleText>[0];

const longestValue = 400;
const failuresInFull = 100;
const addressesListed = 6;
/** With more targets than these a file in which nothing is wrong has no line of its own. */
const targetsInFull = 20;

/** One step of a case with checks that did not pass; small, since it is kept until the end. */
interface Trouble {
  readonly target: string;
  readonly address: string;
  readonly title: string;
  readonly place: string;
  readonly standing: Standing;
  readonly why?: string;
  readonly reason?: string;
  readonly checks: readonly TroubledCheck[];
  readonly runs?: string;
}

interface TroubledCheck {
  readonly address: string;
  /** Name of the step, where a case has several. */
  readonly step?: string;
  readonly check: Omit<JudgedCheck, 'alternatives'>;
  /** Shared by the checks of one step, and told with the first of them that is told. */
  readonly attempt?: Attempt;
}

interface Attempt {
  readonly answer: string;
  readonly curl: string;
  readonly note?: string;
}

/** Warnings that say the same are told once. */
interface Warning {
  readonly text: string;
  readonly difference: Mismatch | undefined;
  readonly clauses: readonly string[];
  readonly checks: { readonly target: string; readonly address: string }[];
}

interface FileLine {
  readonly target: string;
  readonly file: string;
  readonly tally: Tally;
  startedMs: number;
  endedMs: number;
  printed: boolean;
}

/** A run on several targets is told target by target, each when it is complete. */
interface Block {
  readonly target: string;
  readonly planned: number | undefined;
  cases: number;
  told: boolean;
}

export function terminalReporter(context: ReporterContext): Reporter {
  const { isTTY, now } = context;
  const unicode = context.unicode !== false;
  const columns = Math.max(40, Math.min(context.columns || 80, 140));
  const marks: Readonly<Record<Standing, string>> = unicode
    ? { pass: '✓', fail: '✗', waived: '~', error: '✗', blocked: '■', warn: '!', skipped: '-' }
    : { pass: 'ok', fail: 'FAIL', waived: 'waived', error: 'ERROR', blocked: 'BLOCK', warn: 'warn', skipped: 'skip' };
  const markColumns = unicode ? 1 : 6;
  const styles: Readonly<Record<Standing, Style>> = {
    pass: 'green',
    fail: 'red',
    waived: 'yellow',
    error: 'magenta',
    blocked: 'magenta',
    warn: 'yellow',
    skipped: 'dim',
  };

  const totals = emptyTally();
  const files = new Map<string, FileLine>();
  const blocks = new Map<string, Block>();
  const troubles: Trouble[] = [];
  const untold: { target: string; address: string; checks: string[] }[] = [];
  const warnings = new Map<string, Warning>();
  const reasons = { skipped: new Map<string, string[]>(), blocked: new Map<string, string[]>() };
  const expiries = new Map<string, string[]>();
  let header: HeaderRecord | undefined;
  let nameColumns = 44;
  let checks = 0;
  let status: string | undefined;
  let statusShown = false;
  let statusAt = Number.NEGATIVE_INFINITY;
  let ended = false;

  const paint = (style: Style, text: string): string =>
    context.color && text !== '' ? styleText(style, text, { validateStream: false }) : text;
  const shown = (text: string): string => (unicode ? visible(text) : asciiOnly(visible(text)));
  const separator = unicode ? ' · ' : ' - ';

  function put(text: string): void | Promise<void> {
    const clear = statusShown ? '\r\u001b[2K' : '';
    statusShown = false;
    return text === '' && clear === '' ? undefined : context.write(clear + withoutCommands(text));
  }

  function showStatus(force: boolean): void {
    if (!isTTY || ended) return;
    const at = now().getTime();
    if (!force && at - statusAt < 80) return;
    statusAt = at;
    const planned = plannedCases(header);
    const progress = planned === undefined ? counted(tallySum(totals), 'case') : `${tallySum(totals)}/${planned}`;
    const bad = totals.fail + totals.error > 0 ? `${separator}${totals.fail + totals.error} failed` : '';
    const line = cutTo(
      `${progress}${bad}${status === undefined ? '' : `${separator}${shown(status)}`}`,
      columns - 1,
      unicode ? '…' : '...',
    );
    void context.write(`\r\u001b[2K${paint('dim', line)}`);
    statusShown = true;
  }

  function named(target: string, address: string): string {
    return (header?.targets.length ?? 1) > 1 ? `[${target}] ${address}` : address;
  }

  const isMany = (): boolean => (header?.targets.length ?? 1) > 1;

  function fileLine(line: FileLine): string {
    line.printed = true;
    return tallyLine(shown(fileTitle(line.file)), line, isMany() ? 2 : 0);
  }

  function tallyLine(
    name: string,
    { tally, startedMs, endedMs }: Pick<FileLine, 'tally' | 'startedMs' | 'endedMs'>,
    indent: number,
    style?: Style,
  ): string {
    const worst = worstStanding(tally);
    const counts = tallyText(tally, separator);
    const time = duration(endedMs - startedMs);
    const left = columns - indent - markColumns - 1 - 2 - columnsOf(counts) - 2 - time.length;
    const room = Math.min(left, Math.max(24, Math.min(nameColumns, columns - 24)) - indent);
    const pad = ' '.repeat(Math.max(0, room - columnsOf(name)));
    const head = `${' '.repeat(indent)}${paint(styles[worst], marks[worst].padEnd(markColumns))} ${style === undefined ? name : paint(style, name)}${pad}  ${worst === 'pass' ? counts : paint(styles[worst], counts)}`;
    // Where name and counts fill the line, the time is left out rather than wrapped by the terminal.
    if (columnsOf(name) > left && columnsOf(name) <= left + 2 + time.length) return `${head}\n`;
    const gap = ' '.repeat(2 + Math.max(0, left - columnsOf(name) - pad.length));
    return `${head}${gap}${paint('dim', time)}\n`;
  }

  /** A target in one line, and its files below. */
  function blockText(block: Block): string {
    block.told = true;
    const lines = [...files.values()].filter(({ target }) => target === block.target).sort((a, b) => order(a.file, b.file));
    const sum = emptyTally();
    for (const { tally } of lines) for (const standing of standingsIn(tally)) sum[standing] += tally[standing];
    const all = {
      tally: sum,
      startedMs: Math.min(...lines.map(({ startedMs }) => startedMs)),
      endedMs: Math.max(...lines.map(({ endedMs }) => endedMs)),
    };
    const isShort = (header?.targets.length ?? 1) > targetsInFull;
    const told = lines.filter(
      ({ tally }) => !isShort || standingsIn(tally).some((standing) => standing !== 'pass' && standing !== 'skipped'),
    );
    for (const line of lines) line.printed = true;
    return lines.length === 0 ? '' : tallyLine(shown(block.target), all, 0, 'bold') + told.map(fileLine).join('');
  }

  function keep(record: CaseRecord, standing: Standing): void {
    const notable = notableChecks(record).filter(({ check }) => check.verdict === 'fail' || check.verdict === 'error');
    if (standing !== 'fail' && standing !== 'waived' && standing !== 'error' && notable.length === 0) return;
    // Twice as many are kept, because findings may explain some of them.
    if (troubles.length >= failuresInFull * 2) {
      untold.push({ target: record.target, address: record.address, checks: notable.map(({ address }) => address) });
      return;
    }
    const attempts = new Map(notable.map(({ step }) => [step, attemptOf(step)]));
    troubles.push({
      target: record.target,
      address: record.address,
      title: record.title,
      place: `${record.file}:${record.line}`,
      standing,
      ...(record.why === undefined ? {} : { why: record.why }),
      ...(record.reason === undefined ? {} : { reason: record.reason }),
      ...(record.runs === undefined ? {} : { runs: runsText(record.runs) }),
      checks: notable.map(({ step, check: { alternatives: _, ...check }, address }): TroubledCheck => {
        const attempt = attempts.get(step);
        return {
          address,
          ...(record.steps.length > 1 ? { step: step.name } : {}),
          check: { ...check, mismatches: check.mismatches.slice(0, 20).map(trimMismatch) },
          ...(attempt === undefined ? {} : { attempt }),
        };
      }),
    });
  }

  function keepWarnings(record: CaseRecord): void {
    for (const { check, address } of notableChecks(record)) {
      if (check.verdict !== 'warn') continue;
      const difference = check.mismatches[0] === undefined ? undefined : trimMismatch(check.mismatches[0]);
      const key = `${check.message ?? check.name}\n${difference?.at ?? ''}\n${difference?.expected ?? ''}`;
      const known = warnings.get(key);
      const one = { target: record.target, address };
      if (known === undefined) warnings.set(key, { text: check.message ?? check.name, difference, clauses: check.clauses, checks: [one] });
      else known.checks.push(one);
    }
  }

  function heading(text: string): string {
    return `\n${paint('bold', text)}\n`;
  }

  function labelled(label: string, text: string, style?: Style, indent = 4): string {
    const width = 10;
    const lines = wrap(text, columns - indent - width);
    return lines
      .map(
        (line, index) =>
          `${' '.repeat(indent)}${paint('dim', (index === 0 ? label : '').padEnd(width))}${style === undefined ? line : paint(style, line)}\n`,
      )
      .join('');
  }

  function mismatchLines(mismatches: readonly Mismatch[]): string {
    const widest = Math.min(24, Math.max(0, ...mismatches.map(({ at }) => columnsOf(shown(at)))));
    return mismatches
      .map((mismatch) => {
        const at = shown(mismatch.at === '' ? 'body' : mismatch.at);
        const own = columnsOf(at) > widest;
        const lead = own ? `    ${at}\n` : '';
        const pad = (text: string) => text + ' '.repeat(Math.max(0, widest - columnsOf(text)));
        const room = columns - 4 - widest - 2 - 10;
        const side = (name: string, value: string, style: Style, first: string) =>
          wrap(shown(value), room)
            .map(
              (line, index) =>
                `    ${pad(index === 0 ? first : '')}  ${paint('dim', (index === 0 ? name : '').padEnd(10))}${paint(style, line)}\n`,
            )
            .join('');
        return `${lead}${side('expected', mismatch.expected, 'green', own ? '' : at)}${side('actual', mismatch.actual, 'red', '')}`;
      })
      .join('');
  }

  function clauseLines(ids: readonly string[]): string {
    return ids
      .map((id) => {
        const clause = clauseText(header, id);
        const head = labelled('clause', shown(clause.kind === undefined ? id : `${id} (${clause.kind})`));
        const says = clause.says === undefined ? '' : labelled('', shown(clause.says));
        // A link is never wrapped: it would no longer be one.
        return `${head}${says}${clause.url === undefined ? '' : `${' '.repeat(14)}${paint('underline', shown(clause.url))}\n`}`;
      })
      .join('');
  }

  function troubleText(trouble: Trouble, isExplained: Explainer): string {
    const { standing } = trouble;
    const style = styles[standing];
    let text = `\n${paint(style, `${marks[standing]} ${shown(named(trouble.target, trouble.address))}`)}\n`;
    text += wrap(shown(trouble.title), columns - 2)
      .map((line) => `  ${line}\n`)
      .join('');
    if (trouble.reason !== undefined)
      text += wrap(shown(trouble.reason), columns - 2)
        .map((line) => `  ${line}\n`)
        .join('');
    let clauses = '';
    const told = new Set<Attempt>();
    for (const { address, step, check, attempt } of trouble.checks) {
      if (isExplained(trouble.target, address, check.verdict) && standingOfCheck(check) !== 'waived') continue;
      const mark = standingOfCheck(check);
      text += `\n  ${paint('bold', `#${shown(check.name)}`)}${paint('dim', ` ${check.level.toUpperCase()}${mark === 'fail' ? '' : `, ${mark}`}${step === undefined ? '' : `, step ${shown(step)}`}`)}\n`;
      text += mismatchLines(check.mismatches);
      const fresh = attempt === undefined || told.has(attempt) ? undefined : attempt;
      if (fresh !== undefined) text += labelled('answer', shown(fresh.answer));
      const cited = clauseLines(check.clauses);
      text += cited === clauses ? '' : cited;
      clauses = cited;
      if (check.message !== undefined) text += labelled('witness', shown(check.message));
      if (check.waived !== undefined) {
        const { reason, expires, link } = check.waived;
        text += labelled('waived', shown(`until ${expires}: ${reason}${link === undefined ? '' : ` (${link})`}`), 'yellow');
      }
      if (fresh !== undefined) text += attemptLines(fresh);
      if (attempt !== undefined) told.add(attempt);
    }
    if (trouble.why !== undefined) text += labelled('why', shown(trouble.why));
    if (trouble.runs !== undefined) text += labelled('runs', trouble.runs);
    return `${text}${labelled('spec', shown(trouble.place), 'dim')}`;
  }

  function attemptLines({ curl, note }: Attempt): string {
    const lines = curl
      .split('\n')
      .map((line, index) => `    ${paint('dim', (index === 0 ? 'repeat' : '').padEnd(10))}${unicode ? line : asciiOnly(line)}\n`);
    return lines.join('') + (note === undefined ? '' : labelled('', `(${shown(note)})`, 'dim'));
  }

  function listed(addresses: readonly string[], indent = 4): string {
    const lines = addresses
      .slice(0, addressesListed)
      .map((address) => `${' '.repeat(indent)}${paint('dim', cutTo(shown(address), columns - indent, unicode ? '…' : '...'))}\n`);
    const more = addresses.length - addressesListed;
    return lines.join('') + (more > 0 ? `${' '.repeat(indent)}${paint('dim', `and ${more} more`)}\n` : '');
  }

  function bulleted(text: string, indent = 2): string {
    return wrap(text, columns - indent - 2)
      .map((line, index) => `${' '.repeat(indent)}${index === 0 ? (unicode ? '• ' : '* ') : '  '}${line}\n`)
      .join('');
  }

  /** `(miniorange/…/case)`, or `(3 cases)`. */
  function inCases(addresses: readonly string[]): string {
    return `(${addresses.length === 1 ? shown(addresses[0] ?? '') : counted(addresses.length, 'case')})`;
  }

  async function finish(footer: FooterRecord | undefined): Promise<void> {
    ended = true;
    for (const block of blocks.values()) if (isMany() && !block.told) await put(blockText(block));
    const rest = [...files.values()].filter((line) => !line.printed).sort((a, b) => order(a.file, b.file));
    await put(rest.map(fileLine).join(''));

    const findings = footer?.findings ?? [];
    const isExplained = explainer(findings);
    const own = troubles.filter(
      (trouble) =>
        trouble.checks.length === 0 ||
        trouble.checks.some(
          ({ address, check }) => standingOfCheck(check) === 'waived' || !isExplained(trouble.target, address, check.verdict),
        ),
    );
    const failed = own.filter(({ standing }) => standing !== 'waived').sort(byAddress);
    const waived = own.filter(({ standing }) => standing === 'waived').sort(byAddress);
    const silent = [
      ...failed.slice(failuresInFull),
      ...untold.filter((one) => one.checks.length === 0 || one.checks.some((address) => !isExplained(one.target, address, 'fail'))),
    ];

    if (failed.length > 0) await put(heading('Failures'));
    for (const trouble of failed.slice(0, failuresInFull)) await put(troubleText(trouble, isExplained));
    if (silent.length > 0) {
      await put(
        `\n  ${counted(silent.length, 'more failing case')}, in full in the other reports:\n${listed(silent.map(({ target, address }) => named(target, address)))}`,
      );
    }
    if (waived.length > 0) await put(heading('Waived') + waived.map((trouble) => troubleText(trouble, isExplained)).join(''));

    if (findings.length > 0) {
      await put(heading('Findings'));
      for (const finding of findings) {
        const sure = finding.confidence === undefined ? '' : ` (${finding.confidence})`;
        let text = `\n${paint(styles[finding.verdict], marks[finding.verdict])} ${wrap(shown(finding.title) + sure, columns - 2).join('\n  ')}\n`;
        if (finding.remedy !== undefined) text += labelled('remedy', shown(finding.remedy), undefined, 2);
        if (finding.link !== undefined) text += `${' '.repeat(12)}${paint('underline', shown(finding.link))}\n`;
        if (finding.checks.length > 0)
          text += labelled('explains', counted(finding.checks.length, 'check'), undefined, 2) + listed(finding.checks, 12);
        await put(text);
      }
    }

    const open = [...warnings.values()].filter(({ checks: warned }) =>
      warned.some(({ target, address }) => !isExplained(target, address, 'warn')),
    );
    if (open.length > 0) {
      await put(heading(counted(open.length, 'warning')));
      for (const { text, difference, clauses, checks: warned } of open) {
        await put(
          bulleted(shown(text)) +
            (difference === undefined ? '' : mismatchLines([difference])) +
            (clauses.length === 0 ? '' : `    ${paint('dim', shown(clauses.join(', ')))}\n`) +
            listed(warned.map(({ target, address }) => named(target, address))),
        );
      }
    }
    if (expiries.size > 0)
      await put(heading('Expiry') + [...expiries].map(([text, addresses]) => bulleted(`${shown(text)} ${inCases(addresses)}`)).join(''));
    const deviations = Object.entries(header?.deviations ?? {}).filter(([, ids]) => ids.length > 0);
    if (deviations.length > 0) {
      await put(heading('By design, without a verdict'));
      for (const [profile, ids] of deviations)
        await put(
          bulleted(
            `the documented design of ${shown(profile)} breaks ${shown(ids.slice(0, addressesListed).join(', '))}${ids.length > addressesListed ? ` and ${ids.length - addressesListed} more clauses` : ''}`,
          ),
        );
    }
    for (const kind of ['blocked', 'skipped'] as const) {
      const groups = [...reasons[kind].entries()].sort(([, a], [, b]) => b.length - a.length);
      if (groups.length === 0) continue;
      await put(heading(kind === 'blocked' ? `Blocked: ${totals.blocked}` : `Skipped: ${totals.skipped}`));
      for (const [reason, addresses] of groups) {
        await put(bulleted(`${shown(reason)} ${inCases(addresses)}`));
      }
    }
    await put(summary(footer));
  }

  function summary(footer: FooterRecord | undefined): string {
    const cases = counted(tallySum(totals), 'case');
    const parts = standingsIn(totals).map((standing) =>
      paint(styles[standing], tallyText({ ...emptyTally(), [standing]: totals[standing] })),
    );
    const facts = [
      counted(checks, 'check'),
      ...(footer === undefined ? [] : [counted(footer.requests, 'request'), duration(footer.durationMs)]),
    ].join(separator);
    let text = `\n${paint('bold', `${cases}:`)} ${parts.length === 0 ? 'nothing ran' : parts.join(separator)}\n${paint('dim', facts)}\n`;
    if (footer === undefined) return `${text}${paint('red', 'The run was cut before its end: this report is partial.')}\n`;
    if (footer.cut !== undefined) text += `${paint('red', `The run stopped early (${shown(footer.cut)}): this report is partial.`)}\n`;
    return (
      text +
      wrap(`Exit ${footer.exitCode}: ${exitText(footer.exitCode)}.`, columns)
        .map((line) => `${paint(footer.exitCode === 0 ? 'green' : 'red', line)}\n`)
        .join('')
    );
  }

  return {
    onHeader(record) {
      header = record;
      const indent = record.targets.length > 1 ? 2 : 0;
      const widths = Object.values(record.planned ?? {}).flatMap((planned) =>
        Object.keys(planned).map((file) => columnsOf(shown(fileTitle(file))) + indent),
      );
      if (widths.length > 0)
        nameColumns = Math.max(...widths, ...(indent === 0 ? [] : record.targets.map(({ name }) => columnsOf(shown(name)))));
      for (const { name } of record.targets) {
        const planned = record.planned?.[name];
        blocks.set(name, {
          target: name,
          planned: planned === undefined ? undefined : Object.values(planned).reduce((sum, count) => sum + count, 0),
          cases: 0,
          told: false,
        });
      }
      const facts = [`${record.suite.name} ${record.suite.version}`, `specs ${record.specs.slice(0, 12)}`, `seed ${record.seed}`];
      const { strict, witness, readOnly, repeat, shard } = record.options;
      if (strict) facts.push('strict');
      if (witness !== undefined) facts.push(`witness ${witness}`);
      if (readOnly) facts.push('read-only');
      if (repeat > 1) facts.push(`${repeat} times`);
      if (shard !== undefined) facts.push(`shard ${shard}`);
      const lines = [
        paint('dim', shown(facts.join(separator))),
        ...(record.targets.length > targetsInFull
          ? [counted(record.targets.length, 'target')]
          : record.targets.flatMap((target) => wrap(shown(targetText(target, separator)), columns))),
      ];
      return put(`${lines.join('\n')}\n\n`);
    },
    onCase(record) {
      const standing = standingOfCase(record);
      totals[standing] += 1;
      checks += record.steps.reduce((sum, step) => sum + step.checks.length, 0);
      const key = `${record.target}\n${record.file}`;
      const line = files.get(key) ?? {
        target: record.target,
        file: record.file,
        tally: emptyTally(),
        startedMs: record.startedMs,
        endedMs: record.startedMs,
        printed: false,
      };
      files.set(key, line);
      line.tally[standing] += 1;
      line.startedMs = Math.min(line.startedMs, record.startedMs);
      line.endedMs = Math.max(line.endedMs, record.startedMs + record.durationMs);
      keep(record, standing);
      keepWarnings(record);
      if (record.expiry !== undefined) listUnder(expiries, expiryText(record.expiry), named(record.target, record.address));
      if (standing === 'skipped' || standing === 'blocked') {
        const reason = record.reason ?? 'no reason recorded';
        listUnder(reasons[standing], reason, named(record.target, record.address));
      }
      // A promise only where something is written: a thousand cases make a dozen lines.
      let written: void | Promise<void> = undefined;
      if (isMany()) {
        const block = blocks.get(record.target);
        if (block !== undefined && ++block.cases === block.planned) written = put(blockText(block));
      } else if (tallySum(line.tally) === header?.planned?.[record.target]?.[record.file]) written = put(fileLine(line));
      if (written !== undefined) return written.then(() => showStatus(false));
      return showStatus(false);
    },
    onFooter: (footer) => finish(footer),
    onStatus(line) {
      status = line;
      showStatus(true);
    },
    close: () => (ended || header === undefined ? undefined : finish(undefined)),
  };
}

function listUnder(groups: Map<string, string[]>, key: string, one: string): void {
  const known = groups.get(key);
  if (known === undefined) groups.set(key, [one]);
  else known.push(one);
}

function standingsIn(tally: Tally): Standing[] {
  return (Object.keys(tally) as Standing[]).filter((standing) => tally[standing] > 0);
}

function plannedCases(header: HeaderRecord | undefined): number | undefined {
  if (header?.planned === undefined) return undefined;
  return Object.values(header.planned).reduce((sum, files) => sum + Object.values(files).reduce((inner, count) => inner + count, 0), 0);
}

function trimMismatch(mismatch: Mismatch): Mismatch {
  return {
    at: shorten(mismatch.at, 200),
    expected: shorten(mismatch.expected, longestValue),
    actual: shorten(mismatch.actual, longestValue),
  };
}

function attemptOf(step: RecordedStep): Attempt | undefined {
  const exchange = judgedExchange(step);
  if (exchange === undefined) return undefined;
  const { text, note } = curlCommand(exchange.request);
  return { answer: shorten(answerText(exchange), longestValue), curl: text, ...(note === undefined ? {} : { note }) };
}

function runsText(runs: NonNullable<CaseRecord['runs']>): string {
  const sum = Object.values(runs).reduce((total, count) => total + count, 0);
  return Object.entries(runs)
    .map(([verdict, count]) => `${verdict} in ${count} of ${sum}`)
    .join(', ');
}

function byAddress(a: Trouble, b: Trouble): number {
  return order(`${a.target}\n${a.address}`, `${b.target}\n${b.address}`);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
