/**
 * Which wrong behaviours the specs notice: every mutant of the mock is run in process against the cases that can notice what it breaks.
 *
 * @module
 */
import { createDrupalMock, type DrupalMock, type Mutant } from '../../mock-server/index.ts';
import type { Catalogue, CatalogueCase } from '../model/catalogue.ts';
import type { Transport } from '../model/exchange.ts';
import type { CaseRecord, JudgedCheck } from '../model/record.ts';
import type { Target } from '../model/target.ts';
import { vaultFor } from '../redact/target-secrets.ts';
import { run, type RunOptions } from '../run/run.ts';
import { createInProcessTransport } from '../transport/in-process.ts';
import { createEffects } from '../run/effects.ts';

export interface Kill {
  readonly mutant: Mutant;
  /** Checks that noticed, and cite a clause that the mutant breaks: `address#check`. */
  readonly killedBy: readonly string[];
  /** True when one of them failed; a mutant that is only warned about breaks a SHOULD, or an RFC where the product is silent. */
  readonly failed: boolean;
  /** Checks that noticed something without citing such a clause. */
  readonly alsoNoticedBy: readonly string[];
  readonly cases: number;
}

export interface KillOptions {
  /** Every case of the profile, not only those that can notice, and no end at the first kill. */
  readonly thorough?: boolean;
  readonly seed?: number;
}

/** Checks that the correct mock of a profile does not pass either, e.g. where the documented design breaks an RFC: `address#check`. */
export async function findWarnings(profile: string, catalogue: Catalogue, seed = 1): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  for await (const record of runInProcess({ profile }, catalogue, casesOf(profile, catalogue), seed)) {
    for (const check of record.steps.flatMap(({ checks }) => checks)) if (isComplaint(check)) known.add(`${record.address}#${check.name}`);
  }
  return known;
}

/**
 * Runs one mutant against the cases that can notice it, the likeliest first, up to the first failure (or warning, where none fails).
 *
 * @param known what is complained about on the correct mock too, and so tells nothing: see `findWarnings`.
 */
export async function killMutant(
  mutant: Mutant,
  catalogue: Catalogue,
  known: ReadonlySet<string>,
  options: KillOptions = {},
): Promise<Kill> {
  const cases = options.thorough ? casesOf(mutant.profile, catalogue) : casesThatCanNotice(mutant, catalogue);
  const killedBy: string[] = [];
  const alsoNoticedBy: string[] = [];
  let failed = false;
  let count = 0;
  for await (const record of runInProcess(mutant, catalogue, cases, options.seed ?? 1)) {
    count++;
    for (const step of record.steps) {
      // What a fixture does not yield blocks the case; what else is wrong with it is no verdict.
      if (step.kind === 'fixture') continue;
      for (const check of step.checks) {
        if (!isComplaint(check) || known.has(`${record.address}#${check.name}`)) continue;
        const clauses = [...clausesOf(check), ...(isOutcome(check, record, catalogue) ? record.clauses : [])];
        const cites = clauses.some((id) => mutant.breaks.includes(id));
        (cites ? killedBy : alsoNoticedBy).push(`${record.address}#${check.name}`);
        if (cites && check.verdict === 'fail') failed = true;
      }
    }
    if (failed && options.thorough !== true) break;
  }
  return { mutant, killedBy, failed, alsoNoticedBy, cases: count };
}

function isComplaint({ verdict }: JudgedCheck): boolean {
  return verdict === 'fail' || verdict === 'warn';
}

function clausesOf({ clauses, alternatives = [] }: JudgedCheck): readonly string[] {
  return [...clauses, ...alternatives.flatMap((one) => one.clauses)];
}

/** Checks on every exchange, whatever the case is about. */
const onEveryExchange: ReadonlySet<string> = new Set(['no-server-error', 'no-secret-echo', 'no-stack-trace', 'answer']);

/** A named outcome (`expect: refused`) is what its case is about, so that its checks cite the clauses of the case beside their own. */
function isOutcome({ name }: JudgedCheck, { address }: CaseRecord, catalogue: Catalogue): boolean {
  const steps = catalogue.cases.find((one) => one.address === address)?.steps ?? [];
  return !onEveryExchange.has(name) && !steps.some((step) => step.kind === 'request' && step.checks.some((check) => check.name === name));
}

/** Seconds that a mutant may take to answer when it runs over a socket: what is slow there is slower than this. */
const socketLimitSeconds = 1;

/** Case records of the mock (or of a mutant of it) by its own clock, without a socket unless the mistake is one of delivery. */
export async function* runInProcess(
  mutant: Pick<Mutant, 'profile'> & Partial<Mutant>,
  catalogue: Catalogue,
  cases: readonly CatalogueCase[],
  seed: number,
  transportOf: (mock: DrupalMock) => Transport = (mock) => createInProcessTransport((request) => mock.serve(request).response),
): AsyncGenerator<CaseRecord, void, undefined> {
  if (cases.length === 0) return;
  await using mock = createDrupalMock({
    profile: mutant.profile,
    ...(mutant.id === undefined ? {} : { mutant: mutant as Mutant }),
  });
  const bySocket = mutant.deliver !== undefined;
  if (bySocket) await mock.listen({ port: 0 });
  const { profile: _, ...file } = mock.target(mutant.profile);
  const target: Target = {
    ...file,
    name: mutant.profile,
    profiles: [mutant.profile],
    ...(bySocket ? { limits: { ...file.limits, timeoutSeconds: socketLimitSeconds } } : {}),
  };
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
    // One after the other, so that a mistake with a memory shows itself at the same case every time.
    concurrency: 1,
    maxWaitSeconds: 0,
    signal: new AbortController().signal,
  };
  const records = run(runOptions, {
    ...effects,
    ...(bySocket ? {} : { transportFor: () => Promise.resolve(transportOf(mock)) }),
    advanceClock: (_control, seconds) => {
      mock.clock.advance(seconds);
      return Promise.resolve(undefined);
    },
  });
  for await (const record of records) if (record.type === 'case') yield record;
}

function casesOf(profile: string, catalogue: Catalogue): readonly CatalogueCase[] {
  return catalogue.cases.filter((one) => one.profile === profile);
}

/** Clauses that the runner judges on every exchange, so that no case need cite them. */
const everywhere: ReadonlySet<string> = new Set([
  'invariants/server-error',
  'invariants/complete-answer',
  'invariants/secret-echo',
  'invariants/stack-trace',
  'invariants/refusal-status',
  'invariants/nothing-given',
  'invariants/either-outcome',
]);

/** The cases that cite what a mutant breaks, those with the most such checks first; where every exchange is judged by it, then all others. */
function casesThatCanNotice(mutant: Mutant, catalogue: Catalogue): readonly CatalogueCase[] {
  const weighed = casesOf(mutant.profile, catalogue).map((one) => ({ one, weight: citations(one, mutant.breaks, catalogue) }));
  const citing = weighed.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight);
  const others = mutant.breaks.some((id) => everywhere.has(id)) ? weighed.filter(({ weight }) => weight === 0) : [];
  return [...citing, ...others].map(({ one }) => one);
}

/** How much a case has to say about some clauses: checks that cite one, and itself. */
function citations(one: CatalogueCase, clauses: readonly string[], catalogue: Catalogue): number {
  const has = (ids: readonly string[]) => ids.some((id) => clauses.includes(id));
  const surfaces = catalogue.profiles[one.profile]?.surfaces ?? {};
  const checks = one.steps.flatMap((step) => {
    if (step.kind !== 'request') return [];
    const surface = step.request.surface === undefined ? undefined : surfaces[step.request.surface];
    const outcome = surface === undefined || step.expect === undefined || step.expect === 'either' ? [] : surface[step.expect].checks;
    return [...step.checks, ...outcome];
  });
  const citing = checks.filter(({ alternatives }) => alternatives.some((alternative) => has(alternative.clauses))).length;
  return (has(one.clauses) ? 2 : 0) + citing;
}
