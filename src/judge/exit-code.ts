/**
 * The exit code of a run: the first line of the table that applies.
 *
 * @module
 */
import type { Verdict } from '../model/verdict.ts';

export interface RunOutcome {
  /** Cases by verdict; a waived failure is not counted under `fail`. */
  readonly cases: Readonly<Record<Verdict, number>>;
  readonly checksJudged: number;
  /** Findings that fail by themselves, beside any case. */
  readonly failedFindings?: number;
  readonly interrupted?: boolean;
  /** The output scan found a secret. */
  readonly secretFound?: boolean;
  readonly usageError?: boolean;
  readonly unreachable?: boolean;
  /** Waivers that excuse nothing any more, or have ended. */
  readonly staleWaivers?: number;
  /** With --baseline: failures that the baseline did not have. Undefined without a baseline. */
  readonly regressions?: number;
}

export const exitCodes = {
  ok: 0,
  nonConformant: 1,
  usage: 2,
  cannotTell: 3,
  regression: 4,
  staleWaiver: 5,
  secretInOutput: 6,
  ourBug: 70,
  interrupted: 130,
} as const;

/** 70 our bug, 130 interrupted, 6 secret found, 2 usage, 3 cannot tell, 4 regression, 1 non-conformant, 5 stale waiver, 0. */
export function exitCodeOf(outcome: RunOutcome): number {
  const { cases } = outcome;
  if (cases.error > 0) return exitCodes.ourBug;
  if (outcome.interrupted) return exitCodes.interrupted;
  if (outcome.secretFound) return exitCodes.secretInOutput;
  if (outcome.usageError) return exitCodes.usage;
  const hasBaseline = outcome.regressions !== undefined;
  const failed = hasBaseline ? (outcome.regressions ?? 0) > 0 : cases.fail > 0 || (outcome.failedFindings ?? 0) > 0;
  if (outcome.unreachable || (cases.blocked > 0 && !failed) || outcome.checksJudged === 0) return exitCodes.cannotTell;
  if (hasBaseline && failed) return exitCodes.regression;
  if (failed) return exitCodes.nonConformant;
  if ((outcome.staleWaivers ?? 0) > 0) return exitCodes.staleWaiver;
  return exitCodes.ok;
}
