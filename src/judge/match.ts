/**
 * Matching a value against an expectation: literals, partial objects and the closed list of matchers. Every difference is told, none hidden
 * behind the first.
 *
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import type { Mismatch } from '../model/record.ts';
import { escapeToken } from '../support/pointer.ts';
import { parseChallenges } from './challenge.ts';

/** What a matcher object may say; an object whose keys all stand here is a matcher, any other a partial match. */
export const matcherNames = [
  'equals',
  'type',
  'matches',
  'oneOf',
  'min',
  'max',
  'startsWith',
  'contains',
  'length',
  'challenge',
  'absent',
  'present',
  'not',
] as const;
type MatcherName = (typeof matcherNames)[number];
type Matcher = Partial<Record<MatcherName, unknown>>;

const missing = Symbol('missing');

export function isMatcher(value: unknown): value is Matcher {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => (matcherNames as readonly string[]).includes(key));
}

/** Compares a JSON value with a template. Objects match partially, arrays element by element. */
export function matchJson(expected: unknown, actual: unknown, at = ''): Mismatch[] {
  return compare(expected, actual, at);
}

/** Compares one text (a header value, a body) with a literal or a matcher; undefined is an absent value. */
export function matchText(expected: unknown, actual: string | undefined, at: string): Mismatch[] {
  if (expected === null) return actual === undefined ? [] : [{ at, expected: 'absent', actual: show(actual) }];
  return compare(expected, actual === undefined ? missing : actual, at);
}

function compare(expected: unknown, actual: unknown, at: string): Mismatch[] {
  if (isMatcher(expected)) return applyMatcher(expected, actual, at);
  if (actual === missing) return [{ at, expected: show(expected), actual: 'absent' }];
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [{ at, expected: `an array like ${show(expected)}`, actual: show(actual) }];
    const lengths: Mismatch[] =
      expected.length === actual.length ? [] : [{ at, expected: `${expected.length} items`, actual: `${actual.length} items` }];
    return [
      ...lengths,
      ...expected.flatMap((item, index) => (index < actual.length ? compare(item, actual[index], `${at}/${index}`) : [])),
    ];
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) {
      return [{ at, expected: `an object like ${show(expected)}`, actual: show(actual) }];
    }
    return Object.entries(expected).flatMap(([key, value]) =>
      compare(value, Object.hasOwn(actual, key) ? (actual as Record<string, unknown>)[key] : missing, `${at}/${escapeToken(key)}`),
    );
  }
  return expected === actual ? [] : [{ at, expected: show(expected), actual: show(actual) }];
}

function applyMatcher(matcher: Matcher, actual: unknown, at: string): Mismatch[] {
  if (matcher.absent === true) return actual === missing ? [] : [{ at, expected: 'absent', actual: show(actual) }];
  if (actual === missing) return [{ at, expected: describeMatcher(matcher), actual: 'absent' }];
  const differs = Object.entries(matcher).some(([name, operand]) => !holds(name as MatcherName, operand, actual));
  return differs ? [{ at, expected: describeMatcher(matcher), actual: show(actual) }] : [];
}

function holds(name: MatcherName, operand: unknown, actual: unknown): boolean {
  switch (name) {
    case 'equals':
      return equalByValue(operand, actual);
    case 'type':
      return (Array.isArray(operand) ? operand : [operand]).some((wanted) => typeNames(actual).includes(String(wanted)));
    case 'matches':
      return typeof actual === 'string' && new RegExp(String(operand), 'u').test(actual);
    case 'oneOf':
      return Array.isArray(operand) && operand.some((candidate) => compare(candidate, actual, '').length === 0);
    case 'min':
      return toNumber(actual) >= Number(operand);
    case 'max':
      return toNumber(actual) <= Number(operand);
    case 'startsWith':
      return typeof actual === 'string' && actual.toLowerCase().startsWith(String(operand).toLowerCase());
    case 'contains':
      return Array.isArray(actual)
        ? actual.some((item) => compare(operand, item, '').length === 0)
        : typeof actual === 'string' && actual.includes(String(operand));
    case 'length':
      return (typeof actual === 'string' || Array.isArray(actual)) && compare(operand, actual.length, '').length === 0;
    case 'challenge':
      return typeof actual === 'string' && hasChallenge(readWantedChallenge(operand), actual);
    case 'absent':
      return true;
    case 'present':
      return operand === true;
    case 'not':
      return compare(operand, actual, '').length > 0;
  }
}

/** `Bearer`, or `{ scheme: Bearer, parameters: … }`: true for at least one, else a partial match of them. */
interface WantedChallenge {
  readonly scheme: string;
  readonly parameters?: unknown;
}

function readWantedChallenge(operand: unknown): WantedChallenge {
  return typeof operand === 'object' && operand !== null ? (operand as WantedChallenge) : { scheme: String(operand) };
}

function hasChallenge({ scheme, parameters }: WantedChallenge, header: string): boolean {
  return parseChallenges(header).some((one) => {
    if (one.scheme !== scheme.toLowerCase()) return false;
    if (parameters === true) return Object.keys(one.parameters).length > 0;
    return parameters === undefined || compare(parameters, one.parameters, '').length === 0;
  });
}

function describeChallenge({ scheme, parameters }: WantedChallenge): string {
  if (parameters === undefined) return `a challenge ${scheme}`;
  if (typeof parameters !== 'object' || parameters === null) return `a challenge ${scheme} with a parameter`;
  const wanted = Object.entries(parameters).map(([name, value]) => `${name} ${isMatcher(value) ? describeMatcher(value) : show(value)}`);
  return `a challenge ${scheme} with ${wanted.join(' and ')}`;
}

/** Equal by value: the number 401 equals the string "401" (its type is another check's business). */
export function equalByValue(a: unknown, b: unknown): boolean {
  if (isScalar(a) && isScalar(b)) return String(a) === String(b);
  return isDeepStrictEqual(a, b);
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** A number, or a string that is one in decimal notation; NaN otherwise, so that no bound holds. */
export function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
}

function typeNames(value: unknown): string[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  return Number.isInteger(value) ? ['integer', 'number'] : [typeof value];
}

function describeMatcher(matcher: Matcher): string {
  return Object.entries(matcher)
    .map(([name, operand]) => describeOperand(name as MatcherName, operand))
    .join(' and ');
}

function describeOperand(name: MatcherName, operand: unknown): string {
  switch (name) {
    case 'equals':
      return show(operand);
    case 'type':
      return (Array.isArray(operand) ? operand : [operand])
        .map((type) => `${/^[aeio]/.test(String(type)) ? 'an' : 'a'} ${type}`)
        .join(' or ');
    case 'matches':
      return `text matching /${operand}/`;
    case 'oneOf':
      return Array.isArray(operand) ? operand.map(show).join(' or ') : show(operand);
    case 'min':
      return `at least ${operand}`;
    case 'max':
      return `at most ${operand}`;
    case 'startsWith':
      return `text starting with ${show(operand)}`;
    case 'contains':
      return `something containing ${show(operand)}`;
    case 'length':
      return `length ${isMatcher(operand) ? describeMatcher(operand) : show(operand)}`;
    case 'challenge':
      return describeChallenge(readWantedChallenge(operand));
    case 'absent':
      return 'absent';
    case 'present':
      return 'present';
    case 'not':
      return `not ${isMatcher(operand) ? describeMatcher(operand) : show(operand)}`;
  }
}

const longestShown = 300;

/** A value as a person reads it in a report: JSON, cut when long. */
export function show(value: unknown): string {
  if (value === missing || value === undefined) return 'absent';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > longestShown ? `${cut(text)}… (${text.length} characters)` : text;
}

/** What is cut may be a token, which nobody could recognise and mask any more: of a long word at the end only the beginning is kept. */
function cut(text: string): string {
  return text.slice(0, longestShown).replace(/[\w.~+/=-]{17,}$/, (word) => word.slice(0, 8));
}
