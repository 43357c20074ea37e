/**
 * What of an answer two runs can be compared by: its shape without volatile values. Pure.
 *
 * @module
 */
import type { CaseRecord, RecordedExchange } from '../model/record.ts';
import { parseShallowJson } from '../support/json-depth.ts';

/** Facts of one answer, by name: `status`, `header cache-control`, `body /error`, `type /expires_in`. */
export type Shape = ReadonlyMap<string, string>;

/** Headers whose values differ from answer to answer, or belong to the connection. */
const volatileHeaders = new Set([
  'date',
  'age',
  'etag',
  'last-modified',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'server-timing',
  'x-request-id',
  'x-runtime',
  'report-to',
  'nel',
  'cf-ray',
]);

/** Members whose text is part of what a client may rely on; of all others only the type counts. */
const tellingMembers = new Set([
  'status',
  'http_code',
  'code',
  'error',
  'error_description',
  'message',
  'hint',
  'token_type',
  'scope',
  'title',
]);

/** Lifetimes are compared as numbers: one second less is the clock, not a change. */
const lifetimeMembers = new Set(['expires_in']);

/** Shapes of all answers of a case, by step and number. */
export function shapesOf(record: CaseRecord): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>();
  for (const step of record.steps) {
    step.exchanges.forEach((exchange, index) => shapes.set(index === 0 ? step.name : `${step.name}[${index}]`, shapeOf(exchange)));
  }
  return shapes;
}

function shapeOf({ request, response, failure }: RecordedExchange): Shape {
  const facts = new Map<string, string>();
  const origin = URL.canParse(request.url) ? new URL(request.url).origin : '';
  const wash = (text: string) => (origin === '' ? text : text.replaceAll(origin, '{origin}')).replace(/\{\{[^}]*\}\}/g, '{secret}');
  if (response === undefined) return facts.set('answer', failure?.kind ?? 'none');
  facts.set('status', String(response.status));
  for (const [name, value] of response.headers) {
    const key = name.toLowerCase();
    if (volatileHeaders.has(key)) continue;
    const known = facts.get(`header ${key}`);
    facts.set(`header ${key}`, known === undefined ? wash(washHeader(key, value)) : `${known}, ${wash(washHeader(key, value))}`);
  }
  const body = parse(response.body.text);
  if (body === undefined) facts.set('body', response.body.bytes === 0 ? 'empty' : (mediaKind(facts.get('header content-type')) ?? 'text'));
  else describe(body, '', facts, wash);
  return facts;
}

function washHeader(name: string, value: string): string {
  if (name === 'set-cookie')
    return `${value.split('=', 1)[0]}=…${value.includes(';') ? value.slice(value.indexOf(';')).replace(/expires=[^;]+/i, 'expires=…') : ''}`;
  if (/cache/.test(name) && name !== 'cache-control') return value.replace(/\b(HIT|MISS)\b/g, 'HIT or MISS');
  return value;
}

function mediaKind(contentType: string | undefined): string | undefined {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase();
}

function parse(text: string | undefined): unknown {
  if (text === undefined || !/^\s*[[{]/.test(text)) return undefined;
  try {
    return parseShallowJson(text);
  } catch {
    return undefined;
  }
}

function describe(value: unknown, at: string, facts: Map<string, string>, wash: (text: string) => string): void {
  if (Array.isArray(value)) {
    facts.set(`type ${at || '/'}`, 'array');
    value.slice(0, 20).forEach((item) => describe(item, `${at}/*`, facts, wash));
    return;
  }
  if (typeof value === 'object' && value !== null) {
    facts.set(`type ${at || '/'}`, 'object');
    for (const [name, member] of Object.entries(value)) {
      describe(member, `${at}/${name}`, facts, wash);
      if (at === '' && tellingMembers.has(name) && isScalar(member)) facts.set(`text ${at}/${name}`, wash(String(member)));
      if (at === '' && lifetimeMembers.has(name) && isScalar(member)) facts.set(`lifetime ${at}/${name}`, String(member));
    }
    return;
  }
  facts.set(`type ${at || '/'}`, value === null ? 'null' : typeof value);
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** Whether two values of a fact differ in a way that a client could notice. */
export function differs(fact: string, before: string | undefined, after: string | undefined): boolean {
  if (before === after) return false;
  if (!fact.startsWith('lifetime ') || before === undefined || after === undefined) return true;
  return !(Math.abs(Number(before) - Number(after)) <= 1);
}

/** Which kind of client a change would break. */
export function affected(fact: string, before: string | undefined, after: string | undefined): string {
  if (fact === 'status') return 'clients that look at the status line';
  if (fact === 'answer') return 'every client';
  if (fact === 'body') return 'clients that read the body';
  if (fact.startsWith('lifetime ')) return 'clients that keep a token for a fixed time';
  if (fact.startsWith('text '))
    return /error$|code$|status$|token_type$/.test(fact) ? 'clients that compare this value' : 'clients that compare or show this text';
  if (fact.startsWith('type ')) {
    if (after === undefined) return `clients that read ${fact.slice(5)}`;
    return before === undefined ? 'clients that refuse unknown members' : `clients with a typed ${fact.slice(5)}`;
  }
  const header = fact.slice('header '.length);
  if (header === 'www-authenticate') return 'clients that read the challenge (RFC 9110 11.6.1)';
  if (header === 'cache-control' || header === 'pragma' || header === 'expires' || header === 'vary')
    return 'caches, in browsers and in between';
  if (header === 'content-type') return 'clients that look at the media type';
  if (header.startsWith('access-control-')) return 'clients in a browser on another origin';
  if (header === 'set-cookie') return 'clients that keep cookies';
  if (header === 'location' || header === 'allow' || header === 'retry-after') return `clients that act on ${header}`;
  return 'clients that read this header';
}
