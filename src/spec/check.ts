/**
 * Checks as their author writes them, compiled: one kind each, every alternative with its clauses and its witness.
 *
 * @module
 */
import type { Alternative, CatalogueCheck, Clause, Expectation } from '../model/catalogue.ts';
import { expectationKinds, type CheckSpec, type When } from '../model/spec.ts';
import type { Level, Witness } from '../model/verdict.ts';
import { escapeToken } from '../support/pointer.ts';
import { didYouMean, listOf } from '../support/suggest.ts';
import type { AuthorFile } from './author.ts';
import { describe } from './diagnose.ts';

/** The clauses that may be cited. */
export interface ClauseRegister {
  readonly clauses: ReadonlyMap<string, Clause>;
  /** Documents whose file could not be read: citing them is not a mistake of who cites. */
  readonly unreadable: ReadonlySet<string>;
}

/** What a check may refer to, where it stands. */
export interface CheckScope {
  readonly file: AuthorFile;
  /** Name of the profile, then of those that it extends. */
  readonly lineage: readonly string[];
  readonly schemas: readonly string[];
  readonly paths: readonly string[];
  readonly register: ClauseRegister;
  /** Clauses and level of the case, for checks that have none of their own. */
  readonly inherited: { readonly clauses: readonly string[]; readonly level?: Level };
  /** Names that `same` and `differs` may use; undefined where that is not known yet. */
  readonly answers?: readonly string[];
}

/** Compiles one check; undefined, with diagnoses, when it cannot be. */
export function compileCheck(name: string, spec: CheckSpec, pointer: string, scope: CheckScope): CatalogueCheck | undefined {
  const { problems } = scope.file;
  const ownKinds = expectationKinds.filter((kind) => spec[kind] !== undefined);
  const { any } = spec;
  if (any !== undefined && ownKinds.length > 0) {
    problems.atKey(pointer, `check ${name} has ${ownKinds[0]} beside any; write it as one of the alternatives`);
    return undefined;
  }
  const clauses = citeAll(spec.clauses, `${pointer}/clauses`, scope) ?? scope.inherited.clauses;
  const alternatives =
    any === undefined
      ? [compileAlternative(spec, name, pointer, clauses, scope)]
      : any.map((one, index) => {
          const at = `${pointer}/any/${index}`;
          const own = citeAll(one.clauses, `${at}/clauses`, scope) ?? clauses;
          checkVersions(one.when, `${at}/when`, scope.file);
          return compileAlternative(one, `${name}, alternative ${index + 1},`, at, own, scope, one.when);
        });
  checkVersions(spec.when, `${pointer}/when`, scope.file);
  const complete = alternatives.filter((one) => one !== undefined);
  const first = spec.clauses?.[0] ?? complete[0]?.clauses[0];
  const level = spec.level ?? scope.inherited.level ?? scope.register.clauses.get(first ?? '')?.keyword ?? 'must';
  if (complete.length < alternatives.length) return undefined;
  return {
    name,
    level,
    alternatives: complete,
    ...(spec.when === undefined ? {} : { when: spec.when }),
    ...(spec.why === undefined ? {} : { why: spec.why }),
    line: scope.file.lineOf(pointer),
  };
}

type OneExpectation = Pick<CheckSpec, (typeof expectationKinds)[number]>;

function compileAlternative(
  spec: OneExpectation,
  label: string,
  pointer: string,
  clauses: readonly string[],
  scope: CheckScope,
  when?: When,
): Alternative | undefined {
  const { problems } = scope.file;
  const kinds = expectationKinds.filter((kind) => spec[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined) {
    problems.atKey(
      pointer,
      `check ${label} expects nothing; give it one of ${listOf(expectationKinds, 'or')}${'any' in spec ? '' : ', or any with alternatives'}`,
    );
    return undefined;
  }
  if (kinds.length > 1) {
    problems.atKey(
      `${pointer}/${kinds[1]}`,
      `check ${label} has ${listOf(kinds, 'and')}; a check has one kind, make it ${kinds.length} checks`,
    );
    return undefined;
  }
  if (clauses.length === 0) {
    problems.atKey(pointer, `check ${label} cites no clause; a check of a profile needs clauses of its own`);
    return undefined;
  }
  const expectation = compileExpectation(kind, spec, `${pointer}/${kind}`, scope);
  scope.file.checkTemplates(`${pointer}/${kind}`, spec[kind], scope.paths);
  const [cited] = clauses.map((id) => scope.register.clauses.get(id));
  const condition = bothConditions(when, cited?.when);
  return {
    clauses,
    witness: cited?.witness ?? ('document' satisfies Witness),
    ...(condition === undefined ? {} : { when: condition }),
    expectation,
  };
}

function compileExpectation(
  kind: (typeof expectationKinds)[number],
  spec: OneExpectation,
  pointer: string,
  scope: CheckScope,
): Expectation {
  const { file } = scope;
  switch (kind) {
    case 'status':
      return { kind, status: spec.status as number };
    case 'header':
      for (const [name, operand] of Object.entries(spec.header ?? {})) checkOperand(operand, `${pointer}/${escapeToken(name)}`, file);
      return { kind, header: spec.header ?? {} };
    case 'body':
      if (!scope.schemas.includes(spec.body ?? '')) file.unknown(pointer, 'schema', spec.body ?? '', scope.schemas);
      return { kind, schema: spec.body ?? '' };
    case 'json':
    case 'text':
      checkOperand(spec[kind], pointer, file);
      return kind === 'json' ? { kind, json: spec.json } : { kind, text: spec.text };
    case 'absent':
      return { kind, absent: spec.absent ?? [] };
    case 'same':
    case 'differs': {
      const { as, at } = spec[kind] ?? { as: '', at: [] };
      if (scope.answers !== undefined && !scope.answers.includes(as)) file.unknown(`${pointer}/as`, 'step or fixture', as, scope.answers);
      for (const [index, part] of at.entries()) checkPart(part, `${pointer}/at/${index}`, file);
      return { kind, as, at };
    }
    case 'jwt': {
      const { at = '', header, claims } = spec.jwt ?? {};
      checkPointer(at, `${pointer}/at`, file);
      if (header !== undefined) checkOperand(header, `${pointer}/header`, file);
      if (claims !== undefined) checkOperand(claims, `${pointer}/claims`, file);
      return { kind, at, ...(header === undefined ? {} : { header }), ...(claims === undefined ? {} : { claims }) };
    }
    case 'within': {
      const { at = '', min, max } = spec.within ?? {};
      checkPointer(at, `${pointer}/at`, file);
      if (min === undefined && max === undefined) file.problems.atKey(pointer, 'within has neither "min" nor "max"');
      if (typeof min === 'number' && typeof max === 'number' && min > max) {
        file.problems.at(`${pointer}/max`, `max must be at least min, found ${max} below ${min}`);
      }
      return { kind, at, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
    }
  }
}

/** Parts of an answer that `same` and `differs` compare, beside JSON pointers and header names. */
const parts = ['status', 'content-type', 'body', 'keys'];

function checkPart(part: string, pointer: string, file: AuthorFile): void {
  if (part.startsWith('/') || parts.includes(part)) return;
  const hint = didYouMean(part, parts);
  if (hint !== '' || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(part)) {
    file.problems.at(
      pointer,
      `"${part}" is no part of an answer; expected ${listOf(parts, 'or')}, a JSON pointer or a header name.${hint}`.replace(/\.$/, ''),
    );
  }
}

function checkPointer(value: string, pointer: string, file: AuthorFile): void {
  if (value !== '' && !value.startsWith('/')) {
    file.problems.at(pointer, `at must be a JSON pointer such as "/access_token", found ${describe(value)}`);
  }
}

const jsonTypes = ['string', 'integer', 'number', 'boolean', 'array', 'object', 'null'];
const matcherNames = ['equals', 'type', 'matches', 'oneOf', 'min', 'max', 'startsWith', 'contains', 'length', 'absent', 'present', 'not'];

/** An object whose keys are all matchers is one; every other object is a partial match, whose members may be matchers. */
function checkOperand(operand: unknown, pointer: string, file: AuthorFile): void {
  if (Array.isArray(operand)) {
    for (const [index, item] of operand.entries()) checkOperand(item, `${pointer}/${index}`, file);
    return;
  }
  if (typeof operand !== 'object' || operand === null) return;
  const members = Object.entries(operand as Record<string, unknown>);
  const isMatcher = members.length > 0 && members.every(([name]) => matcherNames.includes(name));
  for (const [name, value] of members) {
    const at = `${pointer}/${escapeToken(name)}`;
    if (!isMatcher) checkOperand(value, at, file);
    else checkMatcher(name, value, at, file);
  }
  const [only] = members;
  if (!isMatcher && members.length === 1 && only !== undefined) {
    const likely = matcherNames.find((name) => name.toLowerCase() === only[0].toLowerCase().replaceAll(/[-_]/g, ''));
    if (likely !== undefined)
      file.problems.atKey(`${pointer}/${escapeToken(only[0])}`, `"${only[0]}" is no matcher. Did you mean "${likely}"?`);
  }
}

function checkMatcher(name: string, value: unknown, pointer: string, file: AuthorFile): void {
  const expected = (what: string, hint = '') => file.problems.at(pointer, `${name} must be ${what}, found ${describe(value)}${hint}`);
  const isTemplate = typeof value === 'string' && value.includes('${');
  switch (name) {
    case 'type': {
      const types = Array.isArray(value) ? value : [value];
      if (types.length === 0 || !types.every((one) => jsonTypes.includes(String(one)))) {
        const wrong = types.find((one) => !jsonTypes.includes(String(one)));
        const hint = typeof wrong === 'string' ? didYouMean(wrong, jsonTypes) : '';
        expected(listOf(jsonTypes, 'or'), `.${hint || ' A member that is called type is matched by { type: { equals: … } }'}`);
      }
      return;
    }
    case 'matches':
      if (typeof value !== 'string') return void expected('a regular expression in a string');
      if (!isTemplate) checkRegExp(value, pointer, file);
      return;
    case 'oneOf':
      return void (Array.isArray(value) && value.length > 0 ? undefined : expected('a list of values'));
    case 'min':
    case 'max':
      return void (typeof value === 'number' || isTemplate || isNumeric(value) ? undefined : expected('a number'));
    case 'startsWith':
      return void (typeof value === 'string' ? undefined : expected('a string'));
    case 'absent':
    case 'present':
      return void (value === true ? undefined : expected('true'));
    case 'length':
    case 'not':
    case 'contains':
      return checkOperand(value, pointer, file);
    default:
  }
}

function isNumeric(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
}

function checkRegExp(source: string, pointer: string, file: AuthorFile): void {
  try {
    new RegExp(source, 'u');
  } catch (error) {
    const reason = (error as Error).message.replace(/^Invalid regular expression: \/.*\/u: /s, '');
    file.problems.at(pointer, `matches is no regular expression: ${reason}`);
  }
}

/** The clauses of a list, diagnosed; undefined when there is no list. */
export function citeAll(
  ids: readonly string[] | undefined,
  pointer: string,
  scope: Pick<CheckScope, 'register' | 'file' | 'lineage'>,
): readonly string[] | undefined {
  for (const [index, id] of (ids ?? []).entries()) {
    const at = `${pointer}/${index}`;
    const clause = findClause(id, at, scope);
    if (clause?.products === undefined || clause.products.some((product) => scope.lineage.some((name) => covers(product, name)))) continue;
    const speaks = listOf([...clause.products], 'and');
    scope.file.problems.at(at, `clause ${id} cannot witness for ${scope.lineage[0]}: its document speaks about ${speaks} only`);
  }
  return ids;
}

/** A clause by id; undefined, with a diagnosis, when there is none. */
export function findClause(id: string, pointer: string, { register, file }: Pick<CheckScope, 'register' | 'file'>): Clause | undefined {
  const clause = register.clauses.get(id);
  const document = id.split('/', 1)[0] ?? '';
  if (clause === undefined && !register.unreadable.has(document)) file.unknown(pointer, 'clause', id, register.clauses.keys());
  return clause;
}

/** Whether a profile is the named one or lies below it. */
export function covers(prefix: string, profile: string): boolean {
  return profile === prefix || profile.startsWith(`${prefix.replace(/\/$/, '')}/`);
}

/** A condition that holds when both do; the ranges of the first one win, the keys of the target add up. */
export function bothConditions(first: When | undefined, second: When | undefined): When | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  const target = [...new Set([...(first.target ?? []), ...(second.target ?? [])])];
  return { ...second, ...first, ...(target.length === 0 ? {} : { target }) };
}

/** A condition where only versions can be asked for: whether the target has a key is decided for whole cases. */
export function checkVersions(when: When | undefined, pointer: string, file: AuthorFile): void {
  checkWhen(when, pointer, file);
  for (const key of ['target', 'profile'] as const) {
    if (when?.[key] !== undefined)
      file.problems.atKey(`${pointer}/${key}`, `${key} is a condition of a case or of a row, not of its parts`);
  }
}

const comparisonPattern = /^(?:>=|<=|>|<|=)?v?\d[0-9A-Za-z.*+-]*$/;

/** Checks the ranges of a condition for their form: comparisons joined by spaces, alternatives by `||`. */
export function checkWhen(when: When | undefined, pointer: string, file: AuthorFile): void {
  for (const key of ['version', 'drupal'] as const) {
    const range = when?.[key];
    if (range === undefined) continue;
    const comparisons = range.split('||').flatMap((alternative) => alternative.trim().split(/\s+/));
    if (comparisons.every((one) => comparisonPattern.test(one))) continue;
    file.problems.at(`${pointer}/${key}`, `${key} must be a range such as ">=2.0.13", "5.x" or ">=2 <3", found ${describe(range)}`);
  }
}
