/**
 * Sites that keep one token per user: each new token ends the one before, so that cases could neither share a token nor run side by side.
 *
 * @module
 */
import type { Fixture, RequestStep } from '../model/catalogue.ts';
import type { TargetContext } from './context.ts';
import { Scope } from './scope.ts';
import { runRequestStep, type StepResult } from './step.ts';

/**
 * Whether the target ends a user's earlier token when it issues another: asks twice for a token, proves both, and the first once more. False as well
 * when the profile has no fixture that could tell, or the target does not issue tokens that work: then that is what the cases find.
 */
export async function endsEarlierTokens(context: TargetContext): Promise<boolean> {
  const found = Object.values(context.profile.fixtures)
    .map((fixture) => tellingStep(fixture, context))
    .find((one) => one !== undefined);
  if (found === undefined) return false;
  const { ask, proof } = found;
  const scope = () => new Scope(context.target, context.profile, () => undefined, context.seed);
  const [first, second] = [scope(), scope()];
  for (const one of [first, second]) if (!isGood(await runRequestStep(ask, context, one))) return false;
  if (isGood(await runRequestStep(proof, context, first))) return false;
  return isGood(await runRequestStep(proof, context, second));
}

/** A fixture that is one token request, whose surface knows how to prove what a token opens. */
function tellingStep({ given, steps }: Fixture, { profile }: TargetContext): { ask: RequestStep; proof: RequestStep } | undefined {
  const [step] = steps;
  if (given.length > 0 || steps.length !== 1 || step?.kind !== 'request' || step.request.surface === undefined) return undefined;
  const proof = profile.surfaces[step.request.surface]?.accepted.proof.find((one) => one.kind === 'request');
  return proof === undefined ? undefined : { ask: { ...step, checks: [], expect: 'accepted' }, proof };
}

function isGood({ steps }: StepResult): boolean {
  return steps.every(({ checks }) => checks.every(({ verdict }) => verdict === 'pass' || verdict === 'warn'));
}
