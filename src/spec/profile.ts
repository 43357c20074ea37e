/**
 * Profile files, compiled: paths, requests, surfaces, fixtures and schemas.
 *
 * @module
 */
import type { CatalogueCheck, Fixture, Profile, RequestTemplate, Surface } from '../model/catalogue.ts';
import type { ProfileFile } from '../model/profile.ts';
import type { CheckSpec } from '../model/spec.ts';
import { escapeToken } from '../support/pointer.ts';
import type { AuthorFile } from './author.ts';
import { compileCheck, findClause, type ClauseRegister } from './check.ts';
import { RequestBook } from './request.ts';
import { compileCaptures, compileSteps, isRequestStep, type StepProfile } from './step.ts';
import { isTargetKey, problemOfName } from './variables.ts';

/** Compiles a profile; its problems go to the file. */
export async function compileProfile(file: AuthorFile<ProfileFile>, register: ClauseRegister): Promise<Profile> {
  const { data } = file;
  const paths = Object.keys(data.paths ?? {});
  for (const [path, text] of Object.entries(data.paths ?? {})) file.checkTemplates(`/paths/${escapeToken(path)}`, text, paths);
  for (const [index, key] of (data.requires ?? []).entries()) checkTargetKey(key, `/requires/${index}`, file);
  for (const [index, id] of (data.deviations ?? []).entries()) findClause(id, `/deviations/${index}`, { register, file });
  await checkSchemas(data.schemas ?? {}, file);

  const requests = new RequestBook(file, data.requests ?? {}, { requests: {}, surfaces: Object.keys(data.surfaces), paths });
  const stepProfile: StepProfile = {
    name: data.profile,
    schemas: Object.keys(data.schemas ?? {}),
    paths,
    surfaceCaptures: new Map(Object.entries(data.surfaces).map(([name, spec]) => [name, capturesOfSurface(spec)])),
    fixtureCaptures: new Map(),
  };
  const shared: Shared = { file, register, requests, profile: stepProfile, inherited: { clauses: [] } };
  const resolved = requests.all();
  const surfaces = Object.fromEntries(
    Object.entries(data.surfaces).map(([name, spec]) => [name, compileSurface(spec, `/surfaces/${escapeToken(name)}`, shared)]),
  );
  for (const name of Object.keys(surfaces)) checkProofCircle(name, surfaces, file);
  return {
    name: data.profile,
    title: data.title,
    product: data.product,
    authorities: data.authorities,
    paths: data.paths ?? {},
    requires: data.requires ?? [],
    requests: resolved,
    surfaces,
    fixtures: compileFixtures(shared, resolved),
    schemas: (data.schemas ?? {}) as Record<string, object>,
    deviations: data.deviations ?? [],
  };
}

/** What steps may use of a profile that has been compiled before. */
export function stepProfileOf(profile: Profile): StepProfile {
  const surfaceCaptures = Object.entries(profile.surfaces).map(([name, { accepted }]): [string, string[]] => {
    const proven = accepted.proof.flatMap((step) => (step.kind === 'request' ? step.capture : []));
    return [name, [...accepted.capture, ...proven].map((capture) => capture.name)];
  });
  const ofSurface = new Map(surfaceCaptures);
  return {
    name: profile.name,
    schemas: Object.keys(profile.schemas),
    paths: Object.keys(profile.paths),
    surfaceCaptures: ofSurface,
    fixtureCaptures: new Map(Object.entries(profile.fixtures).map(([name, fixture]) => [name, capturesOfFixture(fixture, ofSurface)])),
  };
}

function capturesOfFixture(fixture: Fixture, ofSurface: ReadonlyMap<string, readonly string[]>): string[] {
  return fixture.steps.flatMap((step) => {
    if (step.kind !== 'request') return [];
    const succeeds = step.expect === 'accepted' || step.expect === 'either';
    const surface = succeeds ? ofSurface.get(step.request.surface ?? '') : undefined;
    return [...step.capture.map(({ name }) => name), ...(surface ?? [])];
  });
}

interface Shared {
  readonly file: AuthorFile<ProfileFile>;
  readonly register: ClauseRegister;
  readonly requests: RequestBook;
  readonly profile: StepProfile;
  readonly inherited: { readonly clauses: readonly string[] };
}

type SurfaceSpec = ProfileFile['surfaces'][string];

function capturesOfSurface({ accepted }: SurfaceSpec): string[] {
  const proven = (accepted.proof ?? []).flatMap((step) => (isRequestStep(step) ? Object.keys(step.capture ?? {}) : []));
  return [...Object.keys(accepted.capture ?? {}), ...proven];
}

function compileSurface(spec: SurfaceSpec, pointer: string, shared: Shared): Surface {
  const { file, profile } = shared;
  const scope = { ...shared, profile: profile.name, schemas: profile.schemas, paths: profile.paths };
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
  const capturesOf = (name: string): string[] =>
    (specs[name]?.steps ?? []).flatMap((step) => {
      if (!isRequestStep(step)) return [];
      const request = typeof step.request === 'string' ? requests[step.request] : step.request;
      const succeeds = step.expect === 'accepted' || step.expect === 'either';
      return [...Object.keys(step.capture ?? {}), ...((succeeds ? profile.surfaceCaptures.get(request?.surface ?? '') : undefined) ?? [])];
    });
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]): [string, Fixture] => {
      const pointer = `/fixtures/${escapeToken(name)}`;
      const given = spec.given ?? [];
      for (const [index, one] of given.entries()) {
        if (!Object.hasOwn(specs, one)) file.unknown(`${pointer}/given/${index}`, 'fixture', one, Object.keys(specs));
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
  for (const [name, schema] of Object.entries(schemas)) {
    const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true, logger: false });
    formats.default.default(ajv);
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
