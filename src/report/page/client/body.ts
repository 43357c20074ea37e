/**
 * Bodies, headers and placeholders as a person reads them.
 *
 * @module
 */
import { escapeToken } from '../../../support/pointer.ts';
import type { RecordedBody } from '../../../model/record.ts';
import { visible } from '../../text.ts';
import type { Child } from './dom.ts';
import { h, replace } from './dom.ts';

const placeholder = /(\{\{[A-Za-z][^{}\n]{0,200}\}\})/;

/** Text with its placeholders as quiet chips. */
export function withSecrets(text: string): Child[] {
  return text
    .split(placeholder)
    .map((part) =>
      /^\{\{[A-Za-z]/.test(part) && part.endsWith('}}') ? h('span', { class: 'secret', title: 'masked' }, part.slice(2, -2)) : part,
    );
}

export function headerList(headers: readonly (readonly [string, string])[]): HTMLElement {
  if (headers.length === 0) return h('p', { class: 'quiet' }, 'no headers');
  return h(
    'dl',
    { class: 'headers' },
    headers.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, withSecrets(value)))),
  );
}

/** The body: JSON in lines with the given pointers marked, and a switch to the bytes as they came. */
export function bodyView(body: RecordedBody | undefined, pointers: ReadonlySet<string> = new Set(), isForm = false): Child {
  if (body === undefined) return undefined;
  if (body.bytes === 0) return h('p', { class: 'quiet' }, 'empty body');
  const size = `${body.bytes} ${body.bytes === 1 ? 'byte' : 'bytes'}${body.truncated === true ? ', cut here' : ''}${body.text === undefined ? ', base64' : ''}`;
  const text = body.text ?? body.base64 ?? '';
  const lines = body.text === undefined ? undefined : isForm ? formLines(text) : jsonLines(text, pointers);
  const pre = h('pre', { tabindex: 0, 'aria-label': 'body' });
  const plain = () => text.split('\n').flatMap((line, at) => [at === 0 ? '' : document.createTextNode('\n'), ...withSecrets(line)]);
  const formatted = () =>
    (lines ?? []).map(({ text: line, isMarked }) => h('span', { class: isMarked ? 'line hit' : 'line' }, withSecrets(line)));
  replace(pre, lines === undefined ? plain() : formatted());
  if (lines === undefined) return h('figure', { class: 'body' }, pre, h('figcaption', {}, size));
  const toggle = h('button', { type: 'button', class: 'quiet-button', 'aria-pressed': 'false' }, 'as sent');
  toggle.addEventListener('click', () => {
    const isPlain = toggle.getAttribute('aria-pressed') === 'false';
    toggle.setAttribute('aria-pressed', String(isPlain));
    replace(pre, isPlain ? plain() : formatted());
  });
  return h('figure', { class: 'body' }, pre, h('figcaption', {}, size, ' ', toggle));
}

/** A form, one pair a line, as it was encoded. */
function formLines(text: string): Line[] | undefined {
  const pairs = text.split('&');
  return pairs.length < 2 ? undefined : pairs.map((pair, at) => ({ text: `${at === 0 ? '' : '&'}${visible(pair)}`, isMarked: false }));
}

interface Line {
  readonly text: string;
  readonly isMarked: boolean;
}

/** JSON laid out in lines; undefined when the text is no JSON object or array. A number keeps its digits only as far as JavaScript does. */
function jsonLines(text: string, pointers: ReadonlySet<string>): Line[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const lines: Line[] = [];
  const walk = (one: unknown, at: string, indent: string, before: string, after: string): void => {
    const isMarked = at !== '' && pointers.has(at);
    const entries = Array.isArray(one)
      ? one.map((item, position) => [String(position), item] as const)
      : typeof one === 'object' && one !== null
        ? Object.entries(one)
        : undefined;
    if (entries === undefined || entries.length === 0) {
      lines.push({ text: `${indent}${before}${JSON.stringify(one)}${after}`, isMarked });
      return;
    }
    const [open, close] = Array.isArray(one) ? ['[', ']'] : ['{', '}'];
    lines.push({ text: `${indent}${before}${open}`, isMarked });
    entries.forEach(([key, item], position) => {
      walk(
        item,
        `${at}/${escapeToken(key)}`,
        `${indent}  `,
        Array.isArray(one) ? '' : `${JSON.stringify(key)}: `,
        position === entries.length - 1 ? '' : ',',
      );
    });
    lines.push({ text: `${indent}${close}${after}`, isMarked });
  };
  walk(value, '', '', '', '');
  return lines.map((line) => ({ ...line, text: visible(line.text) }));
}
