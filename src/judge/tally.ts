/**
 * Counting verdicts.
 *
 * @module
 */
import type { CaseRecord } from '../model/record.ts';
import { verdicts, type Verdict } from '../model/verdict.ts';

/** Every failing check of the case is excused by a waiver. */
export function isWaived(record: CaseRecord): boolean {
  const failed = record.steps.flatMap(({ checks }) => checks).filter(({ verdict }) => verdict === 'fail');
  return record.verdict === 'fail' && failed.length > 0 && failed.every(({ waived }) => waived !== undefined);
}

/** Cases and checks by verdict; a waived failure counts as waived. Checks of fixtures are not counted: a case of its own tests what they ask. */
export class Tally {
  readonly cases = zero();
  readonly checks = zero();

  add(record: CaseRecord): void {
    if (isWaived(record)) this.cases.waived++;
    else this.cases[record.verdict]++;
    for (const step of record.steps) {
      if (step.kind === 'fixture') continue;
      for (const check of step.checks) {
        if (check.waived !== undefined) this.checks.waived++;
        else this.checks[check.verdict]++;
      }
    }
  }
}

function zero(): Record<Verdict, number> & { waived: number } {
  return { ...(Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Record<Verdict, number>), waived: 0 };
}
