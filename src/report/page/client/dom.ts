/**
 * Elements from values. Text becomes text nodes and attributes are set by name from our own list: nothing of a target is ever parsed as markup.
 *
 * @module
 */
import { safeLink } from '../../digest.ts';
import { visible } from '../../text.ts';

export type Child = Node | string | number | false | undefined | null | readonly Child[];
export type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function fill<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  append(element, children);
  return element;
}

export function append(parent: Element | DocumentFragment, children: readonly Child[]): void {
  for (const child of children) {
    if (child === undefined || child === null || child === false) continue;
    if (child instanceof Node) parent.appendChild(child);
    else if (Array.isArray(child)) append(parent, child as readonly Child[]);
    else parent.appendChild(document.createTextNode(visible(String(child))));
  }
}

export function replace(parent: Element, ...children: readonly Child[]): void {
  parent.textContent = '';
  append(parent, children);
}

/** A link to http or https only; plain text otherwise. */
export function outward(url: string | undefined, text: string): HTMLElement {
  const href = safeLink(url);
  if (href === undefined) return h('span', {}, text);
  return h('a', { href, rel: 'noreferrer noopener', target: '_blank' }, text);
}

export function icon(path: string, label?: string): SVGElement {
  return svg(
    'svg',
    {
      viewBox: '0 0 16 16',
      width: 16,
      height: 16,
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': 1.8,
      'stroke-linecap': 'round',
      'stroke-linejoin': 'round',
      ...(label === undefined ? { 'aria-hidden': 'true' } : { role: 'img', 'aria-label': label }),
    },
    svg('path', { d: path }),
  );
}
