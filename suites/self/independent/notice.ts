/**
 * Whether the cases notice a wrong behaviour, and say which clause it breaks.
 *
 * @module
 */
import type { CaseRecord, Catalogue } from '../../../src/index.ts';
import type { CatalogueCase } from '../../../src/model/catalogue.ts';
import { runInProcess, runOnSocket } from './in-process.ts';
import { AccessTokenServer } from './server.ts';
import type { WrongBehaviour } from './wrong.ts';

export interface Notice {
  /** The first check that noticed it and cites what it breaks: `address#check`; for a server that asks for patience, the blocked case. */
  readonly by?: string;
  /** The first check that noticed something else. */
  readonly otherwiseBy?: string;
}

export const profile = 'miniorange/oauth';

/**
 * Runs the cases that speak about it, up to the first notice.
 *
 * @param hint address of a case that is likely to notice it, below the profile: tried before all others.
 */
export async function notice(wrong: WrongBehaviour, catalogue: Catalogue, hint?: string): Promise<Notice> {
  const own = catalogue.cases.filter((one) => one.profile === profile);
  const hinted = hint === undefined ? [] : own.filter(({ address }) => address === `${profile}/${hint}`);
  const first = hinted.length === 0 ? {} : await run(wrong, catalogue, hinted);
  if (first.by !== undefined) return first;
  return run(
    wrong,
    catalogue,
    own.filter((one) => wrong.cases.some((prefix) => one.address.startsWith(`${profile}/${prefix}`))),
  );
}

async function run(wrong: WrongBehaviour, catalogue: Catalogue, cases: readonly CatalogueCase[]): Promise<Notice> {
  const server = new AccessTokenServer(wrong.dialect, { seed: wrong.id });
  let otherwiseBy: string | undefined;
  for await (const record of (wrong.needsSocket ? runOnSocket : runInProcess)(server, catalogue, cases, wrong.apply)) {
    if (wrong.blocks && record.verdict === 'blocked') return { by: record.address };
    for (const check of record.steps.flatMap((step) => step.checks)) {
      if (check.verdict !== 'fail' && check.verdict !== 'warn') continue;
      const by = `${record.address}#${check.name}`;
      if (citedBy(check, record).some((clause) => wrong.breaks.some((prefix) => clause.startsWith(inFull(prefix))))) return { by };
      otherwiseBy ??= by;
    }
  }
  return otherwiseBy === undefined ? {} : { otherwiseBy };
}

/** What a check cites; an invariant speaks for the clauses of its case. */
function citedBy(check: CaseRecord['steps'][number]['checks'][number], record: CaseRecord): readonly string[] {
  const clauses = [...check.clauses, ...(check.alternatives ?? []).flatMap((one) => one.clauses)];
  return clauses.some((clause) => clause.startsWith('invariants/')) ? [...clauses, ...record.clauses] : clauses;
}

function inFull(prefix: string): string {
  return /^(invariants|rfc|owasp)/.test(prefix) ? prefix : `miniorange-oauth/${prefix}`;
}
