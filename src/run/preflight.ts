/**
 * Before the cases: does the target issue a token that opens something at all, and may its tokens be shared?
 *
 * @module
 */
import type { Fixture, RequestStep } from '../model/catalogue.ts';
import type { TargetContext } from './context.ts';
import { requiredVariablesOf } from '../spec/variables.ts';
import { Scope } from './scope.ts';
import { runRequestStep, type StepResult } from './step.ts';

/**
 * `works`: two tokens, both of them good. `ends-earlier-tokens`: each new token ends the user's one before, so that cases can neither share a token
 * nor run side by side. `broken`: no token, or none that opens what it should: the cases will say what is wrong, unless the deployment is.
 * `unknown`: the profile has no fixture that could tell.
 */
export type Preflight = 'works' | 'ends-earlier-tokens' | 'broken' | 'unknown';

/** Asks twice for a token, proves both, and the first once more. */
export async function preflight(context: TargetContext): Promise<Preflight> {
  const found = Object.values(context.profile.fixtures)
    .map((fixture) => tellingStep(fixture, context))
    .find((one) => one !== undefined);
  if (found === undefined) return 'unknown';
  const { ask, proof } = found;
  const scope = () => new Scope(context.target, context.profile, () => undefined, context.seed);
  const [first, second] = [scope(), scope()];
  for (const one of [first, second]) if (!isGood(await runRequestStep(ask, context, one))) return 'broken';
  if (isGood(await runRequestStep(proof, context, first))) return 'works';
  return isGood(await runRequestStep(proof, context, second)) ? 'ends-earlier-tokens' : 'broken';
}

/** A fixture that is one token request, whose surface knows how to prove what a token opens. */
function tellingStep({ given, steps }: Fixture, { profile, target }: TargetContext): { ask: RequestStep; proof: RequestStep } | undefined {
  const [step] = steps;
  if (given.length > 0 || steps.length !== 1 || step?.kind !== 'request' || step.request.surface === undefined) return undefined;
  const proof = profile.surfaces[step.request.surface]?.accepted.proof.find((one) => one.kind === 'request');
  const isKnown = (name: string) =>
    !name.startsWith('paths.') || Object.hasOwn({ ...profile.paths, ...target.paths }, name.slice('paths.'.length));
  if (proof !== undefined && !requiredVariablesOf(proof.request).every(isKnown)) return undefined;
  return proof === undefined ? undefined : { ask: { ...step, checks: [], expect: 'accepted' }, proof };
}

function isGood({ steps }: StepResult): boolean {
  return steps.every(({ checks }) => checks.every(({ verdict }) => verdict === 'pass' || verdict === 'warn'));
}
