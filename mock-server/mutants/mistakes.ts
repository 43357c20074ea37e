/**
 * Mistakes that any product can make, as data: how a secret is compared, how a JSON answer is spoilt, what makes a server fall over.
 *
 * @module
 */
import type { WireRequest, WireResponse } from '../../src/model/exchange.ts';
import { decodeUtf8 } from '../bytes.ts';
import { jsonOf, json, replaced, requestHeader, text, untouched, withHeader, type Mutant, type WriteMutant } from './mutant.ts';

/** Takes something for right that is not; `given` is undefined when nothing was sent. Right values never come here. */
export type Comparison = (given: string | undefined, right: string) => boolean;

const sum = (value: string): number => [...value].reduce((total, character) => total + character.charCodeAt(0), 0);

/** SQL's LIKE, as a query without bound parameters compares. */
function like(pattern: string, value: string): boolean {
  const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('%', '.*');
  return pattern.includes('%') && new RegExp(`^${escaped}$`, 'is').test(value);
}

/** Ways to compare a secret carelessly: name, what is wrong (of "A secret"), comparison. */
export const comparisons: readonly (readonly [name: string, title: string, holds: Comparison])[] = [
  ['ignored', 'is not looked at', (given) => given !== undefined && given !== ''],
  ['case-folded', 'is compared without case', (given, right) => given?.toLowerCase() === right.toLowerCase()],
  ['may-go-on', 'that begins with the right one is accepted', (given, right) => given?.startsWith(right) === true],
  ['may-end-early', 'is accepted without its last character', (given, right) => given === right.slice(0, -1)],
  ['may-begin-late', 'is accepted without its first character', (given, right) => given === right.slice(1)],
  ['first-ignored', 'is compared without its first character', (given, right) => given?.slice(1) === right.slice(1)],
  ['by-length', 'of the right length is accepted', (given, right) => given?.length === right.length],
  ['first-eight', 'counts by its first eight characters', (given, right) => given?.slice(0, 8) === right.slice(0, 8)],
  ['by-checksum', 'is compared by the sum of its characters', (given, right) => given !== undefined && sum(given) === sum(right)],
  ['searched', 'is accepted if it holds the right one anywhere', (given, right) => given?.includes(right) === true],
];

/** More of them, for what a request can also say: wildcards, queries, nothing at all. */
export const oddComparisons: readonly (readonly [name: string, title: string, holds: Comparison])[] = [
  ['wildcard', 'is compared with LIKE', (given, right) => given !== undefined && like(given, right)],
  ['one-character', 'of one character is accepted', (given) => given?.length === 1 && given.trim() !== ''],
  ['by-query', 'is put into an SQL query as it stands', (given) => /' OR '1'='1/.test(given ?? '')],
  ['empty', 'that is empty is accepted', (given) => given === ''],
  ['left-out', 'that is left out is not missed', (given) => given === undefined],
  ['blank', 'of blanks is accepted', (given) => given !== undefined && given !== '' && given.trim() === ''],
];

const page = '<!DOCTYPE html>\n<html><head><title>Log in</title></head><body><form action="/user/login"></form></body></html>\n';

/** Ways to spoil a JSON answer: name, what is wrong (of "The answer"), change. */
export const spoilings: readonly (readonly [name: string, title: string, change: (response: WireResponse) => WireResponse])[] = [
  ['with-mark', 'begins with a byte order mark', text((body) => `\ufeff${body}`)],
  ['with-garbage', 'is followed by something else', text((body) => `${body}\n<!-- 0.12 s -->`)],
  ['twice', 'is sent twice', text((body) => body + body)],
  ['cut', 'is cut', text((body) => body.slice(0, -10))],
  ['as-javascript', 'is wrapped in a callback', text((body) => `callback(${body});`)],
  ['in-list', 'is wrapped in a list', text((body) => `[${body}]`)],
  ['nested', 'stands under data', (response) => json((body) => ({ data: body }))(response)],
  ['as-text', 'is a JSON string', text((body) => JSON.stringify(body))],
  ['as-page', 'is a page', replaced(200, 'text/html; charset=UTF-8', page)],
  ['empty', 'is empty', text(() => '')],
  [
    'redirected',
    'is a redirect to the login page',
    (response) => withHeader(replaced(302, 'text/html', page)(response), 'Location', '/user/login'),
  ],
  ['unavailable', 'is 503', replaced(503, 'text/html', '<!DOCTYPE html><title>Site under maintenance</title>')],
  [
    'after-notice',
    'comes after a PHP warning',
    text(
      (body) => `<br />\n<b>Warning</b>: Undefined array key "scope" in <b>/var/www/html/rest.module</b> on line <b>42</b><br />\n${body}`,
    ),
  ],
];

/** A page of Drupal's that says nothing, with 500. */
export const crash = replaced(500, 'text/html; charset=UTF-8', 'The website encountered an unexpected error. Try again later.');

export const stackTrace = replaced(
  400,
  'text/html; charset=UTF-8',
  'TypeError: trim(): Argument #1 must be of type string, array given in /var/www/html/modules/contrib/module/src/Token.php on line 88\n#0 /var/www/html/modules/contrib/module/src/Token.php(88): trim()\n#1 {main}',
);

/** Adds a text to the description of an error, whatever its name. */
export function telling(what: string): (response: WireResponse) => WireResponse {
  return (response) => {
    const body = jsonOf(response);
    if (body === undefined) return text((page) => `${page}\n${what}`)(response);
    const name = 'error_description' in body ? 'error_description' : 'message';
    return json((said) => ({ ...said, [name]: `${String(said[name] ?? '')} You sent ${what}` }))(response);
  };
}

export function bodyOf(request: WireRequest): string {
  return request.body === undefined ? '' : decodeUtf8(request.body);
}

/** User and password of a Basic header; undefined: there is none. */
export function basicOf(request: WireRequest): readonly [user: string, password: string] | undefined {
  const encoded = /^basic +([\w+/]+={0,2}) *$/i.exec(requestHeader(request, 'authorization') ?? '')?.[1];
  if (encoded === undefined) return undefined;
  let pair: string;
  try {
    pair = decodeUtf8(Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0)));
  } catch {
    return undefined;
  }
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : [pair.slice(0, colon), pair.slice(colon + 1)];
}

/** Longer than a bench waits for an answer. */
const tooLongMs = 3000;

/** Answers that do not arrive, or not whole: `what` names them in ids, `title` in words ("The account"). */
export function lostOnTheWay(
  mutant: WriteMutant,
  { what, title, breaks, holds }: { what: string; title: string; breaks: readonly string[]; holds: (request: WireRequest) => boolean },
): Mutant[] {
  const complete = ['/invariants/complete-answer', ...breaks];
  return [
    mutant(`${what}-slow`, `${title} takes longer than the limit`, complete, untouched, (delivery, request) =>
      holds(request) ? { ...delivery, delayMs: tooLongMs } : delivery,
    ),
    mutant(`${what}-dropped`, `${title} does not come, and the connection ends`, complete, untouched, (delivery, request) =>
      holds(request) ? { ...delivery, drop: true } : delivery,
    ),
    mutant(`${what}-truncated`, `${title} is shorter than its announced length`, complete, untouched, (delivery, request) =>
      holds(request) ? { ...delivery, truncateBytes: 10 } : delivery,
    ),
  ];
}
