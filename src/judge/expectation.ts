/**
 * The closed list of checks, applied to one answer. Pure: what an expectation compares with has been substituted before it comes here.
 *
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import type { Expectation } from '../model/catalogue.ts';
import { headerValue } from '../model/exchange.ts';
import type { Mismatch } from '../model/record.ts';
import { parseShallowJson } from '../support/json-depth.ts';
import { readPointer } from '../support/pointer.ts';
import { mediaType, type Answer } from './answer.ts';
import { matchJson, matchText, show, toNumber } from './match.ts';

export interface MatchContext {
  /** Answers of earlier steps and fixtures, by name: what `same` and `differs` look at. */
  readonly earlier: (name: string) => Answer | undefined;
  /** Validates a JSON value with a named schema of the profile. */
  readonly validate: (schema: string, value: unknown) => readonly Mismatch[];
}

/** `same` or `differs` names a step or fixture that has yielded no answer: the check is blocked. */
export class MissingAnswer extends Error {
  constructor(name: string) {
    super(`compares with "${name}", which has no answer`);
  }
}

/**
 * Every difference between an expectation and an answer; empty when it holds.
 *
 * @throws MissingAnswer
 */
export function matchExpectation(expectation: Expectation, answer: Answer, context: MatchContext): Mismatch[] {
  switch (expectation.kind) {
    case 'status':
      return matchStatus(expectation.status, answer);
    case 'header':
      return Object.entries(expectation.header).flatMap(([name, expected]) =>
        matchText(expected, headerValue(answer.response.headers, name), `header ${name}`),
      );
    case 'body':
      return withJson(answer, (value) => [...context.validate(expectation.schema, value)]);
    case 'json':
      return withJson(answer, (value) => matchJson(expectation.json, value));
    case 'text':
      return matchText(expectation.text, answer.text, 'body');
    case 'absent':
      return matchAbsent(expectation.absent, answer);
    case 'same':
    case 'differs':
      return matchEarlier(expectation, answer, context);
    case 'jwt':
      return matchJwt(expectation, answer);
    case 'within':
      return withJson(answer, (value) => matchWithin(expectation, value));
  }
}

function matchStatus(expected: number | string | readonly number[], answer: Answer): Mismatch[] {
  const { status } = answer.response;
  const wanted = Array.isArray(expected) ? (expected as readonly number[]) : [expected as number | string];
  const holds = wanted.some((one) => (typeof one === 'number' ? one === status : one[0] === String(status)[0]));
  return holds ? [] : [{ at: 'status', expected: wanted.join(' or '), actual: String(status) }];
}

function withJson(answer: Answer, match: (value: unknown) => Mismatch[]): Mismatch[] {
  const { json } = answer;
  return json.ok ? match(json.value) : [{ at: 'body', expected: 'JSON', actual: json.reason }];
}

/** A pointer is absent from a body that is no JSON at all. */
function matchAbsent(pointers: readonly string[], answer: Answer): Mismatch[] {
  const { json } = answer;
  if (!json.ok) return [];
  return pointers.flatMap((pointer) => {
    const read = readPointer(json.value, pointer);
    return read.found ? [{ at: pointer, expected: 'absent', actual: show(read.value) }] : [];
  });
}

function matchEarlier(expectation: Extract<Expectation, { kind: 'same' | 'differs' }>, answer: Answer, context: MatchContext): Mismatch[] {
  const earlier = context.earlier(expectation.as);
  if (earlier === undefined) throw new MissingAnswer(expectation.as);
  return expectation.at.flatMap((part) => {
    const before = readPart(earlier, part);
    const now = readPart(answer, part);
    const equal = isDeepStrictEqual(before, now);
    if (equal === (expectation.kind === 'same')) return [];
    const at = part.startsWith('/') || part === 'body' || part === 'status' ? part : `header ${part}`;
    return expectation.kind === 'same'
      ? [{ at: part === 'keys' ? 'body' : at, expected: `${show(before)} (as ${expectation.as})`, actual: show(now) }]
      : [{ at, expected: `another value than ${expectation.as}`, actual: show(now) }];
  });
}

function readPart(answer: Answer, part: string): unknown {
  if (part === 'status') return answer.response.status;
  if (part === 'content-type') return mediaType(answer.response);
  if (part === 'body') return answer.json.ok ? answer.json.value : answer.text;
  if (part === 'keys') return answer.json.ok ? keyTypes(answer.json.value) : answer.json.reason;
  if (part.startsWith('/')) {
    const read = answer.json.ok ? readPointer(answer.json.value, part) : ({ found: false } as const);
    return read.found ? read.value : undefined;
  }
  return headerValue(answer.response.headers, part);
}

const knownKeys = new WeakMap<object, readonly string[]>();

/** Key paths of a JSON value with the type at each, sorted: its shape without its values. */
export function keyTypes(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [typeOf(value, '')];
  let keys = knownKeys.get(value);
  if (keys === undefined) {
    const all = new Set<string>();
    collectKeys(value, '', all);
    knownKeys.set(value, (keys = [...all].sort()));
  }
  return keys;
}

function collectKeys(value: unknown, at: string, all: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collectKeys(item, `${at}/*`, all);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) collectKeys(member, `${at}/${key}`, all);
  } else all.add(typeOf(value, at));
}

function typeOf(value: unknown, at: string): string {
  return `${at}: ${value === null ? 'null' : typeof value}`;
}

function matchWithin(expectation: Extract<Expectation, { kind: 'within' }>, body: unknown): Mismatch[] {
  const read = readPointer(body, expectation.at);
  const { min, max } = expectation;
  const bounds = min === undefined ? `at most ${max}` : max === undefined ? `at least ${min}` : `between ${min} and ${max}`;
  if (!read.found) return [{ at: expectation.at, expected: `a number ${bounds}`, actual: 'absent' }];
  const number = toNumber(read.value);
  const holds = (min === undefined || number >= Number(min)) && (max === undefined || number <= Number(max));
  return holds ? [] : [{ at: expectation.at, expected: `a number ${bounds}`, actual: show(read.value) }];
}

function matchJwt(expectation: Extract<Expectation, { kind: 'jwt' }>, answer: Answer): Mismatch[] {
  return withJson(answer, (body) => {
    const read = readPointer(body, expectation.at);
    if (!read.found) return [{ at: expectation.at, expected: 'a JWT', actual: 'absent' }];
    const decoded = decodeJwt(read.value);
    if (decoded === undefined) return [{ at: expectation.at, expected: 'a JWT', actual: show(read.value) }];
    return [
      ...(expectation.header === undefined ? [] : matchJson(expectation.header, decoded.header, `${expectation.at} (JWT header)`)),
      ...(expectation.claims === undefined ? [] : matchJson(expectation.claims, decoded.claims, `${expectation.at} (JWT claims)`)),
    ];
  });
}

/** Header and claims of a compact JWT (RFC 7519 3), unverified; undefined when it is none. */
export function decodeJwt(token: unknown): { header: unknown; claims: unknown } | undefined {
  if (typeof token !== 'string') return undefined;
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const [header, claims] = parts.slice(0, 2).map((part) => parseShallowJson(Buffer.from(part, 'base64url').toString('utf8')));
    return typeof header === 'object' && header !== null && typeof claims === 'object' && claims !== null ? { header, claims } : undefined;
  } catch {
    return undefined;
  }
}
