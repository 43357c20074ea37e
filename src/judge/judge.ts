/**
 * From matched alternatives to a verdict: the table of the design, and nothing else. Pure.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { JudgedAlternative, JudgedCheck, Mismatch } from '../model/record.ts';
import type { Level, Verdict, Witness } from '../model/verdict.ts';

export interface Rules {
  /** Witnesses of the profile whose word makes a pass. */
  readonly authorities: readonly Witness[];
  /** `--witness`: the one authority that counts. */
  readonly narrowedTo?: Witness;
  /** `--strict`: a warn becomes a fail. */
  readonly strict: boolean;
  /** Name of a clause's document and section for the witness sentence. */
  readonly nameOf: (clause: string) => string;
}

export interface MatchedAlternative {
  readonly clauses: readonly string[];
  readonly witness: Witness;
  readonly mismatches: readonly Mismatch[];
  /** Range of versions that it speaks about; only where the version of the target is not known. */
  readonly versions?: string;
}

export interface MatchedCheck {
  readonly name: string;
  readonly level: Level;
  readonly alternatives: readonly MatchedAlternative[];
  readonly line?: number;
}

/**
 * Judges one check. With an authority among its alternatives: one matched is a pass; another witness matched is a warn; none is
 * a fail. Without: a broken RFC or practice is a warn. An invariant is wrong under every reading. SHOULD fails as warn; MAY never counts, unless
 * `--witness observed` asks for what a version was seen to do.
 */
export function judgeCheck(check: MatchedCheck, rules: Rules): JudgedCheck {
  const alternatives = check.alternatives.map((alternative): JudgedAlternative => ({
    clauses: alternative.clauses,
    witness: alternative.witness,
    authority: isAuthority(alternative.witness, rules),
    matched: alternative.mismatches.length === 0,
    mismatches: alternative.mismatches,
    ...(alternative.versions === undefined ? {} : { versions: alternative.versions }),
  }));
  const followed = alternatives.find((one) => one.authority && one.matched) ?? alternatives.find((one) => one.matched);
  const expected = followed ?? nearest(alternatives);
  const raw = rawVerdict(alternatives);
  const level = levelOf(check, rules);
  const verdict = soften(raw, level, rules.strict);
  const message = sentence(alternatives, followed, raw, level, rules);
  return {
    name: check.name,
    level,
    verdict,
    clauses: expected?.clauses ?? [],
    mismatches: raw === 'pass' ? [] : ((nearest(alternatives.filter((one) => one.authority)) ?? nearest(alternatives))?.mismatches ?? []),
    ...(alternatives.length > 1 ? { alternatives } : {}),
    ...(message === undefined ? {} : { message }),
    ...(check.line === undefined ? {} : { line: check.line }),
  };
}

/** What a version was observed to send in detail binds nobody, unless the run asks for that witness alone. */
function levelOf({ level, alternatives }: MatchedCheck, rules: Rules): Level {
  const isAskedFor = level === 'may' && rules.narrowedTo === 'observed' && alternatives.some(({ witness }) => witness === 'observed');
  return isAskedFor ? 'must' : level;
}

function isAuthority(witness: Witness, rules: Rules): boolean {
  if (witness === 'invariant') return true;
  return rules.narrowedTo === undefined ? rules.authorities.includes(witness) : witness === rules.narrowedTo;
}

function rawVerdict(alternatives: readonly JudgedAlternative[]): Verdict {
  const authorities = alternatives.filter((one) => one.authority);
  if (authorities.some((one) => one.matched)) return 'pass';
  const anyMatched = alternatives.some((one) => one.matched);
  if (authorities.length > 0) return anyMatched ? 'warn' : 'fail';
  if (anyMatched) return 'pass';
  return alternatives.some((one) => one.witness === 'rfc' || one.witness === 'practice') ? 'warn' : 'pass';
}

function soften(verdict: Verdict, level: Level, strict: boolean): Verdict {
  if (level === 'may') return 'pass';
  const softened = verdict === 'fail' && level === 'should' ? 'warn' : verdict;
  return softened === 'warn' && strict ? 'fail' : softened;
}

/** The alternative with the fewest differences; the first of equals. */
function nearest(alternatives: readonly JudgedAlternative[]): JudgedAlternative | undefined {
  return alternatives.reduce<JudgedAlternative | undefined>(
    (best, one) => (best === undefined || one.mismatches.length < best.mismatches.length ? one : best),
    undefined,
  );
}

function sentence(
  alternatives: readonly JudgedAlternative[],
  followed: JudgedAlternative | undefined,
  raw: Verdict,
  level: Level,
  rules: Rules,
): string | undefined {
  const name = (one: JudgedAlternative) => rules.nameOf(one.clauses[0] ?? one.witness);
  const contradicted = alternatives.filter((one) => !one.matched);
  if (followed !== undefined && contradicted.length > 0) {
    return `follows ${name(followed)}, not ${listNames(contradicted.map(name))}`;
  }
  if (followed !== undefined || contradicted.length === 0) return undefined;
  const names = listNames(contradicted.map(name));
  if (level === 'may') return `differs from ${names}, which is free to differ`;
  if (raw === 'pass') return `differs from ${names}, which is no authority here`;
  if (contradicted.every((one) => !one.authority)) return `breaks ${names}; the documentation of the product is silent`;
  return level === 'should' ? `contradicts ${names}; a difference here only warns` : `contradicts ${names}`;
}

function listNames(names: readonly string[]): string {
  const unique = [...new Set(names)];
  return unique.length < 2 ? unique.join('') : `${unique.slice(0, -1).join(', ')} and ${unique.at(-1)}`;
}

/**
 * The shape of a failure, as 16 hex digits: what differs and where, the status, the error code, the keys of the body, but no volatile value. A
 * waiver bound to it no longer excuses a failure that has changed.
 */
export function fingerprint(check: JudgedCheck, shape: { status?: number; errorCode?: unknown; keys?: readonly string[] }): string {
  const facts = {
    check: check.name,
    places: check.mismatches.map(({ at, expected }) => [at, expected]),
    status: shape.status ?? null,
    errorCode: typeof shape.errorCode === 'string' ? shape.errorCode : null,
    keys: shape.keys ?? [],
  };
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}
