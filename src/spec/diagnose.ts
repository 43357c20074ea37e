/**
 * Problems of an author's file as sentences: where, what was found, what was expected, and the nearest right word.
 *
 * @module
 */
import type { GuardError } from '../generated/guards.js';
import { SpecError, type Diagnostic } from '../support/error.ts';
import { escapeToken } from '../support/pointer.ts';
import { didYouMean, listOf, nearest } from '../support/suggest.ts';
import { diagnosticAt, type Span, type YamlDocument } from './read.ts';

/** Most problems told of one file; the rest is counted. */
const mostPerFile = 20;

/** One error for all problems, in order of file and line, told once each, capped per file. */
export function specError(diagnostics: readonly Diagnostic[]): SpecError {
  const perFile = new Map<string, Diagnostic[]>();
  const seen = new Set<string>();
  for (const diagnostic of diagnostics) {
    const { file, line, column } = diagnostic.place;
    const key = `${file}:${line}:${column}:${diagnostic.message}`;
    if (seen.has(key)) continue;
    seen.add(key);
    perFile.set(file, [...(perFile.get(file) ?? []), diagnostic]);
  }
  const shown = [...perFile].flatMap(([, problems]) => {
    problems.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
    const next = problems[mostPerFile];
    const rest = problems.length - mostPerFile;
    return next === undefined ? problems : [...problems.slice(0, mostPerFile), { place: next.place, message: `and ${rest} more` }];
  });
  return new SpecError(shown);
}

/** How a document that holds secrets is shown. */
export interface Discretion {
  /** Whether the value at a pointer must not be told. */
  readonly isSecret: (pointer: string) => boolean;
  /** A line of the file with its secrets blotted out, columns kept. */
  readonly maskLine: (line: number, text: string) => string;
}

/** Collects the problems of one document. */
export class Problems {
  readonly diagnostics: Diagnostic[] = [];
  readonly #document: YamlDocument;
  readonly #discretion: Discretion | undefined;

  constructor(document: YamlDocument, discretion?: Discretion) {
    this.#document = document;
    this.#discretion = discretion;
  }

  /** A problem with the value at a pointer. */
  at(pointer: string, message: string): void {
    this.#add(this.#document.locate(pointer), message);
  }

  /** A problem with a key, or with the lack of one beneath it. */
  atKey(pointer: string, message: string): void {
    this.#add(this.#document.locate(pointer, 'key'), message);
  }

  /** A problem with a piece of the value. */
  within(pointer: string, piece: string, message: string): void {
    this.#add(this.#document.locateWithin(pointer, piece), message);
  }

  /** A problem with the shape: says every violation of a schema, one sentence per place. */
  shape(schema: object, errors: readonly GuardError[]): void {
    const found = explain(schema as Schema, this.#document.data, '');
    for (const { pointer, part, message } of found) {
      const sentence = message(this.#discretion?.isSecret(pointer) ?? false);
      if (part === 'key') this.atKey(pointer, sentence);
      else this.at(pointer, sentence);
    }
    if (found.length > 0) return;
    for (const { instancePath, message = 'has the wrong shape' } of errors) this.at(instancePath, `${labelOf(instancePath)} ${message}`);
  }

  #add(span: Span, message: string): void {
    const sourceLine = this.#discretion?.maskLine(span.line, span.sourceLine) ?? span.sourceLine;
    this.diagnostics.push(diagnosticAt(this.#document.file, { ...span, sourceLine }, message));
  }
}

// ── shapes ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The part of JSON Schema that the model is written in. */
interface Schema {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'null' | 'array' | 'object';
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

interface Violation {
  readonly pointer: string;
  readonly part: 'key' | 'value';
  readonly message: (isSecret: boolean) => string;
}

/**
 * Says what the guard has found. It follows the schema itself, since the errors of nested alternatives do not tell which
 * alternative the author meant.
 */
function explain(schema: Schema, value: unknown, pointer: string): Violation[] {
  if (schema.anyOf !== undefined) return explainAlternatives(schema.anyOf, value, pointer);
  const label = labelOf(pointer);
  const mismatch = (expected: string): Violation[] => [
    { pointer, part: 'value', message: (isSecret) => `${label} must be ${expected}, found ${describe(value, isSecret)}` },
  ];
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    const names = schema.enum.map(String);
    const hint = typeof value === 'string' ? didYouMean(value, names) : '';
    return mismatch(expectation(schema)).map((one) => ({
      ...one,
      message: (isSecret) => `${one.message(isSecret)}.${hint}`.replace(/\.$/, ''),
    }));
  }
  if (schema.type !== undefined && !hasType(value, schema.type)) return mismatch(expectation(schema));
  if (typeof value === 'string') {
    if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) return mismatch(expectation(schema));
    if (schema.format !== undefined && !(formats[schema.format]?.test(value) ?? true)) return mismatch(expectation(schema));
    if (schema.minLength !== undefined && [...value].length < schema.minLength) {
      return mismatch(`a string of at least ${schema.minLength} characters`);
    }
  }
  if (typeof value === 'number') {
    if (schema.minimum !== undefined && value < schema.minimum) return mismatch(`at least ${schema.minimum}`);
    if (schema.maximum !== undefined && value > schema.maximum) return mismatch(`at most ${schema.maximum}`);
    if (schema.exclusiveMinimum !== undefined && value <= schema.exclusiveMinimum) return mismatch(`more than ${schema.exclusiveMinimum}`);
  }
  if (Array.isArray(value)) {
    const { minItems = 0, items } = schema;
    if (value.length < minItems) {
      const entries = minItems === 1 ? 'one entry' : `${minItems} entries`;
      return [
        {
          pointer,
          part: 'value',
          message: () => `${label} must have at least ${entries}, found ${value.length === 0 ? 'none' : value.length}`,
        },
      ];
    }
    return items === undefined ? [] : value.flatMap((item, index) => explain(items, item, `${pointer}/${index}`));
  }
  return isMapping(value) ? explainMapping(schema, value, pointer) : [];
}

function explainMapping(schema: Schema, value: Readonly<Record<string, unknown>>, pointer: string): Violation[] {
  const { properties = {}, required = [], additionalProperties, propertyNames } = schema;
  const label = labelOf(pointer);
  const violations: Violation[] = [];
  const meant = new Set<string>();
  for (const [name, member] of Object.entries(value)) {
    const at = `${pointer}/${escapeToken(name)}`;
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (known !== undefined) {
      violations.push(...explain(known, member, at));
    } else if (additionalProperties === false) {
      const names = Object.keys(properties);
      const likely = nearest(
        name,
        names.filter((one) => !Object.hasOwn(value, one)),
      );
      if (likely !== undefined) meant.add(likely);
      const hint = likely === undefined ? ` Expected ${listOf(names, 'or', 30)}` : ` Did you mean "${likely}"?`;
      violations.push({ pointer: at, part: 'key', message: () => `unknown key "${name}" in ${label}.${hint}` });
    } else {
      if (propertyNames?.pattern !== undefined && !new RegExp(propertyNames.pattern, 'u').test(name)) {
        violations.push({ pointer: at, part: 'key', message: () => `the name "${name}" must be ${expectation(propertyNames)}` });
      }
      if (typeof additionalProperties === 'object') violations.push(...explain(additionalProperties, member, at));
    }
  }
  const missing = required.filter((name) => !Object.hasOwn(value, name) && !meant.has(name)).map((name) => `no "${name}"`);
  if (missing.length > 0) {
    const verb = missing.length === 1 ? 'is' : 'are';
    violations.push({ pointer, part: 'key', message: () => `${label} has ${listOf(missing, 'and')}, which ${verb} required` });
  }
  return violations;
}

/** One sentence about the alternative that the author meant; when none can be told, one that names them all. */
function explainAlternatives(alternatives: readonly Schema[], value: unknown, pointer: string): Violation[] {
  const explained = alternatives.map((schema) => ({ schema, violations: explain(schema, value, pointer) }));
  if (explained.some(({ violations }) => violations.length === 0)) return [];
  const fitting = explained.filter(({ schema }) => schema.type === undefined || hasType(value, schema.type));
  const deeper = fitting.filter(({ violations }) => isMapping(value) || violations.some((one) => one.pointer !== pointer));
  const [meant] = deeper.toSorted((a, b) => familiarity(b.schema, value) - familiarity(a.schema, value));
  if (meant !== undefined) {
    const { violations } = meant;
    if (!isMapping(value) || familiarity(meant.schema, value) > 0 || fitting.length === 1) return violations;
    const keys = [...new Set(fitting.flatMap(({ schema }) => schema.required ?? []))];
    const misspelt = fitting.flatMap((one) => one.violations).filter((one) => one.message(false).includes('Did you mean'));
    if (misspelt.length > 0) return misspelt.slice(0, 1);
    return [
      {
        pointer,
        part: 'key',
        message: () =>
          `${labelOf(pointer)} has neither ${listOf(
            keys.map((key) => `"${key}"`),
            'or',
          ).replace(' or ', ' nor ')}`,
      },
    ];
  }
  const isNumberInQuotes = typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
  const numeric = alternatives.filter(({ type }) => type === 'integer' || type === 'number');
  const expected = (isNumberInQuotes && numeric.length > 0 ? numeric : alternatives).map(expectation);
  if (fitting.length === 1 && typeof value === 'number') return fitting[0]?.violations ?? [];
  const label = labelOf(pointer);
  const all = listOf([...new Set(expected)], 'or');
  return [{ pointer, part: 'value', message: (isSecret) => `${label} must be ${all}, found ${describe(value, isSecret)}` }];
}

/** How many of its keys an alternative knows, the required ones first. */
function familiarity(schema: Schema, value: unknown): number {
  if (!isMapping(value)) return 0;
  const keys = Object.keys(value);
  const required = (schema.required ?? []).filter((key) => keys.includes(key)).length;
  const shared = keys.filter((key) => Object.hasOwn(schema.properties ?? {}, key)).length;
  return (schema.required ?? []).length === 0 ? shared : required * 100 + (required > 0 ? shared : 0);
}

function hasType(value: unknown, type: NonNullable<Schema['type']>): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'null':
      return value === null;
    case 'object':
      return isMapping(value);
    default:
      return typeof value === type;
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const typeNames = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
  array: 'a list',
  object: 'a mapping',
} as const;

/** What the patterns of the model mean to a person. */
const patternNames: Readonly<Record<string, string>> = {
  '^[a-z0-9]+(-[a-z0-9]+)*$': 'lower-case words and digits joined by hyphens',
  '^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)?$': 'lower-case words joined by hyphens, with one "/" at most',
  '^[a-z0-9.-]+/[A-Za-z0-9./-]+$': 'a clause id, document/id',
  '^[a-z0-9.-]+$': 'lower-case letters, digits, dots and hyphens',
  '^[A-Za-z0-9./-]+$': 'letters, digits, dots, slashes and hyphens',
  '^[a-zA-Z][a-zA-Z0-9]*$': 'letters and digits, beginning with a letter',
  '^[1-5]xx$': 'a class such as 4xx',
  '^/': 'a JSON pointer such as "/access_token"',
  '^(/.*)?$': 'a JSON pointer such as "/access_token"',
};

const formats: Readonly<Record<string, RegExp>> = {
  uri: /^[a-z][a-z0-9+.-]*:\/\/[^\s]+$/iu,
  date: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/u,
};
const formatNames: Readonly<Record<string, string>> = {
  uri: 'an absolute URL such as https://example.org',
  date: 'a date such as 2027-03-01',
};

function expectation(schema: Schema): string {
  if (schema.anyOf !== undefined) return listOf(schema.anyOf.map(expectation), 'or');
  if (schema.enum !== undefined)
    return listOf(
      schema.enum.map((one) => JSON.stringify(one)),
      'or',
    );
  if (schema.pattern !== undefined) return patternNames[schema.pattern] ?? `a string that matches /${schema.pattern}/`;
  if (schema.format !== undefined) return formatNames[schema.format] ?? `a string of format ${schema.format}`;
  if (schema.type === 'array' && schema.items?.type !== undefined && schema.items.type !== 'boolean' && schema.items.type !== 'null') {
    const plurals = { string: 'strings', integer: 'integers', number: 'numbers', array: 'lists', object: 'mappings' } as const;
    return `a list of ${plurals[schema.items.type]}`;
  }
  return schema.type === undefined ? 'another value' : typeNames[schema.type];
}

/** What was found, with its type: `the string "401"`, `the number 5`, `a list`, `nothing`. */
export function describe(value: unknown, isSecret = false): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  switch (typeof value) {
    case 'string':
      return isSecret ? 'a string' : `the string ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)}`;
    case 'number':
      return isSecret ? 'a number' : `the number ${value}`;
    case 'boolean':
      return isSecret ? 'a boolean' : `the boolean ${value}`;
    default:
      return 'a mapping';
  }
}

/** The last part of a pointer as a person writes it: `status`, `steps[0]`; `the file` for the whole. */
export function labelOf(pointer: string): string {
  if (pointer === '') return 'the file';
  const [last = '', parent = ''] = pointer.split('/').toReversed();
  const name = (token: string) => token.replaceAll('~1', '/').replaceAll('~0', '~');
  return /^\d+$/.test(last) && parent !== '' ? `${name(parent)}[${last}]` : name(last);
}
