/**
 * The register against this run: which clauses were tested, by how many checks, with what outcome.
 *
 * @module
 */
import { clauseText, emptyTally, worstStanding } from '../../digest.ts';
import type { Tally } from '../../digest.ts';
import { counted } from '../../text.ts';
import { header, index } from './data.ts';
import { h, outward, replace } from './dom.ts';
import { badge, bar, section } from './marks.ts';
import { blank, formatState } from './state.ts';

export function showCoverage(app: HTMLElement): void {
  const byClause = new Map<string, Tally>();
  const compared = new Map<string, number>();
  for (const one of index.cases) {
    for (const check of one.checks) {
      for (const clause of check.clauses) {
        const id = index.clauses[clause] ?? '';
        const tally = byClause.get(id) ?? emptyTally();
        byClause.set(id, tally);
        tally[check.standing] += 1;
      }
      for (const clause of check.compared ?? []) {
        const id = index.clauses[clause] ?? '';
        compared.set(id, (compared.get(id) ?? 0) + 1);
      }
    }
  }
  const documents = [...new Set([...Object.keys(header.registers ?? {}), ...Object.keys(header.clauses).map(documentOf)])].sort();
  replace(
    app,
    h(
      'p',
      { class: 'intro' },
      'Every clause that this run cites, and what its checks found. A clause is one testable statement of a document.',
    ),
    documents.map((name) => documentSection(name, byClause, compared)),
  );
}

function documentOf(id: string): string {
  return id.split('/')[0] ?? id;
}

function documentSection(name: string, byClause: ReadonlyMap<string, Tally>, compared: ReadonlyMap<string, number>): HTMLElement {
  const register = header.registers?.[name];
  const ids = Object.keys(header.clauses).filter((id) => documentOf(id) === name);
  const tested = ids.filter((id) => byClause.has(id) || compared.has(id)).length;
  const excluded = Object.entries(register?.excluded ?? {});
  const facts =
    register === undefined
      ? `${counted(tested, 'clause')} tested in this run`
      : `${tested} of ${register.clauses} clauses tested in this run, ${excluded.length} excluded with a reason`;
  return section(
    register?.title ?? name,
    h('p', { class: 'hint' }, facts),
    register !== undefined &&
      h('progress', { max: Math.max(1, register.clauses - excluded.length), value: tested, 'aria-label': `${name}: clauses tested` }),
    ids.length > 0 &&
      h(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Clauses of ${name}` },
        h(
          'table',
          { class: 'clauses' },
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              ['clause', 'says', 'checks', 'worst'].map((title) => h('th', { scope: 'col' }, title)),
            ),
          ),
          h(
            'tbody',
            {},
            ids.map((id) => clauseRow(id, byClause.get(id), compared.get(id))),
          ),
        ),
      ),
    excluded.length > 0 &&
      h(
        'details',
        {},
        h('summary', {}, `${counted(excluded.length, 'clause')} excluded`),
        h(
          'dl',
          { class: 'excluded' },
          excluded.map(([id, reason]) => h('div', {}, h('dt', {}, id), h('dd', {}, reason))),
        ),
      ),
  );
}

function clauseRow(id: string, tally: Tally | undefined, compared: number | undefined): HTMLElement {
  const clause = clauseText(header, id);
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, h('a', { href: formatState({ ...blank, view: 'cases', query: id }) }, id)),
    h('td', {}, clause.says, ' ', clause.url !== undefined && outward(clause.url, 'source')),
    h(
      'td',
      { class: 'share' },
      tally === undefined
        ? h('span', { class: 'quiet' }, compared === undefined ? 'none' : `compared in ${counted(compared, 'check')}`)
        : bar(tally),
    ),
    h('td', {}, tally === undefined ? '' : badge(worstStanding(tally))),
  );
}
