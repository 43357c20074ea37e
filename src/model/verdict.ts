/**
 * The words of judgement: who says so, how binding it is, and what came out.
 *
 * @module
 */

/**
 * Who says so. `document`: the product's documentation; `source`: its source code; `observed`: recorded from real sites;
 * `rfc`: the OAuth 2 and HTTP RFCs; `practice`: RFC 6819, RFC 9700, OWASP; `invariant`: wrong under every reading.
 */
export const witnesses = ['document', 'source', 'observed', 'rfc', 'practice', 'invariant'] as const;
export type Witness = (typeof witnesses)[number];

/** How binding a check is; follows the keyword of its clause. `may` never changes a verdict. */
export const levels = ['must', 'should', 'may'] as const;
export type Level = (typeof levels)[number];

/**
 * The judgement of a check or a case, worst first. `error`: our own fault; `fail`: contradicts its authorities; `blocked`: a
 * prerequisite failed, so nothing was tested; `warn`: deviates, but another witness or only a SHOULD speaks;
 * `skipped`: the target lacks what the case needs.
 */
export const verdicts = ['error', 'fail', 'blocked', 'warn', 'skipped', 'pass'] as const;
export type Verdict = (typeof verdicts)[number];

/** The worse of two verdicts. `skipped` ranks below `pass` when other checks were judged. */
export function worse(a: Verdict, b: Verdict): Verdict {
  return rank(a) <= rank(b) ? a : b;
}

/** The verdict of a case: the worst of its checks; `skipped` only when every check was skipped. */
export function worstVerdict(all: Iterable<Verdict>): Verdict | undefined {
  let worst: Verdict | undefined;
  for (const verdict of all) worst = worst === undefined ? verdict : worse(worst, verdict);
  return worst;
}

function rank(verdict: Verdict): number {
  // A judged pass outweighs a skipped sibling: order is error > fail > blocked > warn > pass > skipped.
  const order: readonly Verdict[] = ['error', 'fail', 'blocked', 'warn', 'pass', 'skipped'];
  return order.indexOf(verdict);
}
