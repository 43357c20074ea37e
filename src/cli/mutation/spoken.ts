/**
 * What is said about the answers of one topic, by checks and by the clauses themselves: which leaves are spoken of, and what each may be. A change is
 * a mistake only if somebody rules it out.
 *
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import type { CatalogueCheck, Clause, Expectation, Profile } from '../../model/catalogue.ts';
import { headerValue, type WireResponse } from '../../model/exchange.ts';
import { equalByValue, isMatcher, matchJson, toNumber } from '../../judge/match.ts';
import { isRecord, jsonOf } from './answer-kind.ts';

/** Members of a JSON body, from the outside in; an array counts by its first item. */
export type Pointer = readonly string[];

export type Leaf =
  { readonly kind: 'status' } | { readonly kind: 'header'; readonly name: string } | { readonly kind: 'member'; readonly at: Pointer };

export const absent = Symbol('absent');

/** Whether somebody is content with a value, `absent` included, in the place of the one that the correct answer has. */
type Admits = (value: unknown, right: unknown) => boolean;

/** What one speaker says: leaf to what it may be. */
type Speech = ReadonlyMap<string, Admits>;

const deepest = 6;
const statusKey = 'status';
const headerKey = (name: string): string => `header ${name.toLowerCase()}`;
const memberKey = (at: Pointer): string => `/${at.join('/')}`;
const keyOf = (leaf: Leaf): string =>
  leaf.kind === 'status' ? statusKey : leaf.kind === 'header' ? headerKey(leaf.name) : memberKey(leaf.at);

/** What is said about the answers of one topic. */
export class Spoken {
  readonly #speeches: Speech[] = [];

  /** @param judged clauses of the alternatives that the run judged, in JSON: what is about other versions says nothing here. */
  addCheck({ level, alternatives }: CatalogueCheck, judged: ReadonlySet<string> | undefined, profile: Profile): void {
    if (level === 'may') return;
    const counted = alternatives.filter(({ clauses }) => judged === undefined || judged.has(JSON.stringify(clauses)));
    const speeches = counted.map(({ expectation }) => speechOf(expectation, profile));
    this.#speeches.push(either(speeches));
  }

  /** What the text of a clause says of an answer like this one. */
  addClause({ says }: Clause, sample: WireResponse): void {
    const speech = new Map<string, Admits>();
    for (const [name, right] of headersOf(sample)) {
      if (/-|^allow$/i.test(name) && says.toLowerCase().includes(name.toLowerCase())) speech.set(headerKey(name), mention(says, right));
    }
    const body = jsonOf(sample);
    if (isRecord(body)) {
      for (const [name, right] of Object.entries(body)) if (isNamed(name, says)) speech.set(memberKey([name]), mention(says, right));
    }
    if (new RegExp(`HTTP status is ${sample.status}\\b`).test(says)) speech.set(statusKey, (value) => value === sample.status);
    this.#speeches.push(speech);
  }

  /** Leaves of an answer that are spoken of. */
  leavesOf(response: WireResponse): Leaf[] {
    const leaves: Leaf[] = [
      { kind: 'status' },
      ...headersOf(response).map(([name]): Leaf => ({ kind: 'header', name })),
      ...membersOf(jsonOf(response), []).map((at): Leaf => ({ kind: 'member', at })),
    ];
    return leaves.filter((leaf) => this.#speeches.some((speech) => speech.has(keyOf(leaf))));
  }

  /** Whether somebody rules this value out, in the place of the right one. */
  rulesOut(leaf: Leaf, value: unknown, right: unknown): boolean {
    const key = keyOf(leaf);
    return this.#speeches.some((speech) => speech.get(key)?.(value, right) === false);
  }
}

function headersOf({ headers }: WireResponse): readonly (readonly [name: string, value: string])[] {
  return [...new Set(headers.map(([name]) => name))].map((name) => [name, headerValue(headers, name) ?? '']);
}

function membersOf(value: unknown, at: Pointer): Pointer[] {
  if (at.length >= deepest) return [];
  if (Array.isArray(value)) return value.length === 0 ? [] : membersOf(value[0], [...at, '0']);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => [[...at, name], ...membersOf(member, [...at, name])]);
}

/** A clause names a member as `member error`, or by a name that is no word of the language. */
function isNamed(name: string, says: string): boolean {
  const word = new RegExp(`${name.includes('_') ? '' : 'members? '}\\b${name.replace(/\W/g, '.')}\\b`);
  return word.test(says);
}

/** It must be there; its value and type count where the clause tells them. */
function mention(says: string, right: unknown): Admits {
  const tellsValue = typeof right !== 'object' && String(right).length >= 3 && says.includes(String(right));
  const type = /\bis a (string|number)\b/.exec(says)?.[1];
  return (value) =>
    value !== absent &&
    (!tellsValue || equalByValue(value, right)) &&
    (type === undefined || typeof right !== type || typeof value === type);
}

/** Of alternatives, one will do: a leaf is spoken of where all speak of it. */
function either(speeches: readonly Speech[]): Speech {
  const [first, ...others] = speeches;
  if (first === undefined) return new Map();
  const common = [...first].filter(([key]) => others.every((speech) => speech.has(key)));
  return new Map(common.map(([key]) => [key, (value, right) => speeches.some((speech) => speech.get(key)?.(value, right) !== false)]));
}

function speechOf(expectation: Expectation, { schemas }: Profile): Speech {
  const speech = new Map<string, Admits>();
  switch (expectation.kind) {
    case 'status':
      speech.set(statusKey, (value) => isAmong(Number(value), expectation.status));
      break;
    case 'header':
      for (const [name, expected] of Object.entries(expectation.header)) {
        if (expected !== null) speech.set(headerKey(name), admitsTemplate(expected));
      }
      break;
    case 'json':
      addTemplate(expectation.json, [], speech);
      break;
    case 'body':
      addSchema(schemas[expectation.schema], [], speech);
      break;
    case 'within':
      speech.set(expectation.at, (value) => value !== absent && !Number.isNaN(toNumber(value)));
      break;
    case 'jwt':
      speech.set(expectation.at, (value) => typeof value === 'string');
      break;
    // A comparison of two answers that are changed alike finds them alike, and neither a text nor an absent member is a leaf.
    case 'same':
    case 'differs':
    case 'text':
    case 'absent':
      break;
  }
  return speech;
}

function isAmong(status: number, expected: number | string | readonly number[]): boolean {
  if (typeof expected === 'string') return expected[0] === String(status)[0];
  return typeof expected === 'number' ? status === expected : expected.includes(status);
}

// Templates

function addTemplate(template: unknown, at: Pointer, speech: Map<string, Admits>): void {
  if (isMatcher(template) && template.absent === true) return;
  if (at.length > 0) speech.set(memberKey(at), admitsTemplate(template));
  if (isMatcher(template)) return;
  if (Array.isArray(template)) template.slice(0, 1).forEach((item) => addTemplate(item, [...at, '0'], speech));
  else if (isRecord(template)) for (const [name, value] of Object.entries(template)) addTemplate(value, [...at, name], speech);
}

/** What stands in a variable is what the correct answer has; what is compared with it otherwise cannot be told here. */
function admitsTemplate(template: unknown): Admits {
  if (isMatcher(template)) {
    return (value, right) => {
      if (value === absent) return false;
      if (!JSON.stringify(template).includes('${')) return matchJson(template, value).length === 0;
      return 'equals' in template ? equalByValue(value, right) : true;
    };
  }
  if (Array.isArray(template)) return (value) => Array.isArray(value) && value.length === template.length;
  if (isRecord(template)) return (value) => isRecord(value);
  return (value, right) => isDeepStrictEqual(value, right);
}

// Schemas

function addSchema(schema: unknown, at: Pointer, speech: Map<string, Admits>): void {
  if (!isRecord(schema)) return;
  const { properties, items, required = [], anyOf } = schema;
  const isRequired = (name: string): boolean => Array.isArray(required) && required.includes(name);
  if (Array.isArray(anyOf)) {
    const branches = anyOf.map((branch) => {
      const own = new Map<string, Admits>();
      addSchema(branch, at, own);
      return own;
    });
    for (const [key, admits] of either(branches)) speech.set(key, admits);
  }
  if (isRecord(properties)) {
    for (const [name, property] of Object.entries(properties)) {
      speech.set(memberKey([...at, name]), (value) => (value === absent ? !isRequired(name) : fits(value, property)));
      addSchema(property, [...at, name], speech);
    }
  }
  if (isRecord(items)) addSchema(items, [...at, '0'], speech);
}

/** As far as the schemas of profiles go. */
function fits(value: unknown, schema: unknown): boolean {
  if (!isRecord(schema)) return true;
  const { type, const: only, enum: few, pattern, minLength, minItems, maxItems, minimum, anyOf } = schema;
  const { length } = typeof value === 'string' || Array.isArray(value) ? value : { length: Number.NaN };
  return (
    (type === undefined || matchJson({ type }, value).length === 0) &&
    (only === undefined || isDeepStrictEqual(value, only)) &&
    (!Array.isArray(few) || few.some((one) => isDeepStrictEqual(value, one))) &&
    (typeof pattern !== 'string' || typeof value !== 'string' || new RegExp(pattern, 'u').test(value)) &&
    (typeof minLength !== 'number' || !(length < minLength)) &&
    (typeof minItems !== 'number' || !(length < minItems)) &&
    (typeof maxItems !== 'number' || !(length > maxItems)) &&
    (typeof minimum !== 'number' || !(Number(value) < minimum)) &&
    (!Array.isArray(anyOf) || anyOf.some((one) => fits(value, one)))
  );
}
