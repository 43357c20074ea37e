/**
 * What a case needs from the target: derived from every `${…}` that its steps, its fixtures and its surfaces use.
 *
 * @module
 */
import type { CatalogueCheck, CatalogueStep, GivenFixture, Profile, RequestStep, Surface } from '../model/catalogue.ts';
import { isTargetKey, requiredVariablesOf } from './variables.ts';

const known = new WeakMap<object, readonly string[]>();

/** Rows of one case share most of their parts, so each part is read once. */
function namesOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return requiredVariablesOf(value);
  let names = known.get(value);
  if (names === undefined) known.set(value, (names = requiredVariablesOf(value)));
  return names;
}

/** Keys of the target file, sorted; a path counts only when the profile has no default for it. */
export function deriveNeeds(
  given: readonly GivenFixture[],
  steps: readonly CatalogueStep[],
  alsoKeys: readonly string[],
  profile: Pick<Profile, 'paths' | 'fixtures' | 'surfaces'>,
): string[] {
  const names = new Set<string>();
  const visited = new Set<string>();

  const addNames = (value: unknown) => {
    for (const name of namesOf(value)) {
      if (names.has(name)) continue;
      names.add(name);
      const path = name.startsWith('paths.') ? profile.paths[name.slice('paths.'.length)] : undefined;
      if (path !== undefined) addNames(path);
    }
  };
  const addChecks = (checks: readonly CatalogueCheck[]) => {
    for (const { alternatives } of checks) for (const { expectation } of alternatives) addNames(expectation);
  };
  const addSteps = (list: readonly CatalogueStep[]) => {
    for (const step of list) {
      if (step.kind === 'wait') continue;
      addNames(step.request);
      if (step.plain !== undefined) addNames(step.plain);
      addChecks(step.checks);
      addOutcome(step);
    }
  };
  const addOutcome = ({ expect, request }: RequestStep) => {
    const surface: Surface | undefined = request.surface === undefined ? undefined : profile.surfaces[request.surface];
    const key = `surface ${request.surface} ${expect}`;
    if (expect === undefined || surface === undefined || visited.has(key)) return;
    visited.add(key);
    if (expect !== 'accepted') addChecks(surface.refused.checks);
    if (expect === 'refused') return;
    addChecks(surface.accepted.checks);
    addSteps(surface.accepted.proof);
  };
  const addFixtures = (list: readonly GivenFixture[]) => {
    for (const { fixture: name } of list) {
      const fixture = profile.fixtures[name];
      if (fixture === undefined || visited.has(`fixture ${name}`)) continue;
      visited.add(`fixture ${name}`);
      addFixtures(fixture.given);
      addSteps(fixture.steps);
    }
  };
  addFixtures(given);
  addSteps(steps);

  const hasDefault = (name: string) => Object.hasOwn(profile.paths, name.slice('paths.'.length));
  const needed = [...names].filter((name) => isTargetKey(name) || (name.startsWith('paths.') && !hasDefault(name)));
  return [...new Set([...needed, ...alsoKeys])].toSorted();
}
