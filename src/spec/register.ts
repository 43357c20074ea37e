/**
 * The register both ways: which checks verify a clause, and which clauses a check cites. Derived from the cases, never typed.
 *
 * @module
 */
import type { Catalogue, CatalogueCase, CatalogueCheck, Clause, Profile, RequestStep } from '../model/catalogue.ts';

export interface ClauseCoverage {
  readonly id: string;
  readonly state: 'checked' | 'excluded' | 'deviation' | 'uncovered';
  /** Addresses of the checks that cite it, `case#check`. */
  readonly checks: readonly string[];
  /** Why it cannot be tested from outside. */
  readonly excluded?: string;
}

export interface DocumentCoverage {
  readonly document: string;
  readonly title: string;
  /** The register claims to be complete. */
  readonly isRegister: boolean;
  readonly clauses: readonly ClauseCoverage[];
  readonly uncovered: readonly string[];
  /** Share of clauses with a check or a stated exclusion, 0 to 100. */
  readonly percent: number;
}

export interface Coverage {
  readonly documents: readonly DocumentCoverage[];
  /** Clauses cited by each check, by its address; in the order of the catalogue. */
  readonly checks: ReadonlyMap<string, readonly string[]>;
  /** Clauses of complete registers that nothing verifies. */
  readonly uncovered: readonly string[];
  /** Of complete registers; of all documents when there is none. */
  readonly percent: number;
}

/** Derives the coverage of a catalogue. */
export function coverage(catalogue: Catalogue): Coverage {
  const checks = new Map<string, readonly string[]>();
  const citing = new Map<string, string[]>();
  for (const one of catalogue.cases) {
    for (const [name, clauses] of citationsOf(one, catalogue.profiles[one.profile])) {
      const address = `${one.address}#${name}`;
      checks.set(address, clauses);
      for (const id of clauses) {
        const list = citing.get(id);
        if (list === undefined) citing.set(id, [address]);
        else list.push(address);
      }
    }
  }
  const deviations = new Set(Object.values(catalogue.profiles).flatMap((profile) => profile.deviations));
  const byDocument = new Map<string, Clause[]>();
  for (const clause of Object.values(catalogue.clauses)) {
    const list = byDocument.get(clause.document);
    if (list === undefined) byDocument.set(clause.document, [clause]);
    else list.push(clause);
  }
  const documents = [...byDocument].map(([document, list]): DocumentCoverage => {
    const clauses = list.map(({ id, excluded }): ClauseCoverage => {
      const cited = citing.get(id) ?? [];
      const state = cited.length > 0 ? 'checked' : excluded !== undefined ? 'excluded' : deviations.has(id) ? 'deviation' : 'uncovered';
      return { id, state, checks: cited, ...(excluded === undefined ? {} : { excluded }) };
    });
    const uncovered = clauses.filter(({ state }) => state === 'uncovered').map(({ id }) => id);
    return {
      document,
      title: catalogue.documents?.[document]?.title ?? document,
      isRegister: catalogue.registers.includes(document),
      clauses,
      uncovered,
      percent: share(clauses.length - uncovered.length, clauses.length),
    };
  });
  const registers = documents.filter(({ isRegister }) => isRegister);
  const counted = registers.length > 0 ? registers : documents;
  const uncovered = counted.flatMap((one) => one.uncovered);
  const total = counted.reduce((sum, { clauses }) => sum + clauses.length, 0);
  return { documents, checks, uncovered: registers.flatMap((one) => one.uncovered), percent: share(total - uncovered.length, total) };
}

/** One decimal, and 100 only when nothing is missing. */
function share(part: number, total: number): number {
  return total === 0 ? 100 : Math.floor((part / total) * 1000) / 10;
}

/** The checks of a case as a run judges them, by name, each with the clauses it cites. */
export function citationsOf(one: CatalogueCase, profile: Profile | undefined): Map<string, string[]> {
  const citations = new Map<string, string[]>();
  const add = (name: string, clauses: readonly string[]) => {
    const known = citations.get(name);
    citations.set(name, known === undefined && clauses.length < 2 ? [...clauses] : [...new Set([...(known ?? []), ...clauses])]);
  };
  if (one.declared !== undefined) add(one.declared.of, one.clauses);
  for (const step of one.steps) {
    if (step.kind === 'wait') continue;
    for (const check of step.checks) add(check.name, clausesOf(check));
    for (const [name, clauses] of outcomeCitations(step, one, profile)) add(name, clauses);
  }
  return citations;
}

function clausesOf({ alternatives }: CatalogueCheck): string[] {
  return alternatives.flatMap(({ clauses }) => clauses);
}

/**
 * What a named outcome verifies: the checks of its surface, unless the step has one of the same name, and the clauses of the case. `either`
 * says that no authority speaks, so it verifies no clause.
 */
function outcomeCitations(step: RequestStep, one: CatalogueCase, profile: Profile | undefined): [name: string, clauses: string[]][] {
  const surface = profile?.surfaces[step.request.surface ?? ''];
  if (step.expect === 'either') return [['outcome', []]];
  if (step.expect === undefined || surface === undefined) return [];
  const own = new Set(step.checks.map((check) => check.writtenName ?? check.name));
  if (step.expect === 'refused') {
    const named = surface.refused.checks.filter(({ name }) => !own.has(name));
    return [
      ...named.map((check): [string, string[]] => [check.name, clausesOf(check)]),
      ['nothing-given', one.clauses.slice()],
      ...(own.has('status') ? [] : [['status', one.clauses.slice()] as [string, string[]]]),
    ];
  }
  const { checks, proof } = surface.accepted;
  return [
    ...checks.filter(({ name }) => !own.has(name)).map((check): [string, string[]] => [check.name, [...clausesOf(check), ...one.clauses]]),
    ...proof.flatMap((proven) =>
      proven.kind === 'wait' ? [] : proven.checks.map((check): [string, string[]] => [`${proven.name}-${check.name}`, clausesOf(check)]),
    ),
  ];
}
