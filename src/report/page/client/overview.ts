/**
 * What a person wants to know first: does it conform, what is to be fixed, and how sure is that.
 *
 * @module
 */
import type { Finding } from '../../../model/record.ts';
import { exitText, expiryText, fileTitle, standingWords, tallySum } from '../../digest.ts';
import type { Standing } from '../../digest.ts';
import { counted } from '../../text.ts';
import type { PageCase } from '../index-data.ts';
import { cell, footer, header, index, isCrowd, isExplained, isMany, rows, shownStandings, tallyOf, targetName, total } from './data.ts';
import { clauseView, exchangeView } from './detail.ts';
import type { Child } from './dom.ts';
import { h, outward, replace } from './dom.ts';
import { badge, bar, mark, section } from './marks.ts';
import type { State } from './state.ts';
import { blank, formatState } from './state.ts';
import { timeline } from './timeline.ts';

const timelinesShown = 8;

export function showOverview(app: HTMLElement): void {
  replace(
    app,
    result(),
    findings(),
    matrix(),
    advisories(),
    expiry(),
    warnings(),
    reasons('blocked', 'Blocked'),
    reasons('skipped', 'Skipped'),
    deviations(),
  );
}

/** The whole overview as elements, for printing. */
export function overviewParts(): Child {
  return [
    result(),
    findings(),
    matrix(),
    advisories(),
    expiry(),
    warnings(),
    reasons('blocked', 'Blocked'),
    reasons('skipped', 'Skipped'),
    deviations(),
  ];
}

function result(): HTMLElement {
  const code = footer?.exitCode;
  const tone: Standing =
    footer === null || footer.cut !== undefined
      ? 'blocked'
      : code === 0
        ? total.warn > 0
          ? 'warn'
          : 'pass'
        : code === 1 || code === 4
          ? 'fail'
          : code === 70
            ? 'error'
            : 'blocked';
  const sentence =
    footer === null
      ? 'The run was cut before its end: this report is partial'
      : `${exitText(footer.exitCode).charAt(0).toUpperCase()}${exitText(footer.exitCode).slice(1)}`;
  return h(
    'section',
    { class: `result ${tone}`, 'aria-label': 'Result' },
    h('p', { class: 'sentence' }, mark(tone), `${sentence}.`),
    footer?.cut !== undefined && h('p', {}, `The run stopped early (${footer.cut}): this report is partial.`),
    bar(total),
    h(
      'ul',
      { class: 'totals' },
      h(
        'li',
        {},
        h(
          'a',
          { href: formatState({ ...blank, view: 'cases' }) },
          h('b', {}, tallySum(total)),
          isMany ? `results of ${rows.length} cases` : tallySum(total) === 1 ? 'case' : 'cases',
        ),
      ),
      shownStandings
        .filter((standing) => total[standing] > 0)
        .map((standing) =>
          h(
            'li',
            { class: standing },
            h(
              'a',
              { href: formatState({ ...blank, view: 'cases', standings: [standing] }) },
              h('b', {}, total[standing]),
              standingWords[standing],
            ),
          ),
        ),
    ),
  );
}

function findings(): Child {
  const all = footer?.findings ?? [];
  if (all.length === 0) return undefined;
  return section(
    'Findings',
    h('p', { class: 'hint' }, 'Failures with one cause, told once, with what to change.'),
    h('ul', { class: 'findings' }, all.map(findingItem)),
  );
}

function findingItem(finding: Finding): HTMLElement {
  return h(
    'li',
    { class: `finding ${finding.verdict}` },
    h('h3', {}, mark(finding.verdict), finding.title),
    h(
      'p',
      { class: 'meta' },
      [finding.target, finding.confidence].filter((part) => part !== undefined).map((part) => h('span', { class: 'tag' }, part)),
    ),
    finding.remedy !== undefined && h('p', { class: 'remedy' }, finding.remedy),
    finding.link !== undefined && h('p', {}, outward(finding.link, finding.link)),
    finding.checks.length > 0 &&
      h(
        'details',
        {},
        h('summary', {}, `explains ${counted(finding.checks.length, 'check')}`),
        h(
          'ul',
          { class: 'plain' },
          finding.checks.map((address) => h('li', {}, caseLink(address))),
        ),
      ),
    finding.evidence !== undefined &&
      finding.evidence.length > 0 &&
      h(
        'details',
        {},
        h('summary', {}, 'what was exchanged'),
        finding.evidence.map((exchange, at) => exchangeView(exchange, at + 1)),
      ),
  );
}

function caseLink(check: string): HTMLElement {
  const address = check.replace(/#.*$/, '');
  return rows.some((row) => row.address === address)
    ? h('a', { href: formatState({ ...blank, view: 'cases', open: address }) }, h('code', {}, check))
    : h('code', {}, check);
}

/** How many of each verdict, with the way to them. */
function numbers(cells: readonly PageCase[], filter: Pick<State, 'file' | 'target'>): HTMLElement {
  if (cells.length === 0) return h('td', { class: 'none' }, h('span', { class: 'quiet' }, 'not run'));
  const tally = tallyOf(cells);
  const shown = shownStandings.filter((standing) => tally[standing] > 0);
  return h(
    'td',
    {},
    bar(tally),
    h(
      'span',
      { class: 'numbers' },
      shown.map((standing) =>
        h(
          'a',
          { class: standing, href: formatState({ ...blank, ...filter, view: 'cases', standings: [standing] }) },
          mark(standing, `${tally[standing]} ${standingWords[standing]}`),
          tally[standing],
        ),
      ),
    ),
  );
}

/** Very many targets: each in a line, what is wrong first, and below the spec files over all of them. */
function crowd(): HTMLElement {
  const worst = (cells: readonly PageCase[]) =>
    Math.min(shownStandings.length, ...cells.map((one) => shownStandings.indexOf(one.standing)));
  const targets = header.targets
    .map(({ name }, at) => ({ name, cells: rows.flatMap((row) => cell(row.cells[at]) ?? []) }))
    .toSorted((a, b) => worst(a.cells) - worst(b.cells));
  const files = [...new Set(rows.map((row) => row.file))];
  const line = (name: string, cells: readonly PageCase[], filter: Pick<State, 'file' | 'target'>) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, h('a', { href: formatState({ ...blank, ...filter, view: 'cases' }) }, name)),
      numbers(cells, filter),
    );
  const table = (what: string, lines: HTMLElement[]) =>
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Verdicts by ${what}` },
      h(
        'table',
        { class: 'matrix' },
        h('caption', {}, `Verdicts by ${what}`),
        h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, what), h('th', { scope: 'col' }, 'verdicts'))),
        h('tbody', {}, lines),
      ),
    );
  return section(
    'Matrix',
    table(
      'target',
      targets.map(({ name, cells }) => line(name, cells, { file: '', target: name })),
    ),
    table(
      'spec file',
      files.map((file) => {
        const cells = rows.filter((row) => row.file === file).flatMap((row) => row.cells.flatMap((position) => cell(position) ?? []));
        return line(fileTitle(file), cells, { file, target: '' });
      }),
    ),
  );
}

/** Spec files against targets: how many of each verdict. */
function matrix(): HTMLElement {
  if (isCrowd) return crowd();
  const files = [...new Set(rows.map((row) => row.file))];
  const body = files.map((file) => {
    const mine = rows.filter((row) => row.file === file);
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, h('a', { href: formatState({ ...blank, view: 'cases', file }) }, fileTitle(file))),
      header.targets.map((target, at) => {
        const cells = mine.flatMap((row) => cell(row.cells[at]) ?? []);
        return numbers(cells, { file, target: isMany ? target.name : '' });
      }),
    );
  });
  return section(
    'Matrix',
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Verdicts by spec file and target' },
      h(
        'table',
        { class: 'matrix' },
        h('caption', {}, 'Verdicts by spec file and target'),
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { scope: 'col' }, 'spec file'),
            header.targets.map((target) => h('th', { scope: 'col' }, target.name)),
          ),
        ),
        h('tbody', {}, body),
      ),
    ),
  );
}

function advisories(): Child {
  const mine = index.cases.filter(({ profile }) => profile === 'advisories');
  if (mine.length === 0) return undefined;
  return section(
    'Security advisories',
    h('p', { class: 'hint' }, 'Published advisories that a harmless read can decide.'),
    h(
      'ul',
      { class: 'findings' },
      mine.map((one) =>
        h(
          'li',
          { class: `finding ${one.standing}` },
          h(
            'h3',
            {},
            badge(one.standing, one.standing === 'fail' ? 'open' : one.standing === 'pass' ? 'not open' : standingWords[one.standing]),
            h(
              'a',
              { href: formatState({ ...blank, view: 'cases', open: one.address, on: isMany ? targetName(one.target) : '' }) },
              one.title,
            ),
          ),
          isMany && h('p', { class: 'meta' }, h('span', { class: 'tag' }, targetName(one.target))),
          one.clauses.map((clause) => clauseView(index.clauses[clause] ?? '')),
        ),
      ),
    ),
  );
}

function expiry(): Child {
  const groups = new Map<string, { first: PageCase; record: NonNullable<PageCase['expiry']>; others: PageCase[] }>();
  for (const one of index.cases) {
    if (one.expiry === undefined) continue;
    const key = `${one.target}\n${expiryText(one.expiry)}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { first: one, record: one.expiry, others: [] });
    else known.others.push(one);
  }
  if (groups.size === 0) return undefined;
  const all = [...groups.values()];
  return section(
    'Expiry',
    h('p', { class: 'hint' }, 'Advertised lifetimes against measured ones, drawn to scale.'),
    all.slice(0, timelinesShown).map(({ first, record, others }) =>
      h(
        'div',
        { class: 'measured' },
        h('h3', {}, mark(first.standing), measuredLink(first), isMany && h('span', { class: 'tag' }, targetName(first.target))),
        timeline(record),
        others.length > 0 &&
          h(
            'details',
            {},
            h('summary', {}, `the same in ${counted(others.length, 'other case')}`),
            h(
              'ul',
              { class: 'plain' },
              others.map((one) => h('li', {}, mark(one.standing), ' ', measuredLink(one))),
            ),
          ),
      ),
    ),
    all.length > timelinesShown &&
      h(
        'details',
        {},
        h('summary', {}, `${all.length - timelinesShown} more`),
        h(
          'ul',
          { class: 'plain' },
          all.slice(timelinesShown).map(({ first, record }) => h('li', {}, measuredLink(first), ` ${expiryText(record)}`)),
        ),
      ),
  );
}

function measuredLink(one: PageCase): HTMLElement {
  return h(
    'a',
    { href: formatState({ ...blank, view: 'cases', open: one.address, on: isMany ? targetName(one.target) : '' }) },
    one.address,
  );
}

function warnings(): Child {
  const groups = new Map<string, { cases: Set<string>; clauses: Set<number> }>();
  for (const one of index.cases) {
    for (const check of one.checks) {
      if (check.standing !== 'warn' || isExplained(targetName(one.target), `${one.address}#${check.name}`, 'warn')) continue;
      const text = check.message ?? check.name;
      const group = groups.get(text) ?? { cases: new Set(), clauses: new Set() };
      groups.set(text, group);
      group.cases.add(one.address);
      for (const clause of check.clauses) group.clauses.add(clause);
    }
  }
  if (groups.size === 0) return undefined;
  return section(
    'Warnings',
    h('p', { class: 'hint' }, 'It deviates, but another witness or only a recommendation speaks.'),
    h(
      'ul',
      { class: 'findings' },
      [...groups]
        .sort(([, a], [, b]) => b.cases.size - a.cases.size)
        .map(([text, { cases, clauses }]) =>
          h(
            'li',
            { class: 'finding warn' },
            h('h3', {}, mark('warn'), text),
            [...clauses].map((clause) => clauseView(index.clauses[clause] ?? '')),
            h(
              'details',
              {},
              h('summary', {}, counted(cases.size, 'case')),
              h(
                'ul',
                { class: 'plain' },
                [...cases].map((address) => h('li', {}, caseLink(address))),
              ),
            ),
          ),
        ),
    ),
  );
}

function reasons(standing: 'blocked' | 'skipped', title: string): Child {
  const groups = new Map<string, string[]>();
  for (const one of index.cases) {
    if (one.standing !== standing) continue;
    const reason = one.summary ?? 'no reason recorded';
    groups.set(reason, [...(groups.get(reason) ?? []), one.address]);
  }
  if (groups.size === 0) return undefined;
  return section(
    title,
    h(
      'p',
      { class: 'hint' },
      standing === 'skipped'
        ? 'The target lacks what these cases need. Nothing of it was tested.'
        : 'A prerequisite failed, so nothing of it was tested.',
    ),
    h(
      'ul',
      { class: 'findings' },
      [...groups]
        .sort(([, a], [, b]) => b.length - a.length)
        .map(([reason, cases]) =>
          h(
            'li',
            { class: `finding ${standing}` },
            h('h3', {}, mark(standing), reason),
            h(
              'details',
              {},
              h('summary', {}, counted(cases.length, 'case')),
              h(
                'ul',
                { class: 'plain' },
                cases.map((address) => h('li', {}, caseLink(address))),
              ),
            ),
          ),
        ),
    ),
  );
}

function deviations(): Child {
  const all = Object.entries(header.deviations ?? {}).filter(([, ids]) => ids.length > 0);
  if (all.length === 0) return undefined;
  return section(
    'By design',
    h('p', { class: 'hint' }, 'The documented design breaks these clauses. They are listed once and have no verdict.'),
    all.map(([profile, ids]) =>
      h(
        'details',
        {},
        h('summary', {}, `${profile}: ${counted(ids.length, 'clause')}`),
        ids.map((id) => clauseView(id)),
      ),
    ),
  );
}
