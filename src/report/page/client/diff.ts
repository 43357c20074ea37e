/**
 * Marks where two values part. Pure, but for making elements.
 *
 * @module
 */
import { shorten } from '../../text.ts';
import type { Child } from './dom.ts';
import { h } from './dom.ts';

/** Both values with their common beginning and end plain and the rest marked; all of it marked when they have little in common. */
function marked(expected: string, actual: string): readonly [expected: HTMLElement, actual: HTMLElement] {
  const [a, b] = [[...expected], [...actual]];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  if ((start + end) * 3 < Math.max(a.length, b.length)) [start, end] = [0, 0];
  const part = (value: readonly string[], name: 'expected' | 'actual') => {
    const middle = value.slice(start, value.length - end).join('');
    return h(
      'code',
      { class: `value ${name}` },
      value.slice(0, start).join(''),
      middle === '' ? undefined : h('mark', {}, middle),
      value.slice(value.length - end).join(''),
    );
  };
  return [part(a, 'expected'), part(b, 'actual')];
}

const longestShown = 700;

/** The two cells of a difference; long values begin shortened, with a button for the whole. */
export function valueCells(expected: string, actual: string): readonly [expected: Child, actual: Child] {
  const [whole, short] = [marked(expected, actual), marked(shorten(expected, longestShown), shorten(actual, longestShown))];
  const cell = (at: 0 | 1, text: string): Child => {
    if ([...text].length <= longestShown) return whole[at];
    const button = h('button', { type: 'button', class: 'quiet-button' }, `show all ${[...text].length} characters`);
    button.addEventListener('click', () => {
      short[at].replaceWith(whole[at]);
      button.remove();
    });
    return [short[at], button];
  };
  return [cell(0, expected), cell(1, actual)];
}
