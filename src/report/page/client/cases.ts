/**
 * The list of cases with its filters, and the open case beside it.
 *
 * @module
 */
import { fileTitle } from '../../digest.ts';
import type { Standing } from '../../digest.ts';
import type { PageCase } from '../index-data.ts';
import type { Row } from './data.ts';
import { cell, header, isCrowd, isMany, rows, shownStandings, targetName, tallyOf } from './data.ts';
import { detail } from './detail.ts';
import { h, icon, replace } from './dom.ts';
import { bar, mark, paths, words } from './marks.ts';
import type { State } from './state.ts';
import { blank, current, formatState, go } from './state.ts';

/** Rows that are put into the page at once; the next ones follow when the browser has time. */
const rowsAtOnce = 120;
const rowsShown = 4000;

interface Parts {
  readonly root: HTMLElement;
  readonly search: HTMLInputElement;
  readonly chips: HTMLElement;
  readonly target: HTMLSelectElement;
  readonly file: HTMLSelectElement;
  readonly count: HTMLElement;
  readonly list: HTMLElement;
  readonly side: HTMLElement;
}

let parts: Parts | undefined;
let listedFor = '';
let job = 0;

/** Brings the view up to date; the list is made anew only when the filter changed. */
export function showCases(app: HTMLElement, state: State): void {
  if (parts === undefined || parts.root.parentNode !== app) {
    parts ??= build();
    replace(app, parts.root);
  }
  const { search, chips, target, file, side, root } = parts;
  if (document.activeElement !== search) search.value = state.query;
  target.value = state.target;
  file.value = state.file;
  const filter = formatState({ ...state, open: '', on: '' });
  if (filter !== listedFor) {
    listedFor = filter;
    const found = matching(state);
    replace(chips, chipsFor(state));
    listRows(found, state);
  }
  const openRow = state.open === '' ? undefined : rows.find((row) => row.address === state.open);
  root.classList.toggle('has-detail', openRow !== undefined);
  for (const link of parts.list.querySelectorAll('[aria-current]')) link.removeAttribute('aria-current');
  if (openRow === undefined) {
    replace(
      side,
      state.open === ''
        ? h('p', { class: 'empty quiet' }, 'Choose a case to see its exchanges, clauses and the command that repeats it.')
        : h('p', { class: 'empty' }, `There is no case ${state.open} in this report.`),
    );
    return;
  }
  const article = detail(openRow, state);
  replace(side, article);
  linkOf(openRow.address)?.setAttribute('aria-current', 'true');
  side.scrollTop = 0;
}

function build(): Parts {
  const search = h('input', {
    type: 'search',
    id: 'search',
    placeholder: 'Search address, title, clause, check, difference',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-label': 'Search the cases',
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  search.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => go({ ...current(), query: search.value.trim() }, { replace: true }), 90);
  });
  const target = h(
    'select',
    { 'aria-label': 'Target whose verdict counts' },
    h('option', { value: '' }, 'any target'),
    header.targets.map(({ name }) => h('option', { value: name }, name)),
  );
  target.addEventListener('change', () => go({ ...current(), target: target.value }));
  const files = [...new Set(rows.map((row) => row.file))];
  const file = h(
    'select',
    { 'aria-label': 'Spec file' },
    h('option', { value: '' }, `all ${files.length} files`),
    files.map((name) => h('option', { value: name }, fileTitle(name))),
  );
  file.addEventListener('change', () => go({ ...current(), file: file.value }));
  const chips = h('div', { class: 'chips', role: 'group', 'aria-label': 'Verdicts' });
  const count = h('p', { class: 'count quiet', role: 'status', 'aria-live': 'polite' });
  const list = h('div', { class: 'list', keydown: (event) => moveInList(event as KeyboardEvent) });
  const side = h('div', { class: 'side' });
  const root = h(
    'div',
    { class: 'cases' },
    h(
      'section',
      { class: 'browse', 'aria-label': 'Cases' },
      h(
        'form',
        { class: 'filters', role: 'search', submit: (event) => event.preventDefault() },
        h('label', { class: 'search' }, icon(paths.search), search),
        h('div', { class: 'selects' }, isMany && target, files.length > 1 && file),
        chips,
      ),
      count,
      list,
    ),
    side,
  );
  return { root, search, chips, target, file, count, list, side };
}

/** Rows that the filter lets through, the verdict filter left out when `anyVerdict`. */
function matching(state: State, anyVerdict = false): Row[] {
  const needles = state.query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return rows.filter(
    (row) =>
      (state.file === '' || row.file === state.file) &&
      needles.every((needle) => row.text.includes(needle)) &&
      counting(row, state).some((one) => anyVerdict || state.standings.length === 0 || state.standings.includes(one.standing)),
  );
}

/** The cells of a row that the filter looks at. */
function counting(row: Row, state: State): PageCase[] {
  return row.cells.flatMap((position, target) => {
    const one = cell(position);
    return one === undefined || (state.target !== '' && targetName(target) !== state.target) ? [] : [one];
  });
}

function chipsFor(state: State): HTMLElement[] {
  const tally = tallyOf(matching({ ...state, standings: [] }, true).flatMap((row) => counting(row, state)));
  const chip = (standing: Standing) => {
    const isOn = state.standings.includes(standing);
    return h(
      'button',
      {
        type: 'button',
        class: `chip ${standing}`,
        'aria-pressed': String(isOn),
        click: () => {
          const now = current();
          go({
            ...now,
            standings: isOn
              ? now.standings.filter((one) => one !== standing)
              : shownStandings.filter((one) => one === standing || now.standings.includes(one)),
          });
        },
      },
      mark(standing),
      h('b', {}, tally[standing]),
      ` ${words[standing]}`,
    );
  };
  const chips = shownStandings.filter((standing) => tally[standing] > 0 || state.standings.includes(standing)).map(chip);
  const isFiltered = state.query !== '' || state.file !== '' || state.target !== '' || state.standings.length > 0;
  if (isFiltered)
    chips.push(
      h(
        'button',
        { type: 'button', class: 'chip reset', click: () => go({ ...blank, view: 'cases', open: current().open, on: current().on }) },
        'reset',
      ),
    );
  return chips;
}

function listRows(found: readonly Row[], state: State): void {
  if (parts === undefined) return;
  const { list, count } = parts;
  job += 1;
  const mine = job;
  replace(list);
  const many = isMany ? ` on ${header.targets.length} targets` : '';
  count.textContent = `${found.length === rows.length ? '' : `${found.length} of `}${rows.length} ${rows.length === 1 ? 'case' : 'cases'}${many}`;
  if (found.length === 0) {
    replace(list, h('p', { class: 'empty' }, rows.length === 0 ? 'This run has no cases.' : 'No case matches.'));
    return;
  }
  let at = 0;
  let group: { readonly file: string; readonly items: HTMLElement } | undefined;
  let limit = rowsShown;
  const step = () => {
    if (mine !== job) return;
    const until = Math.min(found.length, at + rowsAtOnce, limit);
    for (; at < until; at += 1) {
      const row = found[at] as Row;
      if (group?.file !== row.file) {
        group = { file: row.file, items: h('ul', {}) };
        list.append(h('section', { class: 'group' }, groupHead(row.file, found, state), group.items));
      }
      group.items.append(rowItem(row, state));
    }
    if (at < found.length && at < limit) setTimeout(step, 0);
    else if (at < found.length) {
      const more = h('button', { type: 'button', class: 'more' }, `show the other ${found.length - at}`);
      more.addEventListener('click', () => {
        more.remove();
        limit = found.length;
        step();
      });
      list.append(more);
    }
  };
  step();
}

function groupHead(file: string, found: readonly Row[], state: State): HTMLElement {
  const tally = tallyOf(found.filter((row) => row.file === file).flatMap((row) => counting(row, state)));
  return h('h2', {}, h('span', {}, fileTitle(file)), bar(tally));
}

function rowItem(row: Row, state: State): HTMLElement {
  const stem = `${row.profile}/${(row.file.split('/').at(-1) ?? '').replace(/\.ya?ml$/, '')}/`;
  const own = row.address.startsWith(stem) ? row.address.slice(stem.length) : row.address;
  const tally = tallyOf(row.cells.flatMap((position) => cell(position) ?? []));
  const counts = shownStandings
    .filter((standing) => tally[standing] > 0)
    .map((standing) =>
      h('span', { class: `counted ${standing}` }, mark(standing, `${tally[standing]} ${words[standing]}`), tally[standing]),
    );
  const marks = row.cells.map((position, target) => {
    const one = cell(position);
    const name = targetName(target);
    if (one === undefined) return h('span', { class: 'mark none', title: `${name}: not run` });
    return mark(one.standing, isMany ? `${name}: ${words[one.standing]}` : words[one.standing]);
  });
  const link = h(
    'a',
    {
      class: 'row',
      href: formatState({ ...state, open: row.address, on: '' }),
      'data-address': row.address,
      click: (event) => {
        // The filter may have changed since the row was made: only the case is taken from it.
        const mouse = event as MouseEvent;
        if (mouse.metaKey || mouse.ctrlKey || mouse.shiftKey) return;
        event.preventDefault();
        if (current().open === row.address) return;
        // Whoever reads by ear or keyboard goes on in the case; the list keeps its place.
        window.addEventListener('hashchange', () => document.getElementById('detail')?.focus({ preventScroll: true }), { once: true });
        go({ ...current(), open: row.address, on: '' });
      },
    },
    h('span', { class: isCrowd ? 'marks crowd' : 'marks' }, isCrowd ? counts : marks),
    h('span', { class: 'names' }, h('span', { class: 'own' }, own), h('span', { class: 'title' }, row.title)),
  );
  return h('li', {}, link);
}

function linkOf(address: string): HTMLElement | undefined {
  for (const link of parts?.list.querySelectorAll<HTMLElement>('a.row') ?? []) if (link.dataset['address'] === address) return link;
  return undefined;
}

function moveInList(event: KeyboardEvent): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const links = [...(parts?.list.querySelectorAll<HTMLElement>('a.row') ?? [])];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: links.length - 1 }[event.key];
  if (at === -1 || to === undefined) return;
  event.preventDefault();
  links[Math.max(0, Math.min(links.length - 1, to))]?.focus();
}
