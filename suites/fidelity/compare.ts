/**
 * Compares a recorded answer with the mock's, part by part, after the masks.
 *
 * @module
 */
import { bodyText, type HeaderLine, type WireResponse } from '../../src/model/exchange.ts';
import type { Bindings } from './bindings.ts';
import {
  accessMask,
  bodyMasks,
  formMasks,
  headerMasks,
  ignoredHeaders,
  randomClaims,
  randomTexts,
  tolerances,
  knownWhenAssumed,
  bodyKnownWhenAssumed,
  unknownWhenAssumed,
} from './masks.ts';
import type { RecordedExchange } from './recording.ts';

export interface Difference {
  /** `status`, `header x-generator`, `body /uid/0/value` … */
  readonly part: string;
  readonly recorded: string;
  readonly answered: string;
}

export function compareAnswers(recorded: RecordedExchange, answered: WireResponse, bindings: Bindings): Difference[] {
  const differences: Difference[] = [];
  const differ = (part: string, expected: unknown, found: unknown): void => {
    differences.push({ part, recorded: show(expected), answered: show(found) });
  };
  if (recorded.response.status !== answered.status) differ('status', recorded.response.status, answered.status);
  compareHeaders(recorded, answered.headers, bindings, differ);
  compareBodies(recorded, bodyText(answered.body), bindings, differ);
  return differences;
}

type Differ = (part: string, expected: unknown, found: unknown) => void;

function compareHeaders(recorded: RecordedExchange, answered: readonly HeaderLine[], bindings: Bindings, differ: Differ): void {
  const expected = grouped(recorded.response.headers);
  const found = grouped(answered);
  const inPages = [expected, found].every((headers) => headers.get('content-type')?.[0]?.startsWith('text/html') === true);
  for (const name of new Set([...expected.keys(), ...found.keys()])) {
    const left = expected.get(name)?.map((value) => maskHeader(name, bindings.translate(value), inPages));
    const right = found.get(name)?.map((value) => maskHeader(name, value, inPages));
    if (recorded.assumed === true && isUnknown(name, left, right)) continue;
    if (left?.join('\n') === right?.join('\n')) continue;
    if (left?.length === right?.length && left?.every((value, index) => bindings.sameUuids(value, right?.[index] ?? '', recorded)) === true)
      continue;
    differ(`header ${name}`, left?.join(' ⏎ '), right?.join(' ⏎ '));
  }
}

/** Of an exchange that was not recorded here only the names of most headers are known. */
function isUnknown(name: string, left: unknown, right: unknown): boolean {
  return unknownWhenAssumed.has(name) || (!knownWhenAssumed.has(name) && left !== undefined && right !== undefined);
}

function grouped(headers: readonly HeaderLine[]): Map<string, string[]> {
  const byName = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (key in ignoredHeaders) continue;
    byName.set(key, [...(byName.get(key) ?? []), value]);
  }
  return byName;
}

function maskHeader(name: string, value: string, inPages: boolean): string {
  const masks = (headerMasks[name] ?? []).filter((mask) => mask.inPages !== true || inPages);
  return masks.reduce((text, { pattern, by }) => text.replace(pattern, by), value);
}

function compareBodies(recorded: RecordedExchange, found: string, bindings: Bindings, differ: Differ): void {
  const { body: expected, cut } = recorded.response;
  const random = randomTexts.find(({ path }) => path.test(recorded.request.path));
  if (random?.form.test(expected) === true && recorded.response.status === 200) {
    if (!random.form.test(found)) differ('body', expected, found);
    return;
  }
  if (isHtml(expected) || isHtml(found)) return compareHtml(expected, found, cut === true, differ);
  if (recorded.assumed === true && (cut === true || expected.length > bodyKnownWhenAssumed)) {
    const start = expected.slice(0, bodyKnownWhenAssumed).replace(/[^"]*$/, '');
    if (start !== '' && !isAssumedStart(start, found, recorded, bindings))
      differ('body (start)', start, found.slice(0, bodyKnownWhenAssumed));
    return;
  }
  const left = parseJson(expected);
  if (left !== undefined) {
    const right = parseJson(found);
    if (right === undefined) differ('body', expected, found);
    else compareJson(left.value, right.value, '', recorded, bindings, differ);
    return;
  }
  const masked = (text: string): string => bodyMasks.reduce((result, { pattern, by }) => result.replace(pattern, by), text);
  if (cut === true) {
    // A cut may fall into a token or a UUID: what follows the last separator is left out.
    const start = masked(expected).replace(/[^"]*$/, '');
    if (!bindings.sameUuids(start, masked(found).slice(0, start.length), recorded))
      differ('body (start)', start, masked(found).slice(0, start.length));
  } else if (!bindings.sameUuids(masked(bindings.translate(expected)), masked(found), recorded)) differ('body', expected, found);
}

/** Tokens and epoch seconds are another site's; UUIDs and instants stand for each other. */
function isAssumedStart(start: string, found: string, recorded: RecordedExchange, bindings: Bindings): boolean {
  const plain = (text: string): string => text.replace(/\{\{[^}]*\}\}|eyJ[\w.-]+/g, '…').replace(/\b179\d{7}\b/g, '…');
  const expected = plain(bindings.translate(start));
  return bindings.sameUuids(expected, plain(found).slice(0, expected.length), recorded);
}

function isHtml(text: string): boolean {
  return /^\s*<!doctype html/i.test(text);
}

/** Kind, language and title, as far as the recording kept them. */
function compareHtml(expected: string, found: string, cut: boolean, differ: Differ): void {
  const [left, right] = [describePage(expected), describePage(found)];
  if (left.kind !== right.kind) differ('page kind', left.kind, right.kind);
  if (left.language !== right.language) differ('page language', left.language, right.language);
  if (left.title !== right.title && (left.title !== undefined || !cut)) differ('page title', left.title, right.title);
}

function describePage(text: string): { kind: string; language: string | undefined; title: string | undefined } {
  const language = /<html[^>]*\blang="([^"]*)"/i.exec(text)?.[1];
  const kind = !isHtml(text) ? 'no page' : language === undefined ? 'page of the server' : 'page of the site';
  return { kind, language, title: /<title>([^<]*)<\/title>/i.exec(text)?.[1] };
}

function parseJson(text: string): { value: unknown } | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function compareJson(left: unknown, right: unknown, at: string, recorded: RecordedExchange, bindings: Bindings, differ: Differ): void {
  if (
    typeof left === 'object' &&
    left !== null &&
    typeof right === 'object' &&
    right !== null &&
    Array.isArray(left) === Array.isArray(right)
  ) {
    compareMembers(left as Record<string, unknown>, right as Record<string, unknown>, at, recorded, bindings, differ);
    return;
  }
  if (left === right || isForgiven(left, right, at, recorded, bindings)) return;
  differ(`body ${at === '' ? '(whole)' : at}`, left, right);
}

function compareMembers(
  left: Record<string, unknown>,
  right: Record<string, unknown>,
  at: string,
  recorded: RecordedExchange,
  bindings: Bindings,
  differ: Differ,
): void {
  const [before, after] = [maskNames(left), maskNames(right)];
  const names = Object.keys(before);
  if (!Array.isArray(left) && names.join() !== Object.keys(after).join()) {
    differ(`body ${at} (members)`, names.join(' '), Object.keys(after).join(' '));
    return;
  }
  for (const name of new Set([...names, ...Object.keys(after)]))
    compareJson(before[name], after[name], `${at}/${name}`, recorded, bindings, differ);
}

/** Random member names numbered in their order. */
function maskNames(object: Record<string, unknown>): Record<string, unknown> {
  let count = 0;
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name.startsWith('item--') ? `item--${++count}` : name, value]));
}

function isForgiven(left: unknown, right: unknown, at: string, recorded: RecordedExchange, bindings: Bindings): boolean {
  const path = at.split('/');
  const member = path.findLast((name) => !/^\d+$/.test(name) && name !== 'value') ?? '';
  const form = formMasks[member]?.form;
  if (typeof left === 'string' && typeof right === 'string') {
    if (left.startsWith('{{jwt:')) return sameJwt(recorded, right);
    if (left.startsWith('{{opaque:')) return bindings.bindOpaque(left, right);
    if (form !== undefined) return form.test(left) && form.test(right);
    if (member === accessMask.member) return left.startsWith('1970') === right.startsWith('1970');
    return bindings.sameUuids(bindings.translate(left), right, recorded);
  }
  if (member === 'expires_in' && typeof left === 'number' && typeof right === 'number') {
    return right >= left && right - left <= tolerances.expiresInSeconds.by;
  }
  return typeof left === 'number' && typeof right === 'number' && recorded.assumed === true && isInstant(left) && isInstant(right);
}

/** An epoch second of the days of the recording: in an exchange taken from the reference it is another site's. */
function isInstant(value: number): boolean {
  return value > 1_795_000_000 && value < 1_796_000_000;
}

function sameJwt({ jwt, assumed }: RecordedExchange, token: string): boolean {
  const [header, claims] = token
    .split('.')
    .map((part) => parseJson(Buffer.from(part, 'base64url').toString())?.value as Record<string, unknown> | undefined);
  if (header === undefined || claims === undefined) return false;
  if (jwt === undefined || assumed === true) return true;
  return sameClaims(jwt.header, header) && sameClaims(jwt.claims, claims);
}

function sameClaims(left: Readonly<Record<string, unknown>>, right: Readonly<Record<string, unknown>>): boolean {
  if (Object.keys(left).join() !== Object.keys(right).join()) return false;
  return Object.entries(left).every(([name, value]) => {
    const other = right[name];
    const random = randomClaims[name]?.form;
    if (random !== undefined) return random.test(String(value)) && random.test(String(other));
    if (typeof value === 'number' && typeof other === 'number') {
      const tolerance = name === 'exp' ? tolerances.expSeconds.by : tolerances.issuedAtSeconds.by;
      return Math.abs(value - other) <= tolerance;
    }
    return JSON.stringify(value) === JSON.stringify(other);
  });
}

function show(value: unknown): string {
  return value === undefined ? '(absent)' : typeof value === 'string' ? value : JSON.stringify(value);
}
