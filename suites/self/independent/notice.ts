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
  /** The first check that noticed it and cites what it breaks: `address#check`. */
  readonly by?: string;
  /** The first check that noticed something. */
  readonly otherwiseBy?: string;
  readonly cases: number;
}

const profile = 'miniorange/oauth';

/** Runs the cases that speak about it, or with `thorough` all, up to the first notice. */
export async function notice(wrong: WrongBehaviour, catalogue: Catalogue, thorough = false): Promise<Notice> {
  const speaking = (one: CatalogueCase) => thorough || wrong.cases.some((prefix) => one.address.startsWith(`${profile}/${prefix}`));
  const cases = catalogue.cases.filter((one) => one.profile === profile && speaking(one));
  const server = new AccessTokenServer(wrong.dialect, { seed: wrong.id });
  const run = wrong.needsSocket ? runOnSocket : runInProcess;
  let otherwiseBy: string | undefined;
  let count = 0;
  for await (const record of run(server, catalogue, cases, wrong.apply)) {
    count++;
    for (const check of record.steps.flatMap((step) => step.checks)) {
      if (check.verdict !== 'fail' && check.verdict !== 'warn') continue;
      const by = `${record.address}#${check.name}`;
      if (citedBy(check, record).some((clause) => wrong.breaks.some((prefix) => clause.startsWith(inFull(prefix)))))
        return { by, cases: count };
      otherwiseBy ??= by;
    }
  }
  return { ...(otherwiseBy === undefined ? {} : { otherwiseBy }), cases: count };
}

/** What a check cites; an invariant speaks for the clauses of its case. */
function citedBy(check: CaseRecord['steps'][number]['checks'][number], record: CaseRecord): readonly string[] {
  const clauses = [...check.clauses, ...(check.alternatives ?? []).flatMap((one) => one.clauses)];
  return clauses.some((clause) => clause.startsWith('invariants/')) ? [...clauses, ...record.clauses] : clauses;
}

function inFull(prefix: string): string {
  return /^(invariants|rfc|owasp)/.test(prefix) ? prefix : `miniorange-oauth/${prefix}`;
}
