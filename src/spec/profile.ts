/**
 * Profile files, compiled: paths, requests, surfaces, fixtures and schemas.
 *
 * @module
 */
import type { CatalogueCheck, Fixture, Profile, RequestTemplate, Surface } from '../model/catalogue.ts';
import type { ProfileFile } from '../model/profile.ts';
import type { CheckSpec } from '../model/spec.ts';
import { escapeToken } from '../support/pointer.ts';
import { listOf } from '../support/suggest.ts';
import type { AuthorFile } from './author.ts';
import { compileCheck, findClause, type ClauseRegister } from './check.ts';
import { RequestBook } from './request.ts';
import { compileCaptures, compileSteps, isRequestStep, type StepProfile } from './step.ts';
import { isTargetKey, problemOfName } from './variables.ts';

/** Compiles a profile, on top of the one that it extends; its problems go to the file. Undefined when it lacks what every profile has. */
export async function compileProfile(
  file: AuthorFile<ProfileFile>,
  register: ClauseRegister,
  profiles: ReadonlyMap<string, Profile>,
): Promise<Profile | undefined> {
  const { data } = file;
  const base = data.extends === undefined ? undefined : profiles.get(data.extends);
  const product = data.product ?? base?.product;
  const authorities = data.authorities ?? base?.authorities;
  if (product === undefined || authorities === undefined || (data.surfaces === undefined && base === undefined)) {
    const missing = (['product', 'authorities', 'surfaces'] as const).filter((key) => data[key] === undefined).map((key) => `"${key}"`);
    file.problems.atKey('', `profile ${data.profile} lacks ${listOf(missing, 'and')}; give them, or extend a profile that has them`);
    return undefined;
  }

  const paths = { ...base?.paths, ...data.paths };
  for (const [path, text] of Object.entries(data.paths ?? {})) file.checkTemplates(`/paths/${escapeToken(path)}`, text, Object.keys(paths));
  for (const [index, key] of (data.requires ?? []).entries()) checkTargetKey(key, `/requires/${index}`, file);
  for (const [index, id] of (data.deviations ?? []).entries()) findClause(id, `/deviations/${index}`, { register, file });
  await checkSchemas(data.schemas ?? {}, file);

  const schemas = { ...base?.schemas, ...(data.schemas as Record<string, object> | undefined) };
  const inherited = base === undefined ? undefined : stepProfileOf(base, profiles);
  const ownSurfaces = Object.entries(data.surfaces ?? {});
  const stepProfile: StepProfile = {
    name: data.profile,
    lineage: [data.profile, ...(inherited?.lineage ?? [])],
    schemas: Object.keys(schemas),
    paths: Object.keys(paths),
    surfaceCaptures: new Map([
      ...(inherited?.surfaceCaptures ?? []),
      ...ownSurfaces.map(([name, spec]): [string, string[]] => [name, capturesOfSurface(spec)]),
    ]),
    fixtureCaptures: inherited?.fixtureCaptures ?? new Map<string, readonly string[]>(),
  };
  const requests = new RequestBook(file, data.requests ?? {}, {
    requests: base?.requests ?? {},
    surfaces: [...stepProfile.surfaceCaptures.keys()],
    paths: stepProfile.paths,
  });
  const shared: Shared = { file, register, requests, profile: stepProfile, inherited: { clauses: [] } };
  const resolved = { ...base?.requests, ...requests.all() };
  const surfaces = {
    ...base?.surfaces,
    ...Object.fromEntries(ownSurfaces.map(([name, spec]) => [name, compileSurface(spec, `/surfaces/${escapeToken(name)}`, shared)])),
  };
  for (const [name] of ownSurfaces) checkProofCircle(name, surfaces, file);
  return {
    name: data.profile,
    ...(data.extends === undefined ? {} : { extends: data.extends }),
    title: data.title,
    product,
    authorities,
    paths,
    requires: [...new Set([...(base?.requires ?? []), ...(data.requires ?? [])])],
    requests: resolved,
    surfaces,
    fixtures: { ...base?.fixtures, ...compileFixtures(shared, resolved) },
    schemas,
    ...(data.openedBy === undefined ? {} : { openedBy: data.openedBy }),
    ...(data.expiryUnit === undefined ? {} : { expiryUnit: data.expiryUnit }),
    ...(data.flows === undefined
      ? {}
      : { flows: Object.fromEntries(Object.entries(data.flows).map(([step, address]) => [step, `${data.profile}/${address}`])) }),
    deviations: [...new Set([...(base?.deviations ?? []), ...(data.deviations ?? [])])],
  };
}

/** What steps may use of a profile that has been compiled before. */
export function stepProfileOf(profile: Profile, profiles: ReadonlyMap<string, Profile>): StepProfile {
  const surfaceCaptures = Object.entries(profile.surfaces).map(([name, { accepted }]): [string, string[]] => {
    const proven = accepted.proof.flatMap((step) => (step.kind === 'request' ? step.capture : []));
    return [name, [...accepted.capture, ...proven].map((capture) => capture.name)];
  });
  const ofSurface = new Map(surfaceCaptures);
  const lineage = [profile.name];
  for (let at = profile.extends; at !== undefined && !lineage.includes(at); at = profiles.get(at)?.extends) lineage.push(at);
  return {
    name: profile.name,
    lineage,
    schemas: Object.keys(profile.schemas),
    paths: Object.keys(profile.paths),
    surfaceCaptures: ofSurface,
    fixtureCaptures: new Map(Object.entries(profile.fixtures).map(([name, fixture]) => [name, capturesOfFixture(fixture, ofSurface)])),
  };
}

/** Several steps may look for one capture in different places. */
function capturesOfFixture(fixture: Fixture, ofSurface: ReadonlyMap<string, readonly string[]>): string[] {
  const captures = fixture.steps.flatMap((step) => {
    if (step.kind !== 'request') return [];
    const succeeds = step.expect === 'accepted' || step.expect === 'either';
    const surface = succeeds ? ofSurface.get(step.request.surface ?? '') : undefined;
    return [...step.capture.map(({ name }) => name), ...(surface ?? [])];
  });
  return [...new Set(captures)];
}

interface Shared {
  readonly file: AuthorFile<ProfileFile>;
  readonly register: ClauseRegister;
  readonly requests: RequestBook;
  readonly profile: StepProfile;
  readonly inherited: { readonly clauses: readonly string[] };
}

type SurfaceSpec = NonNullable<ProfileFile['surfaces']>[string];

function capturesOfSurface({ accepted }: SurfaceSpec): string[] {
  const proven = (accepted.proof ?? []).flatMap((step) => (isRequestStep(step) ? Object.keys(step.capture ?? {}) : []));
  return [...Object.keys(accepted.capture ?? {}), ...proven];
}

function compileSurface(spec: SurfaceSpec, pointer: string, shared: Shared): Surface {
  const { file, profile } = shared;
  const scope = { ...shared, lineage: profile.lineage, schemas: profile.schemas, paths: profile.paths };
  const checks = (specs: Readonly<Record<string, CheckSpec>>, part: string): CatalogueCheck[] =>
    Object.entries(specs).flatMap(([name, one]) => compileCheck(name, one, `${pointer}/${part}/checks/${escapeToken(name)}`, scope) ?? []);
  const capture = compileCaptures(spec.accepted.capture ?? {}, `${pointer}/accepted/capture`, file);
  const proof = compileSteps(spec.accepted.proof ?? [], `${pointer}/accepted/proof`, {
    ...shared,
    captures: capture.map(({ name }) => name),
    answers: [],
  });
  return {
    accepted: { checks: checks(spec.accepted.checks, 'accepted'), capture, proof },
    refused: { checks: checks(spec.refused.checks, 'refused') },
    yields: spec.yields ?? [],
  };
}

function compileFixtures(shared: Shared, requests: Readonly<Record<string, RequestTemplate>>): Record<string, Fixture> {
  const { file, profile } = shared;
  const specs = file.data.fixtures ?? {};
  const capturesOf = (name: string): readonly string[] => {
    const own = specs[name];
    if (own === undefined) return profile.fixtureCaptures.get(name) ?? [];
    return own.steps.flatMap((step) => {
      if (!isRequestStep(step)) return [];
      const request = typeof step.request === 'string' ? requests[step.request] : step.request;
      const succeeds = step.expect === 'accepted' || step.expect === 'either';
      return [...Object.keys(step.capture ?? {}), ...((succeeds ? profile.surfaceCaptures.get(request?.surface ?? '') : undefined) ?? [])];
    });
  };
  const known = [...new Set([...profile.fixtureCaptures.keys(), ...Object.keys(specs)])];
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]): [string, Fixture] => {
      const pointer = `/fixtures/${escapeToken(name)}`;
      const given = spec.given ?? [];
      for (const [index, one] of given.entries()) {
        if (!known.includes(one)) file.unknown(`${pointer}/given/${index}`, 'fixture', one, known);
      }
      const circle = findCircle(name, (one) => specs[one]?.given ?? []);
      const isFirst = circle?.toSorted()[0] === name;
      if (circle !== undefined && isFirst) file.problems.atKey(`${pointer}/given`, `fixture ${name} needs itself: ${circle.join(' → ')}`);
      const captures = given.flatMap(capturesOf);
      const steps = compileSteps(spec.steps, `${pointer}/steps`, { ...shared, captures, answers: given });
      return [
        name,
        {
          name,
          ...(spec.title === undefined ? {} : { title: spec.title }),
          given: given.map((fixture) => ({ fixture, fresh: false })),
          ...(spec.optional === undefined ? {} : { optional: spec.optional }),
          steps,
        },
      ];
    }),
  );
}

/** A proof that expects a success on its own surface would have to be proven for ever. */
function checkProofCircle(name: string, surfaces: Readonly<Record<string, Surface>>, file: AuthorFile): void {
  const circle = findCircle(name, (one) =>
    (surfaces[one]?.accepted.proof ?? []).flatMap((step) =>
      step.kind === 'request' && (step.expect === 'accepted' || step.expect === 'either') ? [step.request.surface ?? ''] : [],
    ),
  );
  if (circle === undefined) return;
  file.problems.atKey(`/surfaces/${escapeToken(name)}/accepted/proof`, `the proof of surface ${name} needs itself: ${circle.join(' → ')}`);
}

/** The shortest way from a name back to itself. */
function findCircle(start: string, next: (name: string) => readonly string[]): string[] | undefined {
  const seen = new Set<string>();
  let ways = [[start]];
  while (ways.length > 0) {
    const longer: string[][] = [];
    for (const way of ways) {
      for (const name of next(way.at(-1) ?? '')) {
        if (name === start) return [...way, name];
        if (!seen.has(name)) longer.push([...way, name]);
        seen.add(name);
      }
    }
    ways = longer;
  }
  return undefined;
}

/** A key that the target file can have. */
export function checkTargetKey(key: string, pointer: string, file: AuthorFile): void {
  const problem = problemOfName(key);
  if (problem !== undefined) file.problems.at(pointer, problem);
  else if (!isTargetKey(key) && !key.startsWith('paths.')) {
    file.problems.at(pointer, `"${key}" is no key of a target file; expected one such as users.other.id or tokens.expired`);
  }
}

/** Body schemas must be JSON Schemas that Ajv compiles; those with a circle could not be typed. */
async function checkSchemas(schemas: Readonly<Record<string, object>>, file: AuthorFile): Promise<void> {
  if (Object.keys(schemas).length === 0) return;
  const [{ Ajv }, formats] = await Promise.all([import('ajv'), import('ajv-formats')]);
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true, logger: false });
  formats.default.default(ajv);
  for (const [name, schema] of Object.entries(schemas)) {
    try {
      ajv.compile(schema);
    } catch (error) {
      const reason = (error as Error).message
        .replace(/^strict mode: /, '')
        .replace(/^schema is invalid: data(.*?)(, data.*)?$/s, 'the value at $1');
      file.problems.atKey(`/schemas/${escapeToken(name)}`, `schema ${name} is no JSON Schema: ${reason}`);
    }
  }
}
