/**
 * Which wrong behaviours the specs notice: every mutant of the mock is run in process against the cases that cite what it breaks.
 *
 * @module
 */
import { createDrupalMock, type Mutant } from '../../mock-server/index.ts';
import type { Catalogue, CatalogueCase } from '../model/catalogue.ts';
import type { CaseRecord } from '../model/record.ts';
import type { Target } from '../model/target.ts';
import { vaultFor } from '../redact/target-secrets.ts';
import { run, type RunOptions } from '../run/run.ts';
import { createInProcessTransport } from '../transport/in-process.ts';
import { createEffects } from '../run/effects.ts';

export interface Kill {
  readonly mutant: Mutant;
  /** Checks that noticed, and cite a clause that the mutant breaks: `address#check`. */
  readonly killedBy: readonly string[];
  /** Checks that noticed something without citing such a clause. */
  readonly alsoNoticedBy: readonly string[];
  readonly cases: number;
}

/** Runs one mutant; with `thorough` every case of its profile, else only those that cite what it breaks, up to the first kill. */
export async function killMutant(
  mutant: Mutant,
  catalogue: Catalogue,
  options: { readonly thorough?: boolean; readonly seed?: number } = {},
): Promise<Kill> {
  const cited = catalogue.cases.filter(
    (one) => one.profile === mutant.profile && (options.thorough || cites(one, mutant.breaks, catalogue)),
  );
  const killedBy: string[] = [];
  const alsoNoticedBy: string[] = [];
  let cases = 0;
  for await (const record of runInProcess(mutant, catalogue, cited, options.seed ?? 1)) {
    cases++;
    for (const check of record.steps.flatMap((step) => step.checks)) {
      if (check.verdict !== 'fail' && check.verdict !== 'warn') continue;
      const clauses = [...check.clauses, ...(check.alternatives ?? []).flatMap((one) => one.clauses)];
      (clauses.some((id) => mutant.breaks.includes(id)) ? killedBy : alsoNoticedBy).push(`${record.address}#${check.name}`);
    }
    if (killedBy.length > 0 && options.thorough !== true) break;
  }
  return { mutant, killedBy, alsoNoticedBy, cases };
}

/** Case records of the mock (or of a mutant of it), without a socket and by its own clock. */
export async function* runInProcess(
  mutant: Pick<Mutant, 'profile'> & Partial<Mutant>,
  catalogue: Catalogue,
  cases: readonly CatalogueCase[],
  seed: number,
): AsyncGenerator<CaseRecord, void, undefined> {
  if (cases.length === 0) return;
  await using mock = createDrupalMock({
    profile: mutant.profile,
    ...(mutant.id === undefined ? {} : { mutant: mutant as Mutant }),
  });
  const { profile: _, ...file } = mock.target(mutant.profile);
  const target: Target = { ...file, name: mutant.profile, profiles: [mutant.profile] };
  const effects = createEffects(vaultFor(target), { env: {} });
  const runOptions: RunOptions = {
    catalogue,
    cases,
    targets: [target],
    selectors: [],
    suite: { name: 'drupal-auth-conformance', version: '0' },
    seed,
    strict: false,
    readOnly: false,
    repeat: 1,
    bail: false,
    maxWaitSeconds: 0,
    signal: new AbortController().signal,
  };
  const records = run(runOptions, {
    ...effects,
    transportFor: () => Promise.resolve(createInProcessTransport((request) => mock.serve(request).response)),
    advanceClock: (_control, seconds) => {
      mock.clock.advance(seconds);
      return Promise.resolve(undefined);
    },
  });
  for await (const record of records) if (record.type === 'case') yield record;
}

function cites(one: CatalogueCase, clauses: readonly string[], catalogue: Catalogue): boolean {
  const has = (ids: readonly string[]) => ids.some((id) => clauses.includes(id));
  if (has(one.clauses)) return true;
  const surfaces = catalogue.profiles[one.profile]?.surfaces ?? {};
  return one.steps.some((step) => {
    if (step.kind !== 'request') return false;
    const surface = step.request.surface === undefined ? undefined : surfaces[step.request.surface];
    const outcome = surface === undefined || step.expect === undefined || step.expect === 'either' ? [] : surface[step.expect].checks;
    return [...step.checks, ...outcome].some(({ alternatives }) => alternatives.some((alternative) => has(alternative.clauses)));
  });
}
