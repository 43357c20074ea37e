/**
 * `${…}` in specs: names of values, and the closed list of filters that derive wrong values from right ones. Pure; the loader checks with
 * it, the runner substitutes with it.
 *
 * ```text
 * ${name}   ${name | filter}   ${name | filter(argument) | filter}   ${basic(name, name)}   $${ is a literal ${
 * ${hs256(token, n, e)}  a JWT signed by HMAC with a published RSA key
 * ${name?}  a key of the target that may be missing: the header, parameter or JSON member that it stands in is then left out
 * ```
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { targetSchema } from '../model/target.ts';
import { didYouMean, listOf } from '../support/suggest.ts';
import {
  prolonged,
  signedByKeyInHeader,
  signedByStranger,
  signedWithPublicKey,
  unsigned,
  unsignedWithSignature,
  withClaims,
  withoutSignature,
} from './forge.ts';

/** A piece of a template: text as it stands, or a value to be filled in. */
export type TemplatePart =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'value'; readonly expression: Expression; readonly source: string };

export interface Expression {
  readonly operand:
    | { readonly name: string; readonly isOptional?: true }
    | { readonly basic: readonly [user: Expression, password: Expression] }
    | { readonly hs256: readonly [token: Expression, modulus: Expression, exponent: Expression] };
  readonly filters: readonly FilterCall[];
}

export interface FilterCall {
  readonly name: FilterName;
  readonly argument?: number;
}

/** Gives the value of a name; undefined when there is none. */
export type Lookup = (name: string) => unknown;

/** A `${…}` has no value: the target lacks the key, or no step has captured it. */
export class MissingVariable extends Error {
  /** The name between the braces, e.g. `users.other.id`. */
  readonly key: string;
  /** Written `${name?}`: the field or member that it stands in is left out. */
  readonly isOptional: boolean;

  constructor(key: string, isOptional = false) {
    super(`"\${${key}}" has no value`);
    this.name = 'MissingVariable';
    this.key = key;
    this.isOptional = isOptional;
  }
}

/** A `${…}` cannot be read, whatever its value. `source` is the text from `${` on, for the caret. */
export class TemplateError extends Error {
  readonly source: string;

  constructor(message: string, source: string) {
    super(message);
    this.name = 'TemplateError';
    this.source = source;
  }
}

// ── filters ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

type Filter = (value: string, argument: number | undefined) => string;

/**
 * The closed list. `flip…` replace one character by another of its class, so that length and alphabet stay. The last character of a
 * base64url token may end in unused bits: `flip-high-bit` changes the bit of it that is surely used, `flip-middle` another character.
 * `swapcase-mixed` leaves alone what has letters of one case only, such as a hexadecimal number, where case may mean nothing.
 */
const filters = {
  upper: (value) => value.toUpperCase(),
  lower: (value) => value.toLowerCase(),
  swapcase: (value) => mapCharacters(value, swapCase),
  'swapcase-mixed': (value) => (/[A-Z]/.test(value) && /[a-z]/.test(value) ? mapCharacters(value, swapCase) : value),
  chop: (value, count = 1) => [...value].slice(0, -count).join(''),
  behead: (value) => [...value].slice(1).join(''),
  flip: (value) => flipAt(value, (length) => length - 1),
  'flip-high-bit': flipHighBit,
  'flip-first': (value) => flipAt(value, () => 0),
  'flip-middle': (value) => flipAt(value, (length) => Math.floor(length / 2)),
  double: (value) => value + value,
  reverse: (value) => [...value].reverse().join(''),
  pad: (value) => ` ${value} `,
  base64: (value) => Buffer.from(value, 'utf8').toString('base64'),
  base64url: (value) => Buffer.from(value, 'utf8').toString('base64url'),
  md5: (value) => createHash('md5').update(value, 'utf8').digest('hex'),
  sha256: (value) => createHash('sha256').update(value, 'utf8').digest('hex'),
  percent: (value) => [...Buffer.from(value, 'utf8')].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  form: (value) => new URLSearchParams([['', value]]).toString().slice(1),
  json: (value) => JSON.stringify(value).slice(1, -1),
  cookie: cookiesOf,
  'query-code': (value) => queryParameter(value, 'code'),
  repeat: (value, times = 1) => value.repeat(times),
  minus: (value, subtrahend = 1) => String(Number(value) - subtrahend),
  over: (value, divisor = 1) => String(Number(value) / divisor),
  'jwt-unsigned': unsigned,
  'jwt-unsigned-with-signature': unsignedWithSignature,
  'jwt-without-signature': withoutSignature,
  'jwt-other-key': signedByStranger,
  'jwt-key-in-header': signedByKeyInHeader,
  'jwt-user-1': (value) => withClaims(value, { sub: '1', uid: 1 }),
  'jwt-administrator': (value) => withClaims(value, { scope: ['administrator'], scopes: ['administrator'] }),
  'jwt-prolonged': prolonged,
} as const satisfies Record<string, Filter>;
export type FilterName = keyof typeof filters;
export const filterNames = Object.keys(filters) as FilterName[];

/** Filters that take a whole number from 1 to `largestArgument`; `optional` ones do without. */
const argumentOf: Partial<Record<FilterName, 'required' | 'optional'>> = {
  repeat: 'required',
  minus: 'required',
  over: 'required',
  chop: 'optional',
};
const largestArgument = 100_000;

/** What a browser sends back for the value of Set-Cookie (RFC 6265 5.4); of several, joined with commas, every one. */
function cookiesOf(value: string): string {
  return value
    .split(/,\s*(?=[^\s=;,]+=)/)
    .map((one) => one.split(';', 1)[0]?.trim() ?? '')
    .join('; ');
}

/** A parameter of the query of a URL, as a redirect carries it; empty when there is none. */
function queryParameter(url: string, name: string): string {
  const [, query = ''] = /\?([^#]*)/.exec(url) ?? [];
  return new URLSearchParams(query).get(name) ?? '';
}

function mapCharacters(value: string, change: (character: string) => string): string {
  return [...value].map(change).join('');
}

function swapCase(character: string): string {
  const upper = character.toUpperCase();
  return character === upper ? character.toLowerCase() : upper;
}

const base64Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Changes the first of the six bits that the last letter or digit stands for in base64, which no padding leaves unused. */
function flipHighBit(value: string): string {
  return value.replace(/[A-Za-z0-9](?=[^A-Za-z0-9]*$)/, (last) => {
    const bits = base64Alphabet.indexOf(last) ^ 32;
    return base64Alphabet[bits] ?? 'A';
  });
}

function flipAt(value: string, index: (length: number) => number): string {
  const characters = [...value];
  const at = index(characters.length);
  const old = characters[at];
  if (old !== undefined) characters[at] = flipCharacter(old);
  return characters.join('');
}

function flipCharacter(character: string): string {
  for (const [first, size] of [
    ['0', 10],
    ['A', 26],
    ['a', 26],
  ] as const) {
    const offset = character.charCodeAt(0) - first.charCodeAt(0);
    if (character.length === 1 && offset >= 0 && offset < size) {
      return String.fromCharCode(first.charCodeAt(0) + ((offset + size / 2) % size));
    }
  }
  return character === '-' ? '_' : character === '_' ? '-' : 'x';
}

// ── parsing ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

const namePattern = /^[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z0-9_-]+)*$/;
const functions = { basic: 'basic(users.main.name, users.main.password)', hs256: 'hs256(token, modulus, exponent)' } as const;

/**
 * Splits a text into what stands and what is filled in.
 *
 * @throws TemplateError at the first `${…}` that cannot be read.
 */
export function parseTemplate(text: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let plain = '';
  let at = 0;
  while (at < text.length) {
    const next = text.indexOf('${', at);
    if (next < 0) {
      plain += text.slice(at);
      break;
    }
    if (next > at && text[next - 1] === '$') {
      plain += `${text.slice(at, next - 1)}\${`;
      at = next + 2;
      continue;
    }
    const end = text.indexOf('}', next);
    if (end < 0) throw new TemplateError('"${" has no closing "}"; a literal "${" is written "$${"', text.slice(next));
    const source = text.slice(next, end + 1);
    plain += text.slice(at, next);
    if (plain !== '') parts.push({ kind: 'text', text: plain });
    plain = '';
    parts.push({ kind: 'value', expression: parseExpression(source.slice(2, -1), source), source });
    at = end + 1;
  }
  if (plain !== '') parts.push({ kind: 'text', text: plain });
  return parts;
}

/** Reads `operand | filter | …`; commas and bars inside parentheses belong to what they enclose. */
function parseExpression(text: string, source: string): Expression {
  const [operand = '', ...calls] = splitOutside(text, '|').map((part) => part.trim());
  return { operand: parseOperand(operand, source), filters: calls.map((call) => parseFilter(call, source)) };
}

function splitOutside(text: string, separator: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const char of text) {
    depth += char === '(' ? 1 : char === ')' ? -1 : 0;
    if (char === separator && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts;
}

function parseOperand(operand: string, source: string): Expression['operand'] {
  const call = /^([A-Za-z0-9-]+)\s*\((.*)\)$/.exec(operand);
  if (call !== null) {
    const parts = splitOutside(call[2] ?? '', ',').map((part) => parseExpression(part.trim(), source));
    const [first, second, third, ...more] = parts;
    const name = call[1] ?? '';
    if (!Object.hasOwn(functions, name)) {
      throw new TemplateError(`unknown function "${name}"; there are ${listOf(Object.values(functions), 'and')}`, source);
    }
    if (name === 'basic' && first !== undefined && second !== undefined && third === undefined) return { basic: [first, second] };
    if (name === 'hs256' && first !== undefined && second !== undefined && third !== undefined && more.length === 0) {
      return { hs256: [first, second, third] };
    }
    const example = functions[name as keyof typeof functions];
    throw new TemplateError(`${name} needs ${name === 'basic' ? 'two' : 'three'} arguments, e.g. ${example}`, source);
  }
  if (operand === '') throw new TemplateError(`"${source}" names no value; write e.g. \${users.main.name}`, source);
  if (operand.endsWith('?') && namePattern.test(operand.slice(0, -1))) {
    const name = operand.slice(0, -1);
    if (isTargetKey(name)) return { name, isOptional: true };
    throw new TemplateError(`"${operand}" cannot be optional; only a key of the target file can, e.g. \${clients.main.scope?}`, source);
  }
  if (!namePattern.test(operand)) {
    throw new TemplateError(`"${operand}" is not a name; a name has letters and digits, joined by dots, e.g. users.main.name`, source);
  }
  return { name: operand };
}

function parseFilter(call: string, source: string): FilterCall {
  const match = /^([A-Za-z0-9-]+)\s*(?:\((.*)\))?$/.exec(call);
  const name = match?.[1];
  if (name === undefined) throw new TemplateError(`"${call}" is not a filter; a filter is a word after "|", e.g. upper`, source);
  if (!isFilterName(name)) {
    const hint = didYouMean(name, filterNames) || ` Filters are ${listOf(filterNames, 'and', filterNames.length)}.`;
    throw new TemplateError(`unknown filter "${name}".${hint}`, source);
  }
  const argument = match?.[2]?.trim();
  const takes = argumentOf[name];
  if (takes === undefined && argument !== undefined) {
    throw new TemplateError(`filter ${name} takes no argument, found "${argument}"`, source);
  }
  if (takes === undefined || (takes === 'optional' && argument === undefined)) return { name };
  const number = /^\d{1,9}$/.test(argument ?? '') ? Number(argument) : 0;
  if (number < 1 || number > largestArgument) {
    throw new TemplateError(`${name} needs a number from 1 to ${largestArgument}, found "${argument ?? ''}"`, source);
  }
  return { name, argument: number };
}

function isFilterName(name: string): name is FilterName {
  return Object.hasOwn(filters, name);
}

// ── names ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Names of every `${…}` in the strings of a value, member names left out, in order of appearance and once each. */
export function variablesOf(value: unknown): string[] {
  return namesIn(value, () => true);
}

/** The same without those that may be missing. */
export function requiredVariablesOf(value: unknown): string[] {
  return namesIn(value, ({ isOptional }) => isOptional !== true);
}

type NamedOperand = Extract<Expression['operand'], { readonly name: string }>;

function namesIn(value: unknown, isWanted: (operand: NamedOperand) => boolean): string[] {
  const names = new Set<string>();
  for (const text of stringsOf(value)) {
    if (!text.includes('${')) continue;
    for (const part of parseTemplate(text)) {
      if (part.kind === 'value') collectNames(part.expression, names, isWanted);
    }
  }
  return [...names];
}

/** Every string inside a value, member names left out. */
export function stringsOf(value: unknown): readonly string[] {
  const strings: string[] = [];
  collectStrings(value, strings);
  return strings;
}

function collectStrings(value: unknown, strings: string[]): void {
  if (typeof value === 'string') strings.push(value);
  else if (Array.isArray(value)) for (const item of value) collectStrings(item, strings);
  else if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) collectStrings(member, strings);
}

function collectNames({ operand }: Expression, names: Set<string>, isWanted: (operand: NamedOperand) => boolean): void {
  if ('name' in operand) {
    if (isWanted(operand)) names.add(operand.name);
    return;
  }
  for (const argument of 'basic' in operand ? operand.basic : operand.hs256) collectNames(argument, names, isWanted);
}

/** What Faker makes up, in `src/spec/fake.ts`: `fake.password`, or `fake.password.second` for another one. */
export const fakeKinds = ['password', 'username', 'token', 'word', 'uuid', 'email', 'clientId', 'integer'] as const;
export type FakeKind = (typeof fakeKinds)[number];

const { users, clients, content, graphql } = targetSchema.properties;
const roleFields: Readonly<Record<string, readonly string[]>> = {
  users: Object.keys(users.additionalProperties.properties),
  clients: Object.keys(clients.additionalProperties.properties).filter((field) => field !== 'grants'),
  content: Object.keys(content.additionalProperties.properties),
};
const fixedKeys: Readonly<Record<string, readonly string[]>> = {
  graphql: Object.keys(graphql.properties),
  expiry: ['lifetimeSeconds'],
  target: ['baseUrl', 'basePath', 'origin', 'host'],
  answer: ['status'],
  run: ['seed'],
};

/** First parts of names that are not captures; a capture may not be called like one of them. */
export const namespaces: readonly string[] = [...Object.keys(roleFields), ...Object.keys(fixedKeys), 'tokens', 'paths', 'fake', 'host'];

/** Namespaces whose values only the owner of the target can give. */
const targetNamespaces: readonly string[] = ['users', 'clients', 'content', 'tokens', 'graphql', 'expiry'];

/** Whether a name stands for a value that the target file must give. */
export function isTargetKey(name: string): boolean {
  return targetNamespaces.includes(name.split('.', 1)[0] ?? '');
}

/** Whether a name is not one of the namespaces and so must be captured by an earlier step or a fixture. */
export function isCapture(name: string): boolean {
  return !namespaces.includes(name.split('.', 1)[0] ?? '');
}

/** Says what is wrong with a name of a namespace; undefined for a good one and for every capture. */
export function problemOfName(name: string): string | undefined {
  const [namespace = '', ...rest] = name.split('.');
  const key = rest.join('.');
  const fields = roleFields[namespace];
  if (fields !== undefined) {
    const [role, field, ...more] = rest;
    if (role === undefined || field === undefined || more.length > 0) return `"${name}" must be written ${namespace}.ROLE.FIELD`;
    return fields.includes(field) ? undefined : unknown(`field "${field}" of ${namespace}.${role}`, field, fields);
  }
  const keys = fixedKeys[namespace];
  if (keys !== undefined) return keys.includes(key) ? undefined : unknownIn(namespace, name, keys);
  switch (namespace) {
    case 'tokens':
    case 'paths':
      return rest.length === 1 ? undefined : `"${name}" must be written ${namespace}.NAME`;
    case 'fake': {
      const [kind = '', ...label] = rest;
      if ((fakeKinds as readonly string[]).includes(kind) && label.length <= 1) return undefined;
      return unknownIn(namespace, name, fakeKinds);
    }
    case 'host':
      return rest.length === 0 ? undefined : `"${name}" must be written host`;
    default:
      return undefined;
  }
}

function unknownIn(namespace: string, name: string, keys: readonly string[]): string {
  const known = keys.map((key) => `${namespace}.${key}`);
  return unknown(`variable "${name}"`, name, known);
}

function unknown(what: string, found: string, known: readonly string[]): string {
  return `unknown ${what}.${didYouMean(found, known) || ` Expected ${listOf(known, 'or')}.`}`;
}

// ── substitution ────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Fills in every `${…}` in the strings of a value. A string that is exactly one `${…}` without a filter keeps the type of its value.
 *
 * @throws MissingVariable when a name has no value; TemplateError when a template cannot be read.
 */
export function substitute(template: unknown, lookup: Lookup): unknown {
  if (typeof template === 'string') return substituteText(template, lookup);
  if (isConstant(template)) return template;
  if (Array.isArray(template)) return template.map((item) => substitute(item, lookup));
  if (typeof template === 'object' && template !== null) {
    const members = Object.entries(template).flatMap(([name, value]) => orLeftOut(() => [[name, substitute(value, lookup)] as const]));
    return Object.fromEntries(members);
  }
  return template;
}

const constants = new WeakMap<object, boolean>();

/** Whether there is nothing to fill in. Templates do not change, so each object is looked through once. */
function isConstant(template: unknown): boolean {
  if (typeof template === 'string') return !template.includes('${');
  if (typeof template !== 'object' || template === null) return true;
  let constant = constants.get(template);
  if (constant === undefined) constants.set(template, (constant = Object.values(template).every(isConstant)));
  return constant;
}

/** What a template makes; nothing if it names an optional key that the target lacks. */
export function orLeftOut<T>(make: () => readonly T[]): readonly T[] {
  try {
    return make();
  } catch (error) {
    if (error instanceof MissingVariable && error.isOptional) return [];
    throw error;
  }
}

const mostParsed = 10_000;
const parsed = new Map<string, readonly TemplatePart[]>();

/** parseTemplate, once for each text. */
function partsOf(text: string): readonly TemplatePart[] {
  let parts = parsed.get(text);
  if (parts === undefined) {
    if (parsed.size >= mostParsed) parsed.clear();
    parsed.set(text, (parts = parseTemplate(text)));
  }
  return parts;
}

function substituteText(text: string, lookup: Lookup): unknown {
  if (!text.includes('${')) return text;
  const parts = partsOf(text);
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'value') return evaluate(only.expression, lookup);
  return parts.map((part) => (part.kind === 'text' ? part.text : asText(evaluate(part.expression, lookup)))).join('');
}

function evaluate({ operand, filters: calls }: Expression, lookup: Lookup): unknown {
  let value: unknown;
  if ('name' in operand) {
    value = lookup(operand.name);
    if (value === undefined) throw new MissingVariable(operand.name, operand.isOptional);
  } else if ('hs256' in operand) {
    const [token = '', modulus = '', exponent = ''] = operand.hs256.map((argument) => asText(evaluate(argument, lookup)));
    value = signedWithPublicKey(token, modulus, exponent);
  } else {
    const [user, password] = operand.basic.map((argument) => asText(evaluate(argument, lookup)));
    value = Buffer.from(`${user}:${password}`, 'utf8').toString('base64');
  }
  for (const { name, argument } of calls) value = (filters[name] as Filter)(asText(value), argument);
  return value;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
