/**
 * Steps as their author writes them, compiled: the request with its changes, the checks, and what later steps may use.
 *
 * @module
 */
import type { CaptureTemplate, CatalogueCheck, CatalogueStep, RequestStep, RequestTemplate, WaitStep } from '../model/catalogue.ts';
import { rowSettingNames, type CheckSpec, type Outcome, type StepSpec } from '../model/spec.ts';
import type { Level } from '../model/verdict.ts';
import { escapeToken } from '../support/pointer.ts';
import { didYouMean, listOf } from '../support/suggest.ts';
import type { AuthorFile } from './author.ts';
import { compileCheck, type ClauseRegister } from './check.ts';
import { applyChanges, type RequestBook } from './request.ts';
import { isCapture, namespaces, problemOfName, variablesOf } from './variables.ts';

/** What a profile offers to the steps of its cases. */
export interface StepProfile {
  readonly name: string;
  /** Its own name, then those of the profiles that it extends. */
  readonly lineage: readonly string[];
  readonly schemas: readonly string[];
  readonly paths: readonly string[];
  /** Names that a success on a surface captures. */
  readonly surfaceCaptures: ReadonlyMap<string, readonly string[]>;
  /** Names that each fixture captures; for the remedy. */
  readonly fixtureCaptures: ReadonlyMap<string, readonly string[]>;
}

export interface StepScope {
  readonly file: AuthorFile;
  readonly profile: StepProfile;
  readonly requests: RequestBook;
  readonly register: ClauseRegister;
  readonly inherited: { readonly clauses: readonly string[]; readonly level?: Level };
  /** Captures that exist before the first step. */
  readonly captures: readonly string[];
  /** Answers that exist before the first step: names of fixtures. */
  readonly answers: readonly string[];
  readonly row?: Row;
  /** Steps of this case by index, as an earlier row without settings compiled them: such rows differ in one request only. */
  readonly compiled?: Map<number, CatalogueStep>;
}

/** A row of `vary`: what it changes in one of the steps. */
export interface Row {
  readonly pointer: string;
  readonly stepIndex: number;
  readonly settings: { readonly expect?: Outcome; readonly checks?: Readonly<Record<string, CheckSpec>> };
  readonly changes: Readonly<Record<string, unknown>>;
}

type RequestStepSpec = Extract<StepSpec, { request: unknown }>;
type WaitStepSpec = Extract<StepSpec, { wait: unknown }>;

export function isRequestStep(step: StepSpec): step is RequestStepSpec {
  return 'request' in step;
}

/** Compiles the steps of a case, a fixture or a proof; steps that cannot be compiled are left out, with a diagnosis. */
export function compileSteps(specs: readonly StepSpec[], pointer: string, scope: StepScope): CatalogueStep[] {
  const captures = new Set(scope.captures);
  const answers = [...scope.answers];
  const checkNames = new Set<string>();
  const steps: CatalogueStep[] = [];
  for (const [index, spec] of specs.entries()) {
    const at = `${pointer}/${index}`;
    const name = spec.name ?? `step-${index + 1}`;
    if (answers.includes(name)) {
      const owner = scope.answers.includes(name) ? 'a fixture of this case' : 'an earlier step';
      scope.file.problems.at(`${at}/name`, `step name "${name}" is already that of ${owner}`);
    }
    const known = scope.compiled?.get(index);
    const step =
      known === undefined
        ? compileStep(spec, name, at, { ...scope, captures: [...captures], answers }, index, checkNames)
        : withRow(known, spec, at, { ...scope, captures: [...captures], answers }, index);
    if (isRequestStep(spec)) for (const one of [...captureNames(spec), ...surfaceCaptures(step, scope.profile)]) captures.add(one);
    if (step !== undefined) {
      steps.push(step);
      scope.compiled?.set(index, step);
    }
    answers.push(name);
  }
  return steps;
}

function compileStep(
  spec: StepSpec,
  name: string,
  pointer: string,
  scope: StepScope,
  index: number,
  checkNames: Set<string>,
): CatalogueStep | undefined {
  if (!isRequestStep(spec)) return compileWaitStep(spec, name, pointer, scope.file, scope.answers);
  const step = compileRequestStep(spec, name, pointer, scope, index);
  return step === undefined ? undefined : { ...step, checks: uniqueNames(step, checkNames) };
}

/** A step that another row has compiled, with what this row changes. */
function withRow(known: CatalogueStep, spec: StepSpec, pointer: string, scope: StepScope, index: number): CatalogueStep | undefined {
  const { row } = scope;
  if (known.kind === 'wait' || !isRequestStep(spec) || row?.stepIndex !== index || known.plain === undefined) return known;
  const step = { ...known, ...varyTemplate(known.plain, row, scope) };
  checkCaptures(step, spec, pointer, scope, row);
  return step;
}

function captureNames(spec: RequestStepSpec): string[] {
  return Object.keys(spec.capture ?? {});
}

function surfaceCaptures(step: CatalogueStep | undefined, profile: StepProfile): readonly string[] {
  if (step?.kind !== 'request' || step.request.surface === undefined || (step.expect !== 'accepted' && step.expect !== 'either')) return [];
  return profile.surfaceCaptures.get(step.request.surface) ?? [];
}

function compileRequestStep(
  spec: RequestStepSpec,
  name: string,
  pointer: string,
  scope: StepScope,
  index: number,
): RequestStep | undefined {
  const { file, profile } = scope;
  const row = scope.row?.stepIndex === index ? scope.row : undefined;
  const templates = compileTemplates(spec, pointer, scope, row);
  const expect = row?.settings.expect ?? spec.expect;
  if (expect !== undefined && templates !== undefined && templates.request.surface === undefined) {
    const what = typeof spec.request === 'string' ? `request ${spec.request} has` : 'the request has';
    file.problems.at(
      row?.settings.expect === undefined ? `${pointer}/expect` : `${row.pointer}/expect`,
      `expect: ${expect} needs a request with a surface, ${what} none; surfaces of ${profile.name} are ${listOf([...profile.surfaceCaptures.keys()], 'and')}`,
    );
  }
  const checks = compileChecks(spec, pointer, scope, row);
  if (templates === undefined) return undefined;
  const step: RequestStep = {
    kind: 'request',
    name,
    line: file.lineOf(pointer),
    ...templates,
    ...(expect === undefined ? {} : { expect }),
    checks,
    capture: compileCaptures(spec.capture ?? {}, `${pointer}/capture`, file),
    repeat: spec.repeat ?? 1,
    freshConnection: spec.freshConnection ?? false,
  };
  checkCaptures(step, spec, pointer, scope, row);
  return step;
}

function compileTemplates(
  spec: RequestStepSpec,
  pointer: string,
  { file, requests, profile }: StepScope,
  row: Row | undefined,
): { request: RequestTemplate; plain?: RequestTemplate } | undefined {
  const at = `${pointer}/request`;
  let request = typeof spec.request === 'string' ? requests.find(spec.request, at) : requests.resolve(spec.request, at);
  if (request === undefined) return undefined;
  if (spec.with !== undefined) {
    file.checkTemplates(`${pointer}/with`, spec.with, profile.paths);
    request = applyChanges(request, spec.with, `${pointer}/with`, file);
  }
  return row === undefined ? { request } : varyTemplate(request, row, { file, profile });
}

function varyTemplate(
  plain: RequestTemplate,
  row: Row,
  { file, profile }: Pick<StepScope, 'file' | 'profile'>,
): { request: RequestTemplate; plain: RequestTemplate } {
  file.checkTemplates(row.pointer, row.changes, profile.paths);
  const problemsBefore = file.problems.diagnostics.length;
  const request = applyChanges(plain, row.changes, row.pointer, file, rowSettingNames);
  const isSame = JSON.stringify(request) === JSON.stringify(plain);
  if (isSame && Object.keys(row.changes).length > 0 && file.problems.diagnostics.length === problemsBefore) {
    file.problems.atKey(row.pointer, 'this row leaves the request as it is, so that it tests nothing of its own');
  }
  return { request, plain };
}

function compileChecks(spec: RequestStepSpec, pointer: string, scope: StepScope, row: Row | undefined): CatalogueCheck[] {
  const written = new Map<string, { spec: CheckSpec; pointer: string }>();
  const add = (checks: Readonly<Record<string, CheckSpec>> | undefined, at: string) => {
    for (const [name, one] of Object.entries(checks ?? {})) written.set(name, { spec: one, pointer: `${at}/checks/${escapeToken(name)}` });
  };
  add(spec.checks, pointer);
  add(row?.settings.checks, row?.pointer ?? '');
  const checkScope = {
    file: scope.file,
    lineage: scope.profile.lineage,
    schemas: scope.profile.schemas,
    paths: scope.profile.paths,
    register: scope.register,
    inherited: scope.inherited,
    answers: scope.answers,
  };
  return [...written].flatMap(([name, one]) => compileCheck(name, one.spec, one.pointer, checkScope) ?? []);
}

/** A later step's check of a known name gets its step's name as prefix, so that an address names one check. */
function uniqueNames(step: RequestStep, taken: Set<string>): CatalogueCheck[] {
  const prefixed = step.checks.map((check) => {
    if (!taken.has(check.name)) return check;
    return { ...check, name: `${step.name}-${check.name}`, writtenName: check.name };
  });
  for (const { name } of prefixed) taken.add(name);
  return prefixed;
}

/** Captures in their order; a secret unless said otherwise. */
export function compileCaptures(
  captures: Readonly<Record<string, NonNullable<RequestStepSpec['capture']>[string]>>,
  pointer: string,
  file: AuthorFile,
): CaptureTemplate[] {
  return Object.entries(captures).flatMap(([name, spec]): CaptureTemplate[] => {
    const at = `${pointer}/${escapeToken(name)}`;
    if (namespaces.includes(name)) file.problems.atKey(at, `a capture may not be called ${name}: \${${name}…} already has a meaning`);
    if (typeof spec === 'string') return [{ name, from: 'json', at: spec, secret: true }];
    const { json, header, secret = true } = spec;
    if ((json === undefined) === (header === undefined)) {
      file.problems.atKey(at, `capture ${name} needs either "json" or "header", found ${json === undefined ? 'neither' : 'both'}`);
      return [];
    }
    return [json === undefined ? { name, from: 'header', at: header ?? '', secret } : { name, from: 'json', at: json, secret }];
  });
}

function compileWaitStep(spec: WaitStepSpec, name: string, pointer: string, file: AuthorFile, answers: readonly string[]): WaitStep {
  const { until, of } = spec.wait;
  if (!answers.includes(of)) file.unknown(`${pointer}/wait/of`, 'step or fixture', of, answers);
  return { kind: 'wait', name, line: file.lineOf(pointer), until, of };
}

/** Every name that is not of a namespace must have been captured before it is used. */
function checkCaptures(step: RequestStep, spec: RequestStepSpec, pointer: string, scope: StepScope, row: Row | undefined): void {
  const own = [...step.capture.map(({ name }) => name), ...surfaceCaptures(step, scope.profile)];
  const needs = (value: unknown) => safeVariables(value).filter(isCapture);
  const missing = [
    ...needs([step.request, step.plain ?? null]).filter((name) => !scope.captures.includes(name)),
    ...needs(step.checks.flatMap(({ alternatives }) => alternatives.map(({ expectation }) => expectation))).filter(
      (name) => !scope.captures.includes(name) && !own.includes(name),
    ),
  ];
  const named = typeof spec.request === 'string' ? [`/requests/${escapeToken(spec.request)}`, '/requests'] : [];
  for (const name of new Set(missing)) {
    const at = scope.file.findVariable(name, [...(row === undefined ? [] : [row.pointer]), pointer, ...named]);
    const problem = `unknown variable "${name}"; ${remedyFor(name, scope)}`;
    if (at === undefined) scope.file.problems.at(`${pointer}/request`, problem);
    else scope.file.problems.within(at, name, problem);
  }
}

function remedyFor(name: string, { captures, profile }: StepScope): string {
  const fixture = [...profile.fixtureCaptures].find(([, names]) => names.includes(name))?.[0];
  if (fixture !== undefined) return `the fixture ${fixture} captures it: name it under given`;
  const known = captures.length === 0 ? 'nothing is captured before this step' : `captured so far: ${listOf([...captures], 'and')}`;
  const hint = didYouMean(name, [...captures, ...likelyNames(name)]);
  return hint === '' ? known : `${known}.${hint}`;
}

/** A dotted name with another first part: what it would be called in each namespace. */
function likelyNames(name: string): string[] {
  const [, ...rest] = name.split('.');
  return namespaces.map((namespace) => [namespace, ...rest].join('.')).filter((likely) => problemOfName(likely) === undefined);
}

/** A template that cannot be read has been diagnosed where it stands. */
function safeVariables(value: unknown): string[] {
  try {
    return variablesOf(value);
  } catch {
    return [];
  }
}

/** Settings and changes of a row of `vary`, told apart. */
export function splitRow(row: Readonly<Record<string, unknown>>): { settings: Record<string, unknown>; changes: Record<string, unknown> } {
  const isSetting = (name: string) => rowSettingNames.includes(name);
  const entries = Object.entries(row);
  return {
    settings: Object.fromEntries(entries.filter(([name]) => isSetting(name))),
    changes: Object.fromEntries(entries.filter(([name]) => !isSetting(name))),
  };
}
