/**
 * How verdicts look: a sign, a word and a colour, so that none of them is needed alone.
 *
 * @module
 */
import type { Standing, Tally } from '../../digest.ts';
import { standingWords, tallySum } from '../../digest.ts';
import { shownStandings } from './data.ts';
import type { Child } from './dom.ts';
import { h, icon } from './dom.ts';

const signs: Readonly<Record<Standing, string>> = {
  pass: 'm3.5 8.5 3 3 6-7',
  fail: 'm4 4 8 8M12 4l-8 8',
  error: 'M8 3v6M8 12.4v.2',
  blocked: 'M3.2 8a4.8 4.8 0 1 0 9.6 0 4.8 4.8 0 1 0-9.6 0M4.6 4.6l6.8 6.8',
  warn: 'M8 2.8 14 13H2zM8 6.6v3M8 11.4v.1',
  waived: 'M2.5 9.5c2-3 3.7-3 5.5-1.5s3.5 1.5 5.5-1.5',
  skipped: 'M4 8h8',
};

/** As a noun phrase on buttons: `failed`. */
export const words: Readonly<Record<Standing, string>> = standingWords;

export function mark(standing: Standing, label?: string): HTMLElement {
  return h('span', { class: `mark ${standing}`, title: label ?? words[standing] }, icon(signs[standing], label ?? words[standing]));
}

export function badge(standing: Standing, text: string = words[standing]): HTMLElement {
  return h('span', { class: `badge ${standing}` }, icon(signs[standing]), text);
}

/** A bar whose parts are as long as their share; the numbers stand in its label. */
export function bar(tally: Tally): HTMLElement {
  const sum = tallySum(tally);
  const present = shownStandings.filter((standing) => tally[standing] > 0);
  const label = present.map((standing) => `${tally[standing]} ${words[standing]}`).join(', ');
  return h(
    'span',
    { class: 'bar', role: 'img', 'aria-label': label === '' ? 'nothing ran' : label, title: label },
    present.map((standing) => {
      const part = h('span', { class: standing });
      part.style.flexGrow = String(tally[standing] / Math.max(1, sum));
      return part;
    }),
  );
}

export function section(title: string, ...children: readonly Child[]): HTMLElement {
  const id = `s-${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  return h('section', { class: 'panel', 'aria-labelledby': id }, h('h2', { id }, title), children);
}

export const paths = {
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.5 10.5l3.5 3.5',
  close: 'm4 4 8 8M12 4l-8 8',
  copy: 'M5.5 5.5h7v8h-7zM3.5 10.5v-8h7',
  back: 'M9.500 3.5 5 8l4.5 4.5',
  theme: 'M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5v11',
} as const;
