/**
 * Failures with one shared cause become one finding with its remedy. Grouping explains; it never changes a verdict.
 *
 * @module
 */
import { askedAgain, type CaseRecord, type Finding, type JudgedCheck } from '../model/record.ts';
import { worse } from '../model/verdict.ts';
import { parseShallowJson } from '../support/json-depth.ts';
import { unitSlip } from './lifetime.ts';
import { conflictOf, readingOf, type Reading } from './variants.ts';
import { lockOutBehind, type LockOut } from './lock-out.ts';

interface Sample {
  readonly target: string;
  readonly address: string;
  /** Place of the case in the whole run: in which order cases came in must not matter. */
  readonly order: number;
  readonly check: Pick<JudgedCheck, 'verdict' | 'mismatches'>;
  /** The answer was recognised as a refusal by its body although its status line says success. */
  readonly refusedWithSuccessStatus: boolean;
}

/** Collects what grouping needs of each case and lets the rest go. */
export class FindingCollector {
  readonly #samples: Sample[] = [];
  /** By target: the slip, and the first case that shows it. */
  readonly #slips = new Map<string, Finding>();
  /** By target: what its answers tell of its version. */
  readonly #readings = new Map<string, Reading[]>();
  readonly #strict: boolean;
  /** By target: requests that were answered only when nothing else was in flight. */
  readonly #answeredAlone = new Map<string, number>();

  /** By target: lock-outs, each with the number of cases that it blocks. */
  readonly #lockOuts = new Map<string, Map<LockOut, number>>();

  add(record: CaseRecord): void {
    this.#noteLifetime(record);
    this.#noteLockOut(record);
    for (const step of record.steps) {
      if (step.note?.startsWith(askedAgain) === true && step.exchanges.at(-1)?.response !== undefined)
        this.#answeredAlone.set(record.target, (this.#answeredAlone.get(record.target) ?? 0) + 1);
      const answer = step.exchanges.at(-1)?.response;
      for (const check of step.checks) {
        const reading = readingOf(`${record.address}#${check.name}`, check);
        if (reading !== undefined) this.#readings.set(record.target, [...(this.#readings.get(record.target) ?? []), reading]);
        if (check.verdict !== 'fail' && check.verdict !== 'warn') continue;
        this.#samples.push({
          target: record.target,
          address: `${record.address}#${check.name}`,
          order: record.order ?? 0,
          check: { verdict: check.verdict, mismatches: check.mismatches },
          refusedWithSuccessStatus: answer !== undefined && answer.status < 300 && looksLikeRefusal(answer.body.text),
        });
      }
    }
  }

  /** `strict`: a warn counts as a failure. */
  constructor(strict = false) {
    this.#strict = strict;
  }

  #noteLifetime({ target, expiry }: CaseRecord): void {
    if (expiry?.advertisedSeconds === undefined || expiry.configuredSeconds === undefined || this.#slips.has(target)) return;
    const slip = unitSlip(expiry.advertisedSeconds, expiry.configuredSeconds);
    if (slip === undefined) return;
    this.#slips.set(target, {
      id: 'lifetime-unit',
      target,
      title: slip,
      remedy: 'Correct the setting of the site, or expiry.lifetimeSeconds of the target file, which is in seconds.',
      confidence: 'likely',
      verdict: 'warn',
      checks: [],
    });
  }

  findings(): Finding[] {
    return [...this.#lockedOut(), ...this.#slips.values(), ...this.#mixed(), ...this.#slow(), ...this.#grouped()];
  }

  #noteLockOut({ target, verdict, reason }: CaseRecord): void {
    const lockOut = verdict === 'blocked' ? lockOutBehind(reason) : undefined;
    if (lockOut === undefined) return;
    const known = this.#lockOuts.get(target) ?? new Map<LockOut, number>();
    this.#lockOuts.set(target, known.set(lockOut, (known.get(lockOut) ?? 0) + 1));
  }

  #lockedOut(): Finding[] {
    return [...this.#lockOuts].flatMap(([target, known]) =>
      [...known].map(([{ id, title, remedy, confidence }, count]) => ({
        id,
        target,
        title: `${capitalized(title)}; that blocks ${count === 1 ? 'a case' : `${count} cases`}`,
        remedy: `${capitalized(remedy)}.`,
        confidence,
        verdict: 'blocked' as const,
        checks: [],
      })),
    );
  }

  /** With an unknown version every variant is an alternative; a site that mixes them is none of its versions. */
  #mixed(): Finding[] {
    return [...this.#readings].flatMap(([target, readings]): Finding[] => {
      const conflict = conflictOf(readings);
      if (conflict === undefined) return [];
      const told = conflict.map(({ address, ranges }) => `${address} is answered as by ${ranges.join(' or ')}`);
      return [
        {
          id: 'mixed-versions',
          target,
          title: `The version of the target is not known, and its answers belong to versions that exclude each other: ${told.join('; ')}`,
          remedy:
            'Set version in the target file, so that only its variants count. If none fits, something answers in the place of the module: a patch, a proxy, or several servers with different versions.',
          confidence: 'likely',
          verdict: this.#strict ? 'fail' : 'warn',
          checks: [],
        },
      ];
    });
  }

  #slow(): Finding[] {
    return [...this.#answeredAlone].map(([target, count]) => ({
      id: 'slow-together',
      target,
      title: `${count === 1 ? 'A request' : `${count} requests`} timed out beside others, and ${count === 1 ? 'was' : 'were'} answered when asked again alone: the site is slow with several at a time`,
      remedy:
        'Lower limits.concurrency (1 suits a single PHP worker) or raise limits.timeoutSeconds in the target file; give the site more PHP workers.',
      confidence: 'certain',
      verdict: 'warn',
      checks: [],
    }));
  }

  #grouped(): Finding[] {
    const samples = this.#samples.toSorted((a, b) => a.order - b.order);
    return [...groupBy(samples, ({ target }) => target)].flatMap(([target, own]) => {
      const successStatus = own.filter(isStatusOfRefusal);
      const rest = own.filter((sample) => !isStatusOfRefusal(sample));
      return [...refusalsWithSuccessStatus(successStatus), ...commonDifferences(rest)].map((finding) => ({ ...finding, target }));
    });
  }
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Findings that fail although no check does. */
export function failedAlone(findings: readonly Finding[]): number {
  return findings.filter(({ id, verdict }) => id === 'mixed-versions' && verdict === 'fail').length;
}

function isStatusOfRefusal(sample: Sample): boolean {
  return (
    sample.refusedWithSuccessStatus && sample.check.mismatches.length > 0 && sample.check.mismatches.every(({ at }) => at === 'status')
  );
}

/** An error envelope in the body: miniOrange's status/error fields, or a code of 400 and more. */
function looksLikeRefusal(body: string | undefined): boolean {
  if (body === undefined) return false;
  try {
    const value = parseShallowJson(body);
    if (typeof value !== 'object' || value === null) return false;
    const fields = value as Record<string, unknown>;
    return fields['status'] === 'error' || typeof fields['error'] === 'string' || Number(fields['http_code'] ?? fields['code']) >= 400;
  } catch {
    return false;
  }
}

function refusalsWithSuccessStatus(samples: readonly Sample[]): Finding[] {
  if (samples.length < 2) return [];
  return [
    {
      id: 'refusals-with-success-status',
      title: `${samples.length} refusals are right in their body, but their status line says success`,
      remedy:
        'Set output_buffering = 4096 in php.ini, so that the module can set the status after it has printed; versions before 2.0.13 never set it: upgrade. Where other refusals of this run have the right status, neither is the cause.',
      confidence: 'likely',
      verdict: worstOf(samples),
      checks: samples.map(({ address }) => address),
    },
  ];
}

const fewestForAGroup = 3;

/** The same difference at the same place in several cases: the first is left to be told in full, the others are explained by it. */
function commonDifferences(samples: readonly Sample[]): Finding[] {
  const groups = groupBy(samples, differenceKey);
  return [...groups.entries()].flatMap(([key, members]) => {
    const [first, ...others] = members;
    const mismatch = first?.check.mismatches[0];
    if (key === '' || mismatch === undefined || members.length < fewestForAGroup) return [];
    return [
      {
        id: `same-difference:${mismatch.at}`,
        title: `${others.length} more checks differ like ${first?.address}: ${mismatch.at} is ${mismatch.actual}, expected ${mismatch.expected}`,
        confidence: 'certain' as const,
        verdict: worstOf(members),
        checks: others.map(({ address }) => address),
      },
    ];
  });
}

function differenceKey({ check }: Sample): string {
  const [only, ...others] = check.mismatches;
  return only === undefined || others.length > 0 ? '' : `${check.verdict}\n${only.at}\n${only.expected}\n${only.actual}`;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function worstOf(samples: readonly Sample[]) {
  return samples.map(({ check }) => check.verdict).reduce(worse);
}
