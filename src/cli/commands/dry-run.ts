/**
 * `dac run --dry-run`: every request that would be sent, secrets masked; nothing is sent.
 *
 * @module
 */
import { probes } from '../../doctor/probes.ts';
import { exitCodes } from '../../judge/exit-code.ts';
import type { Catalogue, CatalogueCase, CatalogueStep, Profile } from '../../model/catalogue.ts';
import { bodyText } from '../../model/exchange.ts';
import type { Target } from '../../model/target.ts';
import type { Vault } from '../../redact/vault.ts';
import { planCases, profileOn } from '../../run/plan.ts';
import { isWorthAsking, preflightSteps } from '../../run/preflight.ts';
import { buildRequest } from '../../run/request.ts';
import { derivedSecrets } from '../../run/derived-secrets.ts';
import { budgetFor, type RunOptions } from '../../run/run.ts';
import { Scope } from '../../run/scope.ts';
import { createFakes } from '../../spec/fake.ts';
import { isTargetKey, MissingVariable } from '../../spec/variables.ts';
import { print } from '../console.ts';

export async function dryRun(
  catalogue: Catalogue,
  cases: readonly CatalogueCase[],
  targets: readonly Target[],
  vault: Vault,
  flags: { readonly readOnly: boolean; readonly seed: number; readonly isWanted: RunOptions['isWanted'] },
): Promise<number> {
  let requests = 0;
  for (const target of targets) {
    const budget = budgetFor(target, { cases, catalogue, readOnly: flags.readOnly, targets });
    for (const name of target.profiles) {
      const profile = profileOn(target, name, catalogue.profiles);
      if (profile === undefined) continue;
      const planned = planCases(cases, profile, target, { readOnly: flags.readOnly, budget }).filter(
        ({ case: one }) => flags.isWanted?.(target.name, one.address) !== false,
      );
      await print(`${target.name} (${target.baseUrl}), ${name}\n`);
      if (isWorthAsking(profile, planned)) {
        const first = preflightSteps({ profile, target });
        requests += first.length;
        await print(first.length === 0 ? '' : '  before the cases, whether the credentials work\n');
        const scope = new Scope(target, profile, () => undefined, flags.seed);
        for (const step of first) await print(`    ${vault.mask(describe(step, target, scope))}\n`);
      }
      for (const { case: one, skip } of planned) {
        if (skip !== undefined) {
          await print(`  ${one.address}: skipped, ${skip}\n`);
          continue;
        }
        await print(`  ${one.address}\n`);
        const scope = new Scope(target, profile, await createFakes(flags.seed, one.address), flags.seed);
        const fixtures = one.given.flatMap(({ fixture }) => profile.fixtures[fixture]?.steps ?? []);
        for (const step of [...fixtures, ...one.steps]) {
          requests += step.kind === 'request' ? step.repeat : 0;
          if (step.kind === 'request') for (const { label, value } of derivedSecrets(step.request, scope.lookup())) vault.add(label, value);
          await print(`    ${vault.mask(describe(step, target, scope))}\n`);
          for (const proof of proofsOf(step, profile)) {
            requests += step.kind === 'request' && step.expect === 'accepted' ? step.repeat : 0;
            await print(`    after a success: ${vault.mask(describe(proof, target, scope))}\n`);
          }
        }
      }
    }
  }
  await print(
    `\n${requests} requests would be sent. Fixtures that cases share are sent once. Besides: GET / at the beginning, up to three requests without credentials where the target file names no version, and if the credentials do not work the probes of dac doctor (at most ${probes.length}), instead of the cases\n`,
  );
  return exitCodes.ok;
}

/** What shows that a success is one; sent only after it. */
function proofsOf(step: CatalogueStep, profile: Profile): readonly CatalogueStep[] {
  if (step.kind !== 'request' || step.request.surface === undefined || (step.expect !== 'accepted' && step.expect !== 'either')) return [];
  return profile.surfaces[step.request.surface]?.accepted.proof ?? [];
}

/** The request, or why a run would leave it out: what proves a success may need more of the target file than the case. */
function describe(step: CatalogueStep, target: Target, scope: Scope): string {
  try {
    return describeKnown(step, target, scope);
  } catch (error) {
    if (!(error instanceof MissingVariable)) throw error;
    return `left out: ${error.message}`;
  }
}

function describeKnown(step: CatalogueStep, target: Target, scope: Scope): string {
  if (step.kind === 'wait') return `wait until ${step.until.replace('-', ' ')} of ${step.of}`;
  const lookup = scope.lookup();
  const request = buildRequest(
    step.request,
    target,
    (name) => lookup(name) ?? (isTargetKey(name) ? undefined : `{{${name}}}`),
    'drupal-auth-conformance',
  );
  const body = request.body === undefined ? '' : `  ${bodyText(request.body).replace(/\s+/g, ' ').slice(0, 200)}`;
  const headers = request.headers
    .filter(([name]) => !/^(user-agent|content-type)$/i.test(name))
    .map(([name, value]) => `${name}: ${value}`);
  return visible(
    `${request.method} ${new URL(target.baseUrl).origin}${request.path}${headers.length === 0 ? '' : `  [${headers.join('; ')}]`}${body}`,
  );
}

/** What a case sends on purpose a terminal must not act on. */
function visible(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
