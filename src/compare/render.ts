/**
 * A comparison for people and programs. Text of a target is hostile: every format escapes it.
 *
 * @module
 */
import type { HeaderRecord } from '../model/record.ts';
import { jsonText } from '../support/json-text.ts';
import type { Comparison, QuietChange, VerdictChange } from './compare.ts';
import type { Migration, MigrationChange } from './migrate.ts';

export type ComparisonFormat = 'terminal' | 'markdown' | 'json' | 'html';

export function renderComparison(comparison: Comparison, format: ComparisonFormat): string {
  switch (format) {
    case 'json':
      return `${jsonText(comparison, 2)}\n`;
    case 'markdown':
      return renderMarkdown(comparison);
    case 'html':
      return renderHtml(comparison);
    case 'terminal':
      return renderTerminal(comparison);
  }
}

interface Section {
  readonly title: string;
  readonly changes: readonly VerdictChange[];
}

function sectionsOf(comparison: Comparison): Section[] {
  const all: Section[] = [
    { title: 'Broken', changes: comparison.broken },
    { title: 'Fixed', changes: comparison.fixed },
    { title: 'Passing, but warned about now', changes: comparison.worsened },
    { title: 'Still failing', changes: comparison.stillFailing },
    { title: 'Judged in one run only', changes: comparison.unjudged },
    { title: 'New', changes: comparison.new },
    { title: 'Gone', changes: comparison.gone },
  ];
  return all.filter(({ changes }) => changes.length > 0);
}

function nameOf(header: HeaderRecord): string {
  return header.targets.map(({ name, version }) => (version === undefined ? name : `${name} ${version.value}`)).join(', ');
}

function summaryOf(comparison: Comparison): string {
  const counts: [number, string][] = [
    [comparison.broken.length, 'broken'],
    [comparison.fixed.length, 'fixed'],
    [comparison.changed.length, 'changed although passing'],
    [comparison.stillFailing.length, 'still failing'],
    [comparison.new.length, 'new'],
    [comparison.gone.length, 'gone'],
    [comparison.same, 'the same'],
  ];
  return counts.map(([count, what]) => `${count} ${what}`).join(' · ');
}

function describeQuiet({ fact, before, after }: QuietChange): string {
  if (before === undefined) return `${fact}: new, ${after}`;
  if (after === undefined) return `${fact}: gone, was ${before}`;
  return `${fact}: ${before} → ${after}`;
}

function placeOf({ target, address }: VerdictChange): string {
  return target === undefined ? address : `[${target}] ${address}`;
}

function verdictsOf({ before, after }: VerdictChange): string {
  return [before, after].filter((verdict) => verdict !== undefined).join(' → ');
}

// ── terminal ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

const shownPerChange = 3;
/** Of what is no change for the worse only so many are listed; the other formats have them all. */
const shownPerSection = 20;
const listedWhole = new Set(['Broken', 'Still failing']);

function renderTerminal(comparison: Comparison): string {
  const lines = [
    `base  ${nameOf(comparison.base)} (${comparison.base.startedAt})`,
    `head  ${nameOf(comparison.head)} (${comparison.head.startedAt})`,
    '',
  ];
  for (const { title, changes } of sectionsOf(comparison)) {
    lines.push(title);
    const shown = listedWhole.has(title) ? changes : changes.slice(0, shownPerSection);
    for (const change of shown) {
      lines.push(`  ${placeOf(change)}  ${verdictsOf(change)}`);
      if (change.renamedFrom !== undefined) lines.push(`      was ${change.renamedFrom}`);
      if (change.reason !== undefined) lines.push(`      ${change.reason}`);
      for (const { name, mismatches } of change.checks) {
        for (const { at, expected, actual } of mismatches.slice(0, shownPerChange))
          lines.push(`      #${name} ${at}: expected ${expected}, actual ${actual}`);
      }
    }
    if (shown.length < changes.length) lines.push(`  and ${changes.length - shown.length} more`);
    lines.push('');
  }
  if (comparison.changed.length > 0) {
    lines.push('Changed although passing');
    for (const change of comparison.changed) {
      lines.push(`  ${describeQuiet(change)}`, `      breaks ${change.affects}`, `      seen in ${seenIn(change)}`);
    }
    lines.push('');
  }
  lines.push(summaryOf(comparison));
  return `${lines.map(escapeControls).join('\n')}\n`;
}

function seenIn({ seenIn: places }: QuietChange): string {
  const [first = '', ...others] = places;
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

function escapeControls(line: string): string {
  // eslint-disable-next-line no-control-regex
  return line.replace(
    /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

// ── Markdown ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function renderMarkdown(comparison: Comparison): string {
  const lines = [`# ${cell(nameOf(comparison.base))} → ${cell(nameOf(comparison.head))}`, '', summaryOf(comparison), ''];
  for (const { title, changes } of sectionsOf(comparison)) {
    lines.push(`## ${title}`, '', '| case | verdict | what |', '|---|---|---|');
    for (const change of changes) {
      const what = change.checks.flatMap(({ name, mismatches }) =>
        mismatches.map(({ at, expected, actual }) => `\`#${name}\` ${at}: expected ${expected}, actual ${actual}`),
      );
      lines.push(
        `| ${code(placeOf(change))} | ${verdictsOf(change)} | ${cell((what.length > 0 ? what : [change.reason ?? '']).slice(0, shownPerChange).join('; '))} |`,
      );
    }
    lines.push('');
  }
  if (comparison.changed.length > 0) {
    lines.push('## Changed although passing', '', '| what | before | after | breaks | seen in |', '|---|---|---|---|---|');
    for (const change of comparison.changed) {
      lines.push(
        `| ${code(change.fact)} | ${cell(change.before ?? '–')} | ${cell(change.after ?? '–')} | ${cell(change.affects)} | ${cell(seenIn(change))} |`,
      );
    }
    lines.push('');
  }
  return `${lines.join('\n')}\n`;
}

function cell(text: string): string {
  return escapeControls(text).replace(/[\\|<>`*_[\]#]/g, (char) => `\\${char}`);
}

function code(text: string): string {
  return `\`${escapeControls(text).replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}

// ── HTML ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function renderHtml(comparison: Comparison): string {
  const title = `${nameOf(comparison.base)} → ${nameOf(comparison.head)}`;
  const sections = sectionsOf(comparison).map(
    ({ title: heading, changes }) =>
      `<h2>${html(heading)} <small>${changes.length}</small></h2><table><thead><tr><th scope="col">case<th scope="col">verdict<th scope="col">what</thead><tbody>${changes
        .map(
          (change) =>
            `<tr><td><code>${html(placeOf(change))}</code><td class="verdicts">${html(verdictsOf(change))}<td>${change.checks
              .flatMap(({ name, mismatches }) =>
                mismatches.map(
                  ({ at, expected, actual }) =>
                    `<div><code>#${html(name)}</code> ${html(at)}: <ins>${html(expected)}</ins> <del>${html(actual)}</del></div>`,
                ),
              )
              .join('')}${html(change.reason ?? '')}`,
        )
        .join('')}</tbody></table>`,
  );
  const quiet =
    comparison.changed.length === 0
      ? ''
      : `<h2>Changed although passing <small>${comparison.changed.length}</small></h2><table><thead><tr><th scope="col">what<th scope="col">before<th scope="col">after<th scope="col">breaks<th scope="col">seen in</thead><tbody>${comparison.changed
          .map(
            (change) =>
              `<tr><td><code>${html(change.fact)}</code><td>${html(change.before ?? '–')}<td>${html(change.after ?? '–')}<td>${html(change.affects)}<td>${html(seenIn(change))}`,
          )
          .join('')}</tbody></table>`;
  return page(title, `<p>${html(summaryOf(comparison))}</p>${sections.join('\n')}${quiet}`);
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><meta name="viewport" content="width=device-width"><title>${html(title)}</title>
<style>${pageStyle}</style>
<main><h1>${html(title)}</h1>${body}</main></html>
`;
}

const pageStyle = [
  ':root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}',
  'body{max-width:75rem;margin:2rem auto;padding:0 1rem}',
  'table{border-collapse:collapse;width:100%;font-size:.9rem}',
  'th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-top:1px solid color-mix(in srgb,currentColor 20%,transparent);overflow-wrap:anywhere}',
  'th,.verdicts{white-space:nowrap}',
  'ins{text-decoration:none;border-bottom:2px solid #2a8}del{text-decoration:none;border-bottom:2px solid #c44}small{font-weight:400;opacity:.7}',
].join('');

function html(text: string): string {
  return escapeControls(text).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

// ── migration ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a client must change, step by step; HTML is the Markdown's tables in a page. */
export function renderMigration(migration: Migration, format: ComparisonFormat): string {
  if (format === 'json') return `${jsonText(migration, 2)}\n`;
  const title = `${nameOf(migration.base)} → ${nameOf(migration.head)}: what a client must change`;
  if (format === 'html')
    return page(
      title,
      migration.steps.map(migrationTable).join('\n') +
        onlyIn(migration)
          .map((line) => `<p>${html(line)}</p>`)
          .join(''),
    );
  const lines = format === 'markdown' ? [`# ${cell(title)}`, ''] : [title, ''];
  for (const { flow, request, response } of migration.steps) {
    const rows = [...request.map((change) => ['send', change] as const), ...response.map((change) => ['expect', change] as const)];
    if (format === 'markdown') {
      lines.push(`## ${cell(flow)}`, '');
      if (rows.length === 0) lines.push('Nothing changes.', '');
      else {
        lines.push('| | what | before | after |', '|---|---|---|---|');
        for (const [side, { what, before, after }] of rows)
          lines.push(`| ${side} | ${code(what)} | ${cell(before ?? '–')} | ${cell(after ?? '–')} |`);
        lines.push('');
      }
    } else {
      lines.push(
        flow,
        ...(rows.length === 0 ? ['  nothing changes'] : rows.map(([side, change]) => `  ${side.padEnd(7)} ${describeMigration(change)}`)),
        '',
      );
    }
  }
  lines.push(...onlyIn(migration));
  return `${(format === 'markdown' ? lines : lines.map(escapeControls)).join('\n')}\n`;
}

function describeMigration({ what, before, after }: MigrationChange): string {
  if (before === undefined) return `${what}: new, ${after}`;
  return after === undefined ? `${what}: gone, was ${before}` : `${what}: ${before} → ${after}`;
}

function migrationTable({ flow, request, response }: Migration['steps'][number]): string {
  const row = (side: string) => (change: MigrationChange) =>
    `<tr><td>${side}<td><code>${html(change.what)}</code><td>${html(change.before ?? '–')}<td>${html(change.after ?? '–')}`;
  return `<h2>${html(flow)}</h2><table><thead><tr><th scope="col">side<th scope="col">what<th scope="col">before<th scope="col">after</thead><tbody>${request.map(row('send')).join('')}${response.map(row('expect')).join('')}</tbody></table>`;
}

function onlyIn({ onlyBase, onlyHead }: Migration): string[] {
  return [
    ...(onlyBase.length === 0 ? [] : [`Only before: ${onlyBase.join(', ')}`]),
    ...(onlyHead.length === 0 ? [] : [`Only after: ${onlyHead.join(', ')}`]),
  ];
}
