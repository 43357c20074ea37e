/**
 * The page: views, theme, keyboard and print. Runs once, from the end of the document.
 *
 * @module
 */
import { showCases } from './cases.ts';
import { showCoverage } from './coverage.ts';
import { cell, header, index, openCase, rows, targetName, total } from './data.ts';
import { caseBody } from './detail.ts';
import { h, icon, replace } from './dom.ts';
import { mark, paths } from './marks.ts';
import { overviewParts, showOverview } from './overview.ts';
import type { State, View } from './state.ts';
import { blank, current, formatState, go, views } from './state.ts';

const casesPrinted = 100;
const titles: Readonly<Record<View, string>> = { overview: 'Overview', cases: 'Cases', coverage: 'Coverage' };

const app = document.getElementById('app') as HTMLElement;
let shown: View | undefined;

function render(): void {
  const state = current();
  replace(
    document.getElementById('views') as HTMLElement,
    h(
      'ul',
      {},
      views.map((view) =>
        h(
          'li',
          {},
          h(
            'a',
            { href: formatState({ ...blank, view }), 'aria-current': view === state.view ? 'page' : undefined },
            titles[view],
            view === 'cases' && h('span', { class: 'pill' }, rows.length),
          ),
        ),
      ),
    ),
  );
  document.body.dataset['view'] = state.view;
  if (state.view === 'cases') showCases(app, state);
  else if (shown !== state.view) (state.view === 'coverage' ? showCoverage : showOverview)(app);
  if (shown !== undefined && shown !== state.view) window.scrollTo(0, 0);
  shown = state.view;
  app.setAttribute('aria-busy', 'false');
}

const themes = ['auto', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

function stored(): Theme {
  try {
    return themes.find((theme) => theme === localStorage.getItem('dac-theme')) ?? 'auto';
  } catch {
    return 'auto';
  }
}

function setTheme(theme: Theme, button: HTMLElement): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  button.setAttribute('aria-label', `Theme: ${theme}`);
  button.setAttribute('title', `Theme: ${theme}`);
  replace(button, icon(paths.theme), h('span', {}, theme));
  try {
    localStorage.setItem('dac-theme', theme);
  } catch {
    // A page from a file may have no storage; the choice then lasts as long as the page.
  }
}

function themeButton(): HTMLElement {
  let theme = stored();
  const button = h('button', { type: 'button', class: 'theme' });
  button.addEventListener('click', () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length] as Theme;
    setTheme(theme, button);
  });
  setTheme(theme, button);
  return button;
}

/** `/` goes to the search, Escape closes the open case; neither while something is typed, and the first only without a modifier. */
function onKey(event: KeyboardEvent): void {
  const isTyping =
    event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement || event.target instanceof HTMLTextAreaElement;
  const state = current();
  if (event.key === 'Escape' && state.view === 'cases' && state.open !== '') {
    const address = state.open;
    after({ ...state, open: '', on: '' }, () => {
      [...document.querySelectorAll<HTMLElement>('a.row')].find((link) => link.dataset['address'] === address)?.focus();
    });
  }
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  after(state.view === 'cases' ? state : { ...blank, view: 'cases' }, () => document.getElementById('search')?.focus());
}

/** Does something once a state is shown. */
function after(state: State, then: () => void): void {
  if (formatState(state) === formatState(current())) then();
  else {
    window.addEventListener('hashchange', then, { once: true });
    go(state);
  }
}

/** On paper there is nothing to click: the overview, the list, and the failures in full. */
function preparePrint(): void {
  const bad = index.cases.flatMap((one, position) =>
    one.standing === 'fail' || one.standing === 'error' || one.standing === 'blocked' ? [position] : [],
  );
  const details = bad.slice(0, casesPrinted).map((position) => {
    const one = index.cases[position];
    return h(
      'article',
      { class: 'detail' },
      h('h2', {}, one?.title ?? ''),
      h('p', { class: 'address' }, h('code', {}, `${targetName(one?.target ?? 0)} ${one?.address ?? ''}`)),
      caseBody(openCase(position)),
    );
  });
  const list = h(
    'section',
    { class: 'panel' },
    h('h2', {}, 'All cases'),
    h(
      'table',
      { class: 'all' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          header.targets.map(({ name }) => h('th', { scope: 'col' }, name)),
          h('th', { scope: 'col' }, 'case'),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((row) =>
          h(
            'tr',
            {},
            row.cells.map((position) => {
              const one = cell(position);
              return h('td', {}, one === undefined ? '' : mark(one.standing));
            }),
            h('td', {}, row.address),
          ),
        ),
      ),
    ),
  );
  const root = document.getElementById('print') as HTMLElement;
  replace(
    root,
    overviewParts(),
    details,
    bad.length > casesPrinted && h('p', {}, `${bad.length - casesPrinted} more are left out on paper.`),
    list,
  );
  for (const element of root.querySelectorAll('details')) element.open = true;
  root.hidden = false;
}

window.addEventListener('hashchange', render);
window.addEventListener('beforeprint', preparePrint);
window.addEventListener('afterprint', () => {
  const root = document.getElementById('print') as HTMLElement;
  replace(root);
  root.hidden = true;
});
document.addEventListener('keydown', onKey);
replace(document.getElementById('tools') as HTMLElement, themeButton());
if (total.fail + total.error > 0) document.title = `✗ ${document.title}`;
render();
