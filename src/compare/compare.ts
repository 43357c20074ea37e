/**
 * Two runs side by side: broken, fixed, new, gone, still failing, and what changed although it passes. Pure; a report goes in as the
 * records that matter, not as a file.
 *
 * @module
 */
import type { CaseRecord, HeaderRecord, Mismatch, ReportRecord } from '../model/record.ts';
import type { Verdict } from '../model/verdict.ts';
import { affected, differs, shapesOf, type Shape } from './shape.ts';

/** What is kept of one case; the bodies are gone. */
export interface CaseDigest {
  readonly address: string;
  readonly target: string;
  readonly title: string;
  readonly verdict: Verdict;
  readonly isWaived: boolean;
  readonly reason?: string;
  readonly clauses: readonly string[];
  /** Checks that did not pass, with their differences. */
  readonly open: readonly { readonly name: string; readonly verdict: Verdict; readonly mismatches: readonly Mismatch[] }[];
  readonly shapes: ReadonlyMap<string, Shape>;
}

export interface RunDigest {
  readonly header: HeaderRecord;
  readonly cases: readonly CaseDigest[];
}

export interface VerdictChange {
  readonly address: string;
  /** Only where a report has several targets. */
  readonly target?: string;
  readonly title: string;
  readonly before?: Verdict;
  readonly after?: Verdict;
  /** Checks that do not pass now (or did not, for `fixed` and `gone`). */
  readonly checks: CaseDigest['open'];
  readonly reason?: string;
  /** Address before a rename. */
  readonly renamedFrom?: string;
}

export interface QuietChange {
  /** `status`, `header cache-control`, `type /expires_in`, `text /error_description`, `lifetime /expires_in`. */
  readonly fact: string;
  readonly before?: string;
  readonly after?: string;
  /** Which kind of client it would break. */
  readonly affects: string;
  /** Cases in which it was seen: `address (step)`. */
  readonly seenIn: readonly string[];
}

export interface Comparison {
  readonly base: HeaderRecord;
  readonly head: HeaderRecord;
  readonly broken: readonly VerdictChange[];
  readonly fixed: readonly VerdictChange[];
  readonly stillFailing: readonly VerdictChange[];
  /** Judged in one run only for want of something: skipped or blocked here, judged there. */
  readonly unjudged: readonly VerdictChange[];
  readonly worsened: readonly VerdictChange[];
  readonly new: readonly VerdictChange[];
  readonly gone: readonly VerdictChange[];
  readonly changed: readonly QuietChange[];
  /** Cases with the same verdict and nothing changed. */
  readonly same: number;
}

/** Takes from a record stream what a comparison needs. */
export async function digestRun(records: AsyncIterable<ReportRecord> | Iterable<ReportRecord>): Promise<RunDigest> {
  let header: HeaderRecord | undefined;
  const cases: CaseDigest[] = [];
  // Most answers have the shape of another one.
  const shapes = new Map<string, CaseDigest['shapes']>();
  for await (const record of records) {
    if (record.type === 'header') header = record;
    else if (record.type === 'case') {
      const own = shapesOf(record);
      const key = JSON.stringify([...own].map(([step, shape]) => [step, ...shape]));
      const shared = shapes.get(key) ?? own;
      if (shared === own) shapes.set(key, own);
      cases.push(digestCase(record, shared));
    }
  }
  if (header === undefined) throw new TypeError('the stream has no header');
  return { header, cases };
}

/** What a comparison keeps of a case; without shapes only its verdicts are compared. */
export function digestCase(record: CaseRecord, shapes: CaseDigest['shapes'] = new Map()): CaseDigest {
  const checks = record.steps.flatMap((step) => step.checks);
  const failed = checks.filter(({ verdict }) => verdict === 'fail');
  return {
    address: record.address,
    target: record.target,
    title: record.title,
    verdict: record.verdict,
    isWaived: failed.length > 0 && failed.every(({ waived }) => waived !== undefined),
    ...(record.reason === undefined ? {} : { reason: record.reason }),
    clauses: record.clauses,
    open: checks.filter(({ verdict }) => verdict !== 'pass').map(({ name, verdict, mismatches }) => ({ name, verdict, mismatches })),
    shapes,
  };
}

/** Compares two runs. With one target on each side its name does not matter; else targets are matched by name. */
export function compare(base: RunDigest, head: RunDigest): Comparison {
  const single = base.header.targets.length <= 1 && head.header.targets.length <= 1;
  const keyOf = (one: CaseDigest) => (single ? one.address : `${one.target}\n${one.address}`);
  const before = new Map(base.cases.map((one) => [keyOf(one), one]));
  const after = new Map(head.cases.map((one) => [keyOf(one), one]));
  const onlyBefore = [...before].filter(([key]) => !after.has(key)).map(([, one]) => one);
  const onlyAfter = [...after].filter(([key]) => !before.has(key)).map(([, one]) => one);
  const renames = findRenames(onlyBefore, onlyAfter);

  const named = (change: VerdictChange, { target }: CaseDigest): VerdictChange => (single ? change : { ...change, target });
  const pairs = [
    ...[...after].flatMap(([key, now]) => {
      const earlier = before.get(key);
      return earlier === undefined ? [] : [{ earlier, now }];
    }),
    ...[...renames].map(([now, earlier]) => ({ earlier, now })),
  ];
  const renamedBefore = new Set(renames.values());
  const lists = { broken: [], fixed: [], stillFailing: [], unjudged: [], worsened: [] } as Record<PairKind, VerdictChange[]>;
  const quiet = new Map<string, { change: Omit<QuietChange, 'seenIn'>; seenIn: string[] }>();
  let same = 0;
  for (const { earlier, now } of pairs) {
    const kind = kindOf(earlier, now);
    if (kind !== undefined) lists[kind].push(named(changeOf(earlier, now), now));
    const changes = earlier.open.every(isPassing) && now.open.every(isPassing) ? quietChanges(earlier, now) : [];
    for (const { step, ...change } of changes) {
      const key = JSON.stringify([change.fact, change.before, change.after]);
      const entry = quiet.get(key) ?? { change, seenIn: [] };
      entry.seenIn.push(`${single ? '' : `[${now.target}] `}${now.address} (${step})`);
      quiet.set(key, entry);
    }
    if (kind === undefined && changes.length === 0) same++;
  }
  return {
    base: base.header,
    head: head.header,
    ...lists,
    new: onlyAfter.filter((one) => !renames.has(one)).map((one) => named(changeOf(undefined, one), one)),
    gone: onlyBefore.filter((one) => !renamedBefore.has(one)).map((one) => named(changeOf(one, undefined), one)),
    changed: [...quiet.values()].map(({ change, seenIn }) => ({ ...change, seenIn })).sort(byWeight),
    same,
  };
}

type PairKind = 'broken' | 'fixed' | 'stillFailing' | 'unjudged' | 'worsened';

function kindOf(then: CaseDigest, now: CaseDigest): PairKind | undefined {
  const wasRed = isRed(then);
  const nowRed = isRed(now);
  if (nowRed) return wasRed ? 'stillFailing' : 'broken';
  const judged = (one: CaseDigest) => one.verdict !== 'skipped' && one.verdict !== 'blocked';
  if (judged(then) !== judged(now)) return 'unjudged';
  if (wasRed) return 'fixed';
  return then.verdict === 'pass' && now.verdict === 'warn' ? 'worsened' : undefined;
}

function isRed(one: CaseDigest): boolean {
  return (one.verdict === 'fail' && !one.isWaived) || one.verdict === 'error';
}

function isPassing({ verdict }: { readonly verdict: Verdict }): boolean {
  return verdict === 'pass' || verdict === 'warn';
}

function changeOf(then: CaseDigest | undefined, now: CaseDigest | undefined): VerdictChange {
  const shown = now ?? then;
  const checks = now !== undefined && now.open.length > 0 ? now.open : (then?.open ?? []);
  const reason = now?.reason ?? then?.reason;
  return {
    address: shown?.address ?? '',
    title: shown?.title ?? '',
    ...(then === undefined ? {} : { before: then.verdict }),
    ...(now === undefined ? {} : { after: now.verdict }),
    checks,
    ...(reason === undefined ? {} : { reason }),
    ...(then !== undefined && now !== undefined && then.address !== now.address ? { renamedFrom: then.address } : {}),
  };
}

/** A case that went and one that came are the same when title and clauses are, and no other is like them. */
function findRenames(gone: readonly CaseDigest[], came: readonly CaseDigest[]): Map<CaseDigest, CaseDigest> {
  const likeness = (one: CaseDigest) => JSON.stringify([one.title, one.clauses, one.address.split('/').at(-1)]);
  const byLikeness = (list: readonly CaseDigest[]) => {
    const map = new Map<string, CaseDigest[]>();
    for (const one of list) map.set(likeness(one), [...(map.get(likeness(one)) ?? []), one]);
    return map;
  };
  const goneBy = byLikeness(gone);
  const renames = new Map<CaseDigest, CaseDigest>();
  for (const [key, [now, ...others]] of byLikeness(came)) {
    const [then, ...moreGone] = goneBy.get(key) ?? [];
    if (now !== undefined && then !== undefined && others.length === 0 && moreGone.length === 0) renames.set(now, then);
  }
  return renames;
}

function quietChanges(then: CaseDigest, now: CaseDigest): (Omit<QuietChange, 'seenIn'> & { step: string })[] {
  return [...now.shapes].flatMap(([step, after]) => {
    const before = then.shapes.get(step);
    if (before === undefined) return [];
    const isAnother = isOfAnotherKind(before, after);
    const facts = new Set([...before.keys(), ...after.keys()]);
    return [...facts].flatMap((fact) => {
      const [was, is] = [before.get(fact), after.get(fact)];
      if (!differs(fact, was, is) || isImplied(fact, before, after) || (isAnother && !tellsOfAnother.test(fact))) return [];
      return [
        {
          step,
          fact,
          ...(was === undefined ? {} : { before: was }),
          ...(is === undefined ? {} : { after: is }),
          affects: affected(fact, was, is),
        },
      ];
    });
  });
}

/** Where an answer has become one of another kind, its members and most of its headers are others, too: only these facts are told. */
const tellsOfAnother =
  /^(answer|status|body|text |header (content-type|www-authenticate|cache-control|location|set-cookie|allow|retry-after)$)/;

/** Data became something else, or shares no member with what it was. */
function isOfAnotherKind(before: Shape, after: Shape): boolean {
  if (before.has('body') !== after.has('body')) return true;
  const members = (shape: Shape) => [...shape.keys()].filter((fact) => /^type \/[^/]+$/.test(fact));
  const [was, is] = [members(before), members(after)];
  return was.length > 0 && is.length > 0 && !is.some((member) => was.includes(member));
}

/** A member that came or went with the one that holds it. */
function isImplied(fact: string, before: Shape, after: Shape): boolean {
  const [, holder] = /^type (.*)\/[^/]+$/.exec(fact) ?? [];
  if (holder === undefined) return false;
  const of = `type ${holder === '' ? '/' : holder}`;
  if (fact === of || before.has(fact) === after.has(fact)) return false;
  return before.has(of) !== after.has(of);
}

const weights = ['answer', 'status', 'body', 'text', 'type', 'lifetime', 'header'];

function byWeight(a: QuietChange, b: QuietChange): number {
  const rank = ({ fact }: QuietChange) => weights.indexOf(fact.split(' ', 1)[0] ?? '');
  return rank(a) - rank(b) || b.seenIn.length - a.seenIn.length || (a.fact < b.fact ? -1 : 1);
}
