import { expect, it } from 'vitest';
import { exitCodeOf, type RunOutcome } from './exit-code.ts';

const none = { error: 0, fail: 0, blocked: 0, warn: 0, skipped: 0, pass: 0 };
const passed: RunOutcome = { cases: { ...none, pass: 3 }, checksJudged: 9 };

it.each([
  ['everything passed', passed, 0],
  ['only a warn', { ...passed, cases: { ...none, warn: 1 } }, 0],
  ['a failure', { ...passed, cases: { ...none, fail: 1 } }, 1],
  ['a failure beside a blocked case', { ...passed, cases: { ...none, fail: 1, blocked: 1 } }, 1],
  ['a blocked case and no failure', { ...passed, cases: { ...none, blocked: 1, pass: 5 } }, 3],
  ['nothing judged', { cases: { ...none, skipped: 4 }, checksJudged: 0 }, 3],
  ['unreachable', { ...passed, unreachable: true }, 3],
  ['a stale waiver', { ...passed, staleWaivers: 1 }, 5],
  ['a failure beside a stale waiver', { ...passed, cases: { ...none, fail: 1 }, staleWaivers: 1 }, 1],
  ['known failures with a baseline', { ...passed, cases: { ...none, fail: 2, pass: 1 }, regressions: 0 }, 0],
  ['a regression', { ...passed, cases: { ...none, fail: 2 }, regressions: 1 }, 4],
  ['a secret in an output beside a failure', { ...passed, cases: { ...none, fail: 1 }, secretFound: true }, 6],
  ['interrupted, with a secret', { ...passed, interrupted: true, secretFound: true }, 130],
  ['our bug beside everything else', { cases: { ...none, error: 1, fail: 1 }, checksJudged: 1, interrupted: true }, 70],
  ['a usage error', { ...passed, usageError: true }, 2],
] as [string, RunOutcome, number][])('%s exits as the table says', (_, outcome, code) => {
  expect(exitCodeOf(outcome)).toBe(code);
});
