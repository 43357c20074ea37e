/**
 * Before the cases: does the target issue a token that opens something at all, and may its tokens be shared?
 *
 * @module
 */
import type { Fixture, Profile, RequestStep } from '../model/catalogue.ts';
import type { Target } from '../model/target.ts';
import type { TargetContext } from './context.ts';
import type { PlannedCase } from './plan.ts';
import { requiredVariablesOf } from '../spec/variables.ts';
import { Scope } from './scope.ts';
import { runRequestStep, type StepResult } from './step.ts';

/**
 * `works`: the credentials open what they should, of two tokens both. `ends-earlier-tokens`: each new token ends the user's one before, so that cases can
 * neither share a token nor run side by side. `broken`: no token, or nothing that opens what it should: the cases will say what is wrong, unless the
 * deployment is. `unknown`: the profile has no request that could tell.
 */
export interface Preflight {
  readonly state: 'works' | 'ends-earlier-tokens' | 'broken' | 'unknown';
  /** Asks once more whether the credentials work; present if they did. */
  readonly stillWorks?: () => Promise<boolean>;
}

/** Asks twice for a token, proves both, and the first once more; or sends the plain request of a method without tokens. */
export async function preflight(context: TargetContext): Promise<Preflight> {
  const scope = () => new Scope(context.target, context.profile, () => undefined, context.seed);
  const works = async (step: RequestStep, where = scope()) => isGood(await runRequestStep(step, context, where));
  const found = Object.values(context.profile.fixtures)
    .map((fixture) => tellingStep(fixture, context))
    .find((one) => one !== undefined);
  if (found === undefined) {
    const plain = plainStep(context);
    if (plain === undefined) return { state: 'unknown' };
    return (await works(plain)) ? { state: 'works', stillWorks: () => works(plain) } : { state: 'broken' };
  }
  const { ask, proof } = found;
  const [first, second] = [scope(), scope()];
  for (const one of [first, second]) if (!(await works(ask, one))) return { state: 'broken' };
  const stillWorks = () => works(ask);
  if (await works(proof, first)) return { state: 'works', stillWorks };
  return (await works(proof, second)) ? { state: 'ends-earlier-tokens', stillWorks } : { state: 'broken' };
}

/** The requests of the above, for a person who wants to know beforehand. */
export function preflightSteps(context: Pick<TargetContext, 'profile' | 'target'>): readonly RequestStep[] {
  const found = Object.values(context.profile.fixtures)
    .map((fixture) => tellingStep(fixture, context))
    .find((one) => one !== undefined);
  if (found !== undefined) return [found.ask, found.proof, found.ask, found.proof, found.proof];
  const plain = plainStep(context);
  return plain === undefined ? [] : [plain];
}

/** Whether it is worth its requests: only where several cases rest on the same credentials. */
export function isWorthAsking(profile: Profile, planned: readonly PlannedCase[]): boolean {
  const open = planned.filter(({ skip }) => skip === undefined);
  const hasFixtures = Object.keys(profile.fixtures).length > 0;
  return open.filter(({ case: one }) => !hasFixtures || one.given.some(({ fresh }) => !fresh)).length > 1;
}

/** Name of the request that every method without tokens has: the user's own account with the right credentials. */
const plainRequest = 'own-account';

function plainStep({ profile, target }: Pick<TargetContext, 'profile' | 'target'>): RequestStep | undefined {
  const request = profile.requests?.[plainRequest];
  if (request?.surface === undefined || Object.keys(profile.fixtures).length > 0) return undefined;
  if (!requiredVariablesOf(request).every((name) => isKnown(name, profile, target))) return undefined;
  return {
    kind: 'request',
    name: plainRequest,
    line: 0,
    request,
    expect: 'accepted',
    checks: [],
    capture: [],
    repeat: 1,
    freshConnection: false,
  };
}

/** A fixture that is one token request, whose surface knows how to prove what a token opens. */
function tellingStep(
  { given, steps }: Fixture,
  { profile, target }: Pick<TargetContext, 'profile' | 'target'>,
): { ask: RequestStep; proof: RequestStep } | undefined {
  const [step] = steps;
  if (given.length > 0 || steps.length !== 1 || step?.kind !== 'request' || step.request.surface === undefined) return undefined;
  const proof = profile.surfaces[step.request.surface]?.accepted.proof.find((one) => one.kind === 'request');
  if (proof !== undefined && !requiredVariablesOf(proof.request).every((name) => isKnown(name, profile, target))) return undefined;
  return proof === undefined ? undefined : { ask: { ...step, checks: [], expect: 'accepted' }, proof };
}

function isKnown(name: string, profile: Profile, target: Target): boolean {
  return !name.startsWith('paths.') || Object.hasOwn({ ...profile.paths, ...target.paths }, name.slice('paths.'.length));
}

function isGood({ steps }: StepResult): boolean {
  return steps.every(({ checks }) => checks.every(({ verdict }) => verdict === 'pass' || verdict === 'warn'));
}
