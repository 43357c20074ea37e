/**
 * What every reporter says about records in the same words. It reads marks and counts them; it never judges. Pure.
 *
 * @module
 */
import { headerValue } from '../model/exchange.ts';
import type {
  CaseRecord,
  ExpiryRecord,
  Finding,
  HeaderRecord,
  JudgedCheck,
  RecordedExchange,
  RecordedStep,
  TargetFacts,
} from '../model/record.ts';
import type { Verdict, Witness } from '../model/verdict.ts';
import { plainNumber } from './text.ts';

/** A verdict, or `waived` for a fail that is excused throughout. */
export type Standing = Verdict | 'waived';

/** In the order in which totals are told. */
export const standings: readonly Standing[] = ['pass', 'fail', 'waived', 'error', 'blocked', 'warn', 'skipped'];

/** Past tense, as it stands after a number: `3 passed`. */
export const standingWords: Readonly<Record<Standing, string>> = {
  pass: 'passed',
  fail: 'failed',
  waived: 'waived',
  error: 'in error',
  blocked: 'blocked',
  warn: 'warned',
  skipped: 'skipped',
};

export function standingOfCheck(check: JudgedCheck): Standing {
  return check.verdict === 'fail' && check.waived !== undefined ? 'waived' : check.verdict;
}

/** The case's own verdict; `waived` when it is a fail and every failed check in it is excused. */
export function standingOfCase(record: CaseRecord): Standing {
  if (record.verdict !== 'fail') return record.verdict;
  const failed = checksOf(record).filter(({ check }) => check.verdict === 'fail');
  return failed.length > 0 && failed.every(({ check }) => check.waived !== undefined) ? 'waived' : 'fail';
}

export interface PlacedCheck {
  readonly step: RecordedStep;
  readonly check: JudgedCheck;
  /** `case#check`. */
  readonly address: string;
}

export function checksOf(record: CaseRecord): PlacedCheck[] {
  return record.steps.flatMap((step) => step.checks.map((check) => ({ step, check, address: `${record.address}#${check.name}` })));
}

/** Checks that did not simply pass: failed, waived, warned, errored, blocked. */
export function notableChecks(record: CaseRecord): PlacedCheck[] {
  const isNotable = ({ verdict }: JudgedCheck) => verdict !== 'pass' && verdict !== 'skipped';
  return record.steps.some((step) => step.checks.some(isNotable)) ? checksOf(record).filter(({ check }) => isNotable(check)) : [];
}

/** The exchange that a step's checks look at: the last one. */
export function judgedExchange(step: RecordedStep): RecordedExchange | undefined {
  return step.exchanges.at(-1);
}

export type Tally = Record<Standing, number>;

export function emptyTally(): Tally {
  return { pass: 0, fail: 0, waived: 0, error: 0, blocked: 0, warn: 0, skipped: 0 };
}

/** `12 passed · 2 failed`; nothing that is zero. */
export function tallyText(tally: Tally, separator = ' · '): string {
  const parts = standings.filter((standing) => tally[standing] > 0).map((standing) => `${tally[standing]} ${standingWords[standing]}`);
  return parts.length === 0 ? 'nothing ran' : parts.join(separator);
}

export function tallySum(tally: Tally): number {
  return standings.reduce((sum, standing) => sum + tally[standing], 0);
}

/** The worst standing that occurs, for the mark of a group. */
export function worstStanding(tally: Tally): Standing {
  const order: readonly Standing[] = ['error', 'fail', 'blocked', 'waived', 'warn', 'pass', 'skipped'];
  return order.find((standing) => tally[standing] > 0) ?? 'skipped';
}

export const witnessWords: Readonly<Record<Witness, string>> = {
  document: 'documentation',
  source: 'source code',
  observed: 'observed on real sites',
  rfc: 'RFC',
  practice: 'security practice',
  invariant: 'wrong under every reading',
};

export interface ClauseText {
  readonly id: string;
  readonly says?: string;
  readonly url?: string;
  /** `documentation, MUST, section 5.2`. */
  readonly kind?: string;
}

/** A clause as the header of the stream describes it; only its id when the header does not know it. */
export function clauseText(header: HeaderRecord | undefined, id: string): ClauseText {
  const clauses = header?.clauses;
  const clause = clauses !== undefined && Object.hasOwn(clauses, id) ? clauses[id] : undefined;
  if (clause === undefined) return { id };
  const kind = [
    witnessWords[clause.witness],
    clause.keyword.toUpperCase(),
    clause.section === undefined ? undefined : `section ${clause.section}`,
  ];
  return {
    id,
    says: clause.says,
    kind: kind.filter((part) => part !== undefined).join(', '),
    ...(clause.url === undefined ? {} : { url: clause.url }),
  };
}

/** A spec file as a heading: without the folder of our own specs and the ending. */
export function fileTitle(file: string): string {
  return file.replace(/^specs\//, '').replace(/\.ya?ml$/, '');
}

/** Only http and https may become a link. */
export function safeLink(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  try {
    const { protocol, href } = new URL(url);
    return protocol === 'https:' || protocol === 'http:' ? href : undefined;
  } catch {
    return undefined;
  }
}

/** `HTTP/1.1 200 OK, application/json, 143 bytes`, or why there was no answer. */
export function answerText(exchange: RecordedExchange): string {
  const { response, failure } = exchange;
  if (response === undefined) return failure === undefined ? 'none' : `none (${failure.kind}): ${failure.message}`;
  const type = headerValue(response.headers, 'content-type');
  const size = `${response.body.bytes} ${response.body.bytes === 1 ? 'byte' : 'bytes'}${response.body.truncated === true ? ', cut' : ''}`;
  const first = `${/^\d/.test(response.httpVersion) ? 'HTTP/' : ''}${response.httpVersion} ${response.status} ${response.reason}`.trim();
  return [first, type, size].filter((part) => part !== undefined).join(', ');
}

const methodWords = { clock: 'by moving the clock', wait: 'by waiting', fixture: 'with a token given as expired' } as const;

/** `advertised 60 s, refused at 60.4 s ± 0.5 s, by waiting`. */
export function expiryText(expiry: ExpiryRecord): string {
  const parts: string[] = [];
  if (expiry.advertisedSeconds !== undefined) parts.push(`advertised ${plainNumber(expiry.advertisedSeconds)} s`);
  const end = measuredEnd(expiry);
  if (end !== undefined) parts.push(`refused at ${plainNumber(end.seconds)} s ± ${plainNumber(end.precision)} s`);
  else if (expiry.firstRefusedSeconds !== undefined) parts.push(`refused at ${plainNumber(expiry.firstRefusedSeconds)} s at the latest`);
  else if (expiry.lastAcceptedSeconds !== undefined) parts.push(`still accepted at ${plainNumber(expiry.lastAcceptedSeconds)} s`);
  parts.push(methodWords[expiry.method]);
  if (expiry.skewSeconds !== undefined && Math.abs(expiry.skewSeconds) >= 1) {
    parts.push(`its clock is ${plainNumber(Math.abs(expiry.skewSeconds))} s ${expiry.skewSeconds > 0 ? 'ahead' : 'behind'}`);
  }
  return parts.join(', ');
}

/** Middle and half width of the interval in which the token ended, in seconds after it was issued. */
export function measuredEnd(expiry: ExpiryRecord): { readonly seconds: number; readonly precision: number } | undefined {
  const { lastAcceptedSeconds: accepted, firstRefusedSeconds: refused } = expiry;
  if (accepted === undefined || refused === undefined || refused < accepted) return undefined;
  return { seconds: (accepted + refused) / 2, precision: (refused - accepted) / 2 };
}

/** `staging · https://… · miniorange/oauth · version 2.1.0 (declared) · Drupal 11.2`. */
export function targetText(target: TargetFacts, separator = ' · '): string {
  const version = target.version;
  return [
    target.name,
    target.baseUrl,
    target.profiles.join(', '),
    version === undefined
      ? 'version unknown'
      : `version ${version.value} (${version.from}${version.evidence === undefined ? '' : `: ${version.evidence}`})`,
    target.edition === undefined ? undefined : `${target.edition} edition`,
    target.drupal === undefined ? undefined : `Drupal ${target.drupal}`,
    target.server,
  ]
    .filter((part) => part !== undefined && part !== '')
    .join(separator);
}

/** What an exit code means, as one sentence without a full stop. */
export function exitText(code: number): string {
  return exitTexts[code] ?? 'ended with a code that this version does not know';
}

const exitTexts: Readonly<Record<number, string>> = {
  0: 'conforms; nothing that was tested contradicts the authorities',
  1: 'does not conform; at least one check contradicts its authorities',
  2: 'the command line, the target file or a spec is wrong, or the selection matches nothing',
  3: 'cannot tell; the target was not reachable, something was blocked, or no check could be judged',
  4: 'regression; something fails that did not fail in the baseline',
  5: 'a waiver is stale or has ended; everything else conforms',
  6: 'a secret was found in an output and masked',
  70: 'broke off by our own fault; this says nothing about the target',
  130: 'interrupted; this report is partial',
};

/**
 * Tells whether a finding explains a check that did not pass, so that it need not be told again. A finding that only warns (a stale waiver, say)
 * explains no failure.
 */
export function explainer(findings: readonly Finding[]): Explainer {
  const found = { fail: new Set<string>(), warn: new Set<string>() };
  for (const { target = '', checks, verdict } of findings) {
    if (verdict === 'pass' || verdict === 'skipped') continue;
    const set = verdict === 'warn' ? found.warn : found.fail;
    for (const address of checks) set.add(`${target}\n${address}`);
  }
  const has = (set: ReadonlySet<string>, target: string, address: string) => set.has(`${target}\n${address}`) || set.has(`\n${address}`);
  return (target, address, verdict) => has(found.fail, target, address) || (verdict === 'warn' && has(found.warn, target, address));
}

export type Explainer = (target: string, address: string, verdict: Verdict) => boolean;
