/**
 * Which wrong behaviours the specs notice: each mutant of the mock is shown to the cases that can notice what it breaks.
 *
 * @module
 */
import pLimit from 'p-limit';
import type { Mutant } from '../../../mock-server/index.ts';
import type { Catalogue, CatalogueCase } from '../../model/catalogue.ts';
import type { CaseRecord, JudgedCheck } from '../../model/record.ts';
import { createBench, movesClock, runCorrectMock } from './bench.ts';

export interface Kill {
  readonly mutant: Mutant;
  /** Checks that noticed, and cite a clause that the mutant breaks: `address#check`. */
  readonly killedBy: readonly string[];
  /** True when one of them failed; otherwise the mutant has only earned warnings. */
  readonly failed: boolean;
  /** True when it breaks a MUST of an authority of the profile, or an invariant, so that a warning is too little. */
  readonly firm: boolean;
  /** Checks that noticed something without citing such a clause. */
  readonly alsoNoticedBy: readonly string[];
  /** How many cases it was shown to. */
  readonly cases: number;
}

export interface KillOptions {
  /** Every case of the profile, not only those that can notice, and no end at the first kill. */
  readonly thorough?: boolean;
  readonly seed?: number;
}

/** Mutants in flight at once: some wait for a limit to pass. */
const atOnce = 4;

/** Runs mutants, several at a time, and yields what became of each in the order given. */
export async function* killMutants(
  mutants: readonly Mutant[],
  catalogue: Catalogue,
  options: KillOptions = {},
): AsyncGenerator<Kill, void, undefined> {
  const { seed = 1 } = options;
  const warnings = new Map<string, Promise<ReadonlySet<string>>>();
  const warningsOf = (profile: string): Promise<ReadonlySet<string>> => {
    const known = warnings.get(profile) ?? findWarnings(profile, catalogue, seed);
    warnings.set(profile, known);
    return known;
  };
  const limit = pLimit(atOnce);
  const kills = mutants.map((mutant) => limit(async () => killMutant(mutant, catalogue, await warningsOf(mutant.profile), options)));
  // A mutant whose turn has not come to be yielded must not end the process when it fails.
  for (const kill of kills) kill.catch(() => undefined);
  yield* kills;
}

/** What the correct mock of a profile is warned about too, where the documented design breaks an RFC, say: `address#check`. */
async function findWarnings(profile: string, catalogue: Catalogue, seed: number): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  for await (const record of runCorrectMock(profile, catalogue, seed)) {
    for (const { check } of complaintsOf(record)) known.add(`${record.address}#${check.name}`);
  }
  return known;
}

/** Shows a mutant to the cases that can notice it, the likeliest first, up to the first failure (or to the end, where nothing but warnings come). */
async function killMutant(mutant: Mutant, catalogue: Catalogue, known: ReadonlySet<string>, options: KillOptions): Promise<Kill> {
  await using bench = await createBench({ catalogue, profile: mutant.profile, seed: options.seed ?? 1, mutant });
  const cases = options.thorough === true ? bench.cases : casesThatCanNotice(mutant, bench.cases, catalogue);
  const killedBy: string[] = [];
  const alsoNoticedBy: string[] = [];
  let failed = false;
  let count = 0;
  for (const one of cases) {
    count++;
    for (const { check, clauses } of complaintsOf(await bench.runCase(one), one)) {
      const id = `${one.address}#${check.name}`;
      if (known.has(id)) continue;
      const cites = clauses.some((clause) => mutant.breaks.includes(clause));
      (cites ? killedBy : alsoNoticedBy).push(id);
      if (cites && check.verdict === 'fail') failed = true;
    }
    if (failed && options.thorough !== true) break;
  }
  return { mutant, killedBy, failed, firm: isFirm(mutant, catalogue), alsoNoticedBy, cases: count };
}

function isFirm({ breaks, profile }: Mutant, { clauses, profiles }: Catalogue): boolean {
  const authorities = profiles[profile]?.authorities ?? [];
  return breaks.some((id) => {
    const clause = clauses[id];
    return clause?.keyword === 'must' && (clause.witness === 'invariant' || authorities.includes(clause.witness));
  });
}

interface Complaint {
  readonly check: JudgedCheck;
  readonly clauses: readonly string[];
}

/** Failures and warnings of a case. What a fixture does not yield blocks the case; what else is wrong with it is no verdict. */
export function complaintsOf(record: CaseRecord, one?: CatalogueCase): Complaint[] {
  const checks = record.steps.filter(({ kind }) => kind !== 'fixture').flatMap((step) => step.checks);
  return checks
    .filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
    .map((check) => ({
      check,
      clauses: [
        ...check.clauses,
        ...(check.alternatives ?? []).flatMap(({ clauses }) => clauses),
        ...(one !== undefined && isOutcome(check, one) ? one.clauses : []),
      ],
    }));
}

/** Checks on every exchange, whatever the case is about. */
const onEveryExchange: ReadonlySet<string> = new Set(['no-server-error', 'no-secret-echo', 'no-stack-trace', 'answer']);

/** A named outcome (`expect: refused`) is what its case is about, so that its checks speak for the clauses of the case beside their own. */
function isOutcome({ name }: JudgedCheck, { steps }: CatalogueCase): boolean {
  return !onEveryExchange.has(name) && !steps.some((step) => step.kind === 'request' && step.checks.some((check) => check.name === name));
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

/** Cases that cite what a mutant breaks, the most telling first; where every exchange is judged by it, then all others; those that move the clock last. */
function casesThatCanNotice(mutant: Mutant, cases: readonly CatalogueCase[], catalogue: Catalogue): readonly CatalogueCase[] {
  const weighed = cases.map((one) => ({ one, weight: citations(one, mutant.breaks, catalogue) }));
  const citing = weighed.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight);
  const others = mutant.breaks.some((id) => everywhere.has(id)) ? weighed.filter(({ weight }) => weight === 0) : [];
  const ordered = [...citing, ...others].map(({ one }) => one);
  return [...ordered.filter((one) => !movesClock(one)), ...ordered.filter(movesClock)];
}

/** How much a case has to say about some clauses: itself, and its checks that cite one. */
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
