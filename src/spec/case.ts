/**
 * Cases of a spec file, compiled: one per row of `vary`, with everything it needs derived.
 *
 * @module
 */
import type { CatalogueCase, Cost, Declared, GivenFixture, Profile } from '../model/catalogue.ts';
import type { CaseSpec, CheckSpec, Outcome, SpecFile, When } from '../model/spec.ts';
import type { Level } from '../model/verdict.ts';
import { escapeToken } from '../support/pointer.ts';
import type { AuthorFile } from './author.ts';
import { bothConditions, checkWhen, citeAll, type ClauseRegister } from './check.ts';
import { deriveNeeds } from './needs.ts';
import { checkTargetKey, stepProfileOf } from './profile.ts';
import { RequestBook } from './request.ts';
import { compileSteps, isRequestStep, splitRow, type Row, type StepProfile, type StepScope } from './step.ts';
import { namespaces, TemplateError } from './variables.ts';

const defaultPriority = 5;

/** Compiles every case of a file; its problems go to the file. */
export function compileCases(
  file: AuthorFile<SpecFile>,
  stem: string,
  { profile, profiles, register }: { profile: Profile; profiles: ReadonlyMap<string, Profile>; register: ClauseRegister },
): CatalogueCase[] {
  const requests = new RequestBook(file, file.data.requests ?? {}, {
    requests: profile.requests ?? {},
    surfaces: Object.keys(profile.surfaces),
    paths: Object.keys(profile.paths),
  });
  requests.all();
  const shared: Shared = { file, profile, stepProfile: stepProfileOf(profile, profiles), register, requests };
  return Object.entries(file.data.cases).flatMap(([name, spec]) =>
    compileCase(spec, `/cases/${escapeToken(name)}`, `${profile.name}/${stem}/${name}`, shared),
  );
}

interface Shared {
  readonly file: AuthorFile<SpecFile>;
  readonly profile: Profile;
  readonly stepProfile: StepProfile;
  readonly register: ClauseRegister;
  readonly requests: RequestBook;
}

/** What a row may say of its case, beside its changes to the request. */
interface RowSettings {
  readonly title?: string;
  readonly why?: string;
  readonly when?: When;
  readonly cost?: Cost;
  readonly clauses?: readonly string[];
  readonly level?: Level;
  readonly expect?: Outcome;
  readonly checks?: Readonly<Record<string, CheckSpec>>;
}

interface CaseContext extends Shared {
  readonly given: readonly GivenFixture[];
  readonly captures: readonly string[];
  readonly compiled?: StepScope['compiled'];
}

function compileCase(spec: CaseSpec, pointer: string, address: string, shared: Shared): CatalogueCase[] {
  const { file } = shared;
  const { given, captures } = compileGiven(spec, pointer, shared);
  checkCondition(spec.when, `${pointer}/when`, file);
  checkCost(spec.cost, `${pointer}/cost`, file);
  citeAll(spec.clauses, `${pointer}/clauses`, { ...shared, lineage: shared.stepProfile.lineage });
  const context = { ...shared, given, captures };
  const stepIndex = variedStep(spec, pointer, file);
  if (spec.vary === undefined) return [compileOne(spec, {}, undefined, pointer, address, context)];
  const rows = Object.entries(spec.vary);
  if (rows.length === 0) file.problems.atKey(`${pointer}/vary`, 'vary has no rows');
  const compiled: StepScope['compiled'] = new Map();
  return rows.map(([name, row]) => {
    const at = `${pointer}/vary/${escapeToken(name)}`;
    const { settings, changes } = splitRow(row) as { settings: RowSettings; changes: Record<string, unknown> };
    checkCondition(settings.when, `${at}/when`, file);
    checkCost(settings.cost, `${at}/cost`, file);
    citeAll(settings.clauses, `${at}/clauses`, { ...shared, lineage: shared.stepProfile.lineage });
    const isPlain = (['expect', 'checks', 'clauses', 'level'] as const).every((key) => settings[key] === undefined);
    const rowContext = isPlain && changes.surface === undefined ? { ...context, compiled } : context;
    return compileOne(spec, settings, { pointer: at, stepIndex, settings, changes }, at, `${address}/${name}`, rowContext);
  });
}

function compileOne(
  spec: CaseSpec,
  settings: RowSettings,
  row: Row | undefined,
  pointer: string,
  address: string,
  { file, profile, stepProfile, register, requests, given, captures, compiled }: CaseContext,
): CatalogueCase {
  const casePointer = row === undefined ? pointer : pointer.slice(0, pointer.lastIndexOf('/vary/'));
  const clauses = settings.clauses ?? spec.clauses;
  const level = settings.level ?? spec.level;
  const why = settings.why ?? spec.why;
  const when = bothConditions(settings.when, spec.when);
  const cost = settings.cost ?? spec.cost;
  const steps = compileSteps(spec.steps ?? [], `${casePointer}/steps`, {
    file,
    profile: stepProfile,
    requests,
    register,
    inherited: { clauses, ...(level === undefined ? {} : { level }) },
    captures,
    answers: given.map((one) => one.as ?? one.fixture),
    ...(row === undefined ? {} : { row }),
    ...(compiled === undefined ? {} : { compiled }),
  });
  const isJudged = ({ expect, checks }: RowSettings) => expect !== undefined || Object.keys(checks ?? {}).length > 0;
  const declared = compileDeclared(spec, casePointer, file, register);
  if (declared === undefined && !isJudged(settings) && !(spec.steps ?? []).some((step) => isRequestStep(step) && isJudged(step))) {
    file.problems.atKey(casePointer, `case ${address} checks nothing; give one of its steps checks or expect`);
  }
  return {
    address,
    profile: profile.name,
    file: file.name,
    line: file.lineOf(pointer),
    title: settings.title ?? spec.title,
    ...(why === undefined ? {} : { why }),
    see: spec.see ?? [],
    clauses,
    given,
    ...(when === undefined ? {} : { when }),
    ...(cost === undefined ? {} : { cost }),
    exclusive: spec.exclusive ?? false,
    writes: spec.writes ?? false,
    priority: spec.priority ?? defaultPriority,
    needs: declared === undefined ? needsOf(given, steps, when, profile) : [...new Set([declared.of, ...(when?.target ?? [])])].toSorted(),
    steps,
    ...(declared === undefined ? {} : { declared }),
  };
}

function compileDeclared(spec: CaseSpec, pointer: string, file: AuthorFile, register: ClauseRegister): Declared | undefined {
  if (spec.declared === undefined) return undefined;
  if (spec.steps !== undefined) file.problems.atKey(`${pointer}/declared`, 'a case that is decided by what is declared has no steps');
  if (spec.vary !== undefined) file.problems.atKey(`${pointer}/vary`, 'a case that is decided by what is declared has nothing to vary');
  checkWhen(spec.declared, `${pointer}/declared`, file);
  const of = spec.declared.version === undefined ? 'drupal' : 'version';
  return { of, range: spec.declared[of] ?? '', witness: register.clauses.get(spec.clauses[0] ?? '')?.witness ?? 'document' };
}

function needsOf(given: readonly GivenFixture[], steps: CatalogueCase['steps'], when: When | undefined, profile: Profile): string[] {
  try {
    return deriveNeeds(given, steps, when?.target ?? [], profile);
  } catch (error) {
    // A template that cannot be read has been diagnosed where it stands.
    if (error instanceof TemplateError) return [];
    throw error;
  }
}

function compileGiven(
  spec: CaseSpec,
  pointer: string,
  { file, profile, stepProfile }: Shared,
): { given: readonly GivenFixture[]; captures: readonly string[] } {
  const given: GivenFixture[] = [];
  const owners = new Map<string, string>();
  for (const [index, one] of (spec.given ?? []).entries()) {
    const at = `${pointer}/given/${index}`;
    const { fixture: name, as, fresh = false } = typeof one === 'string' ? { fixture: one } : one;
    const fixture = Object.hasOwn(profile.fixtures, name) ? profile.fixtures[name] : undefined;
    if (fixture === undefined) {
      file.unknown(typeof one === 'string' ? at : `${at}/fixture`, 'fixture', name, Object.keys(profile.fixtures));
      continue;
    }
    if (as !== undefined && (!/^[a-zA-Z][a-zA-Z0-9]*$/.test(as) || namespaces.includes(as))) {
      file.problems.at(`${at}/as`, `as must be letters and digits and none of the names that \${…} already has, found "${as}"`);
    }
    given.push({ fixture: name, ...(as === undefined ? {} : { as }), fresh });
    for (const capture of stepProfile.fixtureCaptures.get(name) ?? []) {
      const full = as === undefined ? capture : `${as}.${capture}`;
      const owner = owners.get(full);
      if (owner !== undefined) file.problems.at(at, `fixtures ${owner} and ${name} both capture ${full}; give one of them an "as"`);
      owners.set(full, name);
    }
  }
  return { given, captures: [...owners.keys()] };
}

/** Index of the step that the rows change. */
function variedStep(spec: CaseSpec, pointer: string, file: AuthorFile): number {
  const marked = (spec.steps ?? []).flatMap((step, index) => (isRequestStep(step) && step.varied === true ? [index] : []));
  const [first, second] = marked;
  if (second !== undefined) file.problems.atKey(`${pointer}/steps/${second}/varied`, 'only one step of a case can be varied');
  if (first !== undefined && spec.vary === undefined) {
    file.problems.atKey(`${pointer}/steps/${first}/varied`, 'varied has no effect: the case has no vary');
  }
  return first ?? (spec.steps ?? []).findIndex(isRequestStep);
}

function checkCondition(when: When | undefined, pointer: string, file: AuthorFile): void {
  checkWhen(when, pointer, file);
  for (const [index, key] of (when?.target ?? []).entries()) checkTargetKey(key, `${pointer}/target/${index}`, file);
}

function checkCost(cost: Cost | undefined, pointer: string, file: AuthorFile): void {
  if (cost?.identity !== undefined) checkTargetKey(cost.identity, `${pointer}/identity`, file);
}
