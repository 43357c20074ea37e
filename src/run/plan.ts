/**
 * What will be run on a target, in which order, and what is left out for which reason. Pure, so that `--dry-run` shows the truth.
 *
 * @module
 */
import { inRange } from '../judge/scope.ts';
import type { CatalogueCase, Profile } from '../model/catalogue.ts';
import type { When } from '../model/spec.ts';
import type { Target } from '../model/target.ts';
import type { LoginBudget } from '../transport/budget.ts';
import { readPath } from './scope.ts';

export interface PlannedCase {
  readonly case: CatalogueCase;
  /** Why it is not run; names the key to set. */
  readonly skip?: string;
}

export interface PlanOptions {
  readonly readOnly: boolean;
  /** Charged for every case that will run; one for all profiles of a target. */
  readonly budget: LoginBudget;
}

/**
 * The profile as it holds on a target: a surface takes the paths and the fixture `token` of the product that is tested beside it. Undefined when there is
 * no such profile.
 */
export function profileOn(target: Target, name: string, profiles: Readonly<Record<string, Profile>>): Profile | undefined {
  const profile = profiles[name];
  const product = profile?.openedBy?.find((one) => target.profiles.includes(one));
  const opener = product === undefined ? undefined : profiles[product];
  if (profile === undefined || opener === undefined) return profile;
  const token = opener.fixtures['token'];
  return {
    ...profile,
    paths: { ...profile.paths, ...opener.paths },
    fixtures: token === undefined ? profile.fixtures : { ...profile.fixtures, token },
  };
}

/** Lists the cases for one target and profile in the order of the catalogue; what does not speak about this version is left out silently. */
export function planCases(cases: readonly CatalogueCase[], profile: Profile, target: Target, options: PlanOptions): PlannedCase[] {
  const applicable = cases.filter((one) => one.profile === profile.name && speaksAbout(one.when, target));
  const missingForProfile = profile.requires.filter((key) => isMissing(key, profile, target));
  const overBudget = chargeLogins(
    applicable.filter((one) => skipReason(one, profile, target, options, missingForProfile) === undefined),
    target,
    options.budget,
  );
  return applicable.map((one) => {
    const skip = skipReason(one, profile, target, options, missingForProfile) ?? overBudget.get(one.address);
    return skip === undefined ? { case: one } : { case: one, skip };
  });
}

function speaksAbout(when: When | undefined, target: Target): boolean {
  if (when?.profile?.every((wanted) => target.profiles.some((name) => name === wanted || name.startsWith(`${wanted}/`))) === false)
    return false;
  if (when?.version !== undefined && inRange(target.version, when.version) === false) return false;
  return when?.drupal === undefined || inRange(target.drupal, when.drupal) !== false;
}

function skipReason(
  one: CatalogueCase,
  profile: Profile,
  target: Target,
  options: PlanOptions,
  missingForProfile: readonly string[],
): string | undefined {
  if (missingForProfile.length > 0) {
    const keys = missingForProfile.join(', ');
    const { openedBy = [] } = profile;
    return openedBy.length > 0 && !openedBy.some((opener) => target.profiles.includes(opener))
      ? `${profile.name} is opened with a token, as ${openedBy.join(' or ')} issues it; the target has neither, nor ${keys} for another token endpoint`
      : `the target file has no ${keys}, which every case of ${profile.name} needs`;
  }
  const missing = one.needs.filter((key) => isMissing(key, profile, target));
  if (missing.length > 0) return `the target file has no ${missing.join(', ')}`;
  if (one.writes && (options.readOnly || target.limits?.readOnly === true))
    return 'it changes the state of the target, and the run is read-only';
  return undefined;
}

function isMissing(key: string, profile: Profile, target: Target): boolean {
  const [namespace, name = ''] = key.split('.');
  if (namespace === 'paths' && profile.paths[name] !== undefined) return false;
  const value = readPath(target, key);
  return value === undefined || value === '';
}

/** Charges failed logins by priority, then address, so that the same cases run every time. */
function chargeLogins(cases: readonly CatalogueCase[], target: Target, budget: LoginBudget): Map<string, string> {
  const skipped = new Map<string, string>();
  const costly = cases.filter((one) => (one.cost?.failedLogins ?? 0) > 0);
  costly.sort((a, b) => a.priority - b.priority || (a.address < b.address ? -1 : 1));
  for (const one of costly) {
    const { failedLogins = 0, identity } = one.cost ?? {};
    const value = identity === undefined ? undefined : readPath(target, identity);
    const charge = budget.charge({ failedLogins, ...(value === undefined ? {} : { identity: String(value) }) });
    if (!charge.ok) skipped.set(one.address, charge.reason);
  }
  return skipped;
}
