/**
 * What is shown, as the fragment of the address: a link to a filtered list or to one case can be sent to somebody.
 *
 * @module
 */
import type { Standing } from '../../digest.ts';
import { shownStandings } from './data.ts';

export const views = ['overview', 'cases', 'coverage'] as const;
export type View = (typeof views)[number];

export interface State {
  readonly view: View;
  readonly query: string;
  readonly standings: readonly Standing[];
  /** Name of the target whose verdicts the filter looks at; empty: any. */
  readonly target: string;
  readonly file: string;
  /** Address of the open case. */
  readonly open: string;
  /** Name of the target whose record of it is shown. */
  readonly on: string;
}

export const blank: State = { view: 'overview', query: '', standings: [], target: '', file: '', open: '', on: '' };

const names = { query: 'q', target: 'target', file: 'file', open: 'case', on: 'on' } as const;
type TextField = keyof typeof names;

export function parseState(hash: string): State {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const parameters = new URLSearchParams(query);
  const wanted = (parameters.get('verdict') ?? '').split(',');
  const fields = Object.fromEntries(Object.entries(names).map(([field, name]) => [field, parameters.get(name) ?? ''])) as Record<
    TextField,
    string
  >;
  return {
    ...fields,
    view: views.find((view) => view === path) ?? 'overview',
    standings: shownStandings.filter((standing) => wanted.includes(standing)),
  };
}

export function formatState(state: State): string {
  const parameters = new URLSearchParams();
  if (state.standings.length > 0) parameters.set('verdict', state.standings.join(','));
  for (const [field, name] of Object.entries(names) as [TextField, string][]) if (state[field] !== '') parameters.set(name, state[field]);
  // Slashes and commas stay readable; both are allowed in a fragment (RFC 3986 3.5).
  const query = parameters.toString().replaceAll('%2F', '/').replaceAll('%2C', ',').replaceAll('%3A', ':');
  return `#/${state.view}${query === '' ? '' : `?${query}`}`;
}

export function current(): State {
  return parseState(location.hash);
}

/** Goes to a state; `replace` keeps typing out of the history. */
export function go(state: State, { replace = false } = {}): void {
  const hash = formatState(state);
  if (hash === location.hash) return;
  if (replace) {
    history.replaceState(null, '', hash);
    window.dispatchEvent(new Event('hashchange'));
  } else {
    location.hash = hash;
  }
}
