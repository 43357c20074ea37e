/**
 * A case as the flat list of requests that other tools can send: its fixtures first, then its steps, after each what proves it. What no other
 * tool could send in the same way is left out, with the reason. Pure.
 *
 * @module
 */
import { inRange } from '../judge/scope.ts';
import type {
  CatalogueCase,
  CatalogueCheck,
  CatalogueStep,
  GivenFixture,
  Profile,
  RequestStep,
  RequestTemplate,
} from '../model/catalogue.ts';
import type { When } from '../model/spec.ts';
import type { Target } from '../model/target.ts';
import { parseTemplate, type Expression, type FilterName } from '../spec/variables.ts';

/** What an exporter is given: what is exported, and whom it will be sent to, as far as that is known. */
export interface ExportSource {
  readonly cases: readonly CatalogueCase[];
  /** Profiles as they hold on the target. */
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly clauses: Readonly<Record<string, { readonly says: string; readonly url?: string }>>;
  readonly target?: Target;
  /** Cases that the target cannot be asked, with the reason. */
  readonly leftOut: readonly LeftOut[];
  /** Generated values by `address` and name, as our own runner would send them. */
  readonly fakesOf: (address: string) => Promise<(name: string) => unknown>;
  readonly suite: { readonly name: string; readonly version: string };
}

export interface LeftOut {
  readonly address: string;
  readonly reason: string;
}

export interface WalkedRequest {
  readonly kind: 'fixture' | 'step' | 'proof';
  /** Name of the step; of a fixture, what later steps call its answer. */
  readonly name: string;
  readonly title: string;
  readonly step: RequestStep;
  /** Prefix of the names that it captures, dot included. */
  readonly prefix: string;
  /** Step whose success it proves. */
  readonly proves?: string;
}

export interface WalkedCase {
  readonly case: CatalogueCase;
  readonly requests: readonly WalkedRequest[];
}

/** Filters that other tools cannot compute: they sign, or read what is no value of theirs. */
const ownFilters: ReadonlySet<FilterName> = new Set<FilterName>([
  'jwt-unsigned',
  'jwt-unsigned-with-signature',
  'jwt-without-signature',
  'jwt-other-key',
  'jwt-key-in-header',
  'jwt-user-1',
  'jwt-administrator',
  'jwt-prolonged',
  'cookie',
  'query-code',
]);

/** The requests of a case in sending order, or why it is left out. */
export function walkCase(one: CatalogueCase, profile: Profile): WalkedCase | LeftOut {
  try {
    const requests = [
      ...one.given.flatMap((given) => walkFixture(given, profile)),
      ...one.steps.flatMap((step) => walkStep(step, profile)),
    ];
    return { case: one, requests };
  } catch (error) {
    if (error instanceof Unsendable) return { address: one.address, reason: error.message };
    throw error;
  }
}

class Unsendable extends Error {}

function walkFixture({ fixture: name, as }: GivenFixture, profile: Profile): WalkedRequest[] {
  const fixture = profile.fixtures[name];
  if (fixture === undefined) throw new Unsendable(`the profile has no fixture "${name}"`);
  const before = fixture.given.flatMap((given) => walkFixture(given, profile));
  if (as !== undefined && before.length > 0) throw new Unsendable(`fixture "${name}" is prepared by others under another name`);
  const last = fixture.steps.findLast(({ kind }) => kind === 'request');
  const own = fixture.steps.flatMap((step): WalkedRequest[] => {
    const request = sendable(step);
    if (/\$\{[^}]*\bfake\./.test(JSON.stringify(request.request))) throw new Unsendable(`fixture "${name}" uses generated values`);
    const title = fixture.title ?? `Fixture ${name}`;
    return [
      { kind: 'fixture', name: step === last ? (as ?? name) : step.name, title, step: request, prefix: as === undefined ? '' : `${as}.` },
    ];
  });
  if (as !== undefined && own.length > 1) throw new Unsendable(`fixture "${name}" has several steps`);
  return [...before, ...own];
}

function walkStep(step: CatalogueStep, profile: Profile): WalkedRequest[] {
  const request = sendable(step);
  if (request.repeat > 1) throw new Unsendable(`sends the same request ${request.repeat} times`);
  const surface = request.request.surface === undefined ? undefined : profile.surfaces[request.request.surface];
  const proofs = request.expect === 'accepted' || request.expect === 'either' ? (surface?.accepted.proof ?? []) : [];
  return [
    { kind: 'step', name: request.name, title: request.name, step: request, prefix: '' },
    ...proofs.map((proof): WalkedRequest => ({
      kind: 'proof',
      name: `${request.name}-${proof.name}`,
      title: `${proof.name} of ${request.name}`,
      step: sendable(proof),
      prefix: '',
      proves: request.name,
    })),
  ];
}

function sendable(step: CatalogueStep): RequestStep {
  if (step.kind === 'wait') throw new Unsendable('lets time pass');
  const { request } = step;
  if (request.raw !== undefined) throw new Unsendable('sends raw bytes');
  for (const expression of expressionsOf(request)) {
    if ('hs256' in expression.operand) throw new Unsendable('forges a signature');
    const own = expression.filters.find(({ name }) => ownFilters.has(name));
    if (own !== undefined) throw new Unsendable(`uses the filter ${own.name}`);
  }
  if (/\$\{/.test(request.method)) throw new Unsendable('has a method that is computed');
  const odd = request.headers.find(([name, value]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || isOddValue(value));
  if (odd !== undefined) throw new Unsendable(`sends the header ${JSON.stringify(odd[0])} in a form that HTTP clients change or refuse`);
  return step;
}

/** Blanks at an end are trimmed on the way; control characters and long values are refused before they are sent. */
function isOddValue(value: string): boolean {
  // eslint-disable-next-line no-control-regex
  return value.trim() !== value || value === '' || /[^\x20-\x7e]|\|\s*(pad|repeat)\b|users\.unicode/.test(value);
}

/** Every `${…}` of a request, those inside functions included. */
export function expressionsOf(request: RequestTemplate): Expression[] {
  const all: Expression[] = [];
  const add = (expression: Expression): void => {
    all.push(expression);
    if ('basic' in expression.operand) expression.operand.basic.forEach(add);
    if ('hs256' in expression.operand) expression.operand.hs256.forEach(add);
  };
  const visit = (value: unknown): void => {
    if (typeof value === 'string') {
      for (const part of parseTemplate(value)) if (part.kind === 'value') add(part.expression);
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  visit(request);
  return all;
}

/** The checks that speak about a target, each with the alternatives that do. */
export function checksFor(checks: readonly CatalogueCheck[], target: Target | undefined): CatalogueCheck[] {
  return checks.flatMap((check): CatalogueCheck[] => {
    if (!speaksAbout(check.when, target)) return [];
    const alternatives = check.alternatives.filter(({ when }) => speaksAbout(when, target));
    return alternatives.length === 0 ? [] : [{ ...check, alternatives }];
  });
}

function speaksAbout(when: When | undefined, target: Target | undefined): boolean {
  if (when?.version !== undefined && inRange(target?.version, when.version) === false) return false;
  return when?.drupal === undefined || inRange(target?.drupal, when.drupal) !== false;
}

/** A template with the paths of profile and target filled in; they hold further `${…}` at most. */
export function withPaths(text: string, profile: Profile, target: Target | undefined): string {
  return text.replace(/\$\{\s*paths\.([\w-]+)\s*\}/g, (whole, key: string) => target?.paths?.[key] ?? profile.paths[key] ?? whole);
}

/** One part of a template, as an exporter writes it. */
export function render(
  template: string,
  write: { readonly text: (text: string) => string; readonly value: (expression: Expression) => string },
): string {
  return parseTemplate(template)
    .map((part) => (part.kind === 'text' ? write.text(part.text) : write.value(part.expression)))
    .join('');
}

/** An expression in the notation of the contract language, without its braces; `rename` gives other names to its values. */
export function expressionText({ operand, filters }: Expression, rename: (name: string) => string = (name) => name): string {
  const inner = (one: Expression) => expressionText(one, rename);
  const head =
    'name' in operand
      ? rename(operand.name)
      : 'basic' in operand
        ? `basic(${operand.basic.map(inner).join(', ')})`
        : `hs256(${operand.hs256.map(inner).join(', ')})`;
  return [head, ...filters.map(({ name, argument }) => (argument === undefined ? name : `${name}(${argument})`))].join(' | ');
}

/** Names of all values in an expression. */
export function namesOf({ operand }: Expression): string[] {
  if ('name' in operand) return [operand.name];
  return ('basic' in operand ? operand.basic : operand.hs256).flatMap(namesOf);
}

/** Whether a key of the target file holds a secret. */
export function isSecretName(name: string): boolean {
  return /^clients\.[^.]+\.(secret|apiKey)$|^users\.[^.]+\.password$|^tokens\./.test(name);
}

export interface TargetName {
  readonly name: string;
  /** Everything that uses it does without. */
  readonly isOptional: boolean;
}

/** Keys of the target file that requests and checks use, sorted. */
export function targetNames(walked: readonly WalkedCase[], extra: readonly unknown[] = []): TargetName[] {
  const names = new Map<string, boolean>();
  const visit = (value: unknown): void => {
    if (typeof value === 'string') {
      if (!value.includes('${')) return;
      for (const part of parseTemplate(value))
        if (part.kind === 'value')
          for (const name of namesOf(part.expression)) names.set(name, (names.get(name) ?? true) && isOptional(part.expression));
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  visit(walked.map(({ requests }) => requests.map(({ step }) => step)));
  visit(extra);
  return [...names]
    .filter(([name]) => /^(users|clients|content|tokens|graphql)\./.test(name))
    .map(([name, optional]) => ({ name, isOptional: optional }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** `${name?}`: what it stands in is left out when the target lacks the key. */
export function isOptional({ operand }: Expression): boolean {
  return 'name' in operand && operand.isOptional === true;
}

/** Names of the optional keys in a template. */
export function optionalNames(template: string): string[] {
  return parseTemplate(template).flatMap((part) => (part.kind === 'value' && isOptional(part.expression) ? namesOf(part.expression) : []));
}
