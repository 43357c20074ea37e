/**
 * Waivers excuse observed failures; they never hide them.
 *
 * @module
 */
import picomatch from 'picomatch';
import type { CaseRecord, Finding, JudgedCheck, RecordedStep } from '../model/record.ts';
import type { Target } from '../model/target.ts';

type Waiver = NonNullable<Target['waivers']>[number];

export class Waivers {
  readonly #waivers: readonly { readonly waiver: Waiver; readonly covers: (address: string) => boolean; used: boolean }[];
  readonly #today: string;

  constructor(waivers: readonly Waiver[], today: Date) {
    this.#today = today.toISOString().slice(0, 10);
    this.#waivers = waivers.map((waiver) => ({ waiver, covers: picomatch(waiver.check), used: false }));
  }

  /** Marks the failed checks that a waiver in force covers. */
  apply(record: CaseRecord): CaseRecord {
    if (this.#waivers.length === 0 || record.verdict !== 'fail') return record;
    return {
      ...record,
      steps: record.steps.map((step): RecordedStep => ({ ...step, checks: step.checks.map((check) => this.#mark(record, check)) })),
    };
  }

  #mark(record: CaseRecord, check: JudgedCheck): JudgedCheck {
    if (check.verdict !== 'fail') return check;
    const address = `${record.address}#${check.name}`;
    const entry = this.#waivers.find(
      ({ waiver, covers }) =>
        waiver.expires >= this.#today && covers(address) && (waiver.fingerprint === undefined || waiver.fingerprint === check.fingerprint),
    );
    if (entry === undefined) return check;
    entry.used = true;
    const { reason, expires, link } = entry.waiver;
    return { ...check, waived: { reason, expires, ...(link === undefined ? {} : { link }) } };
  }

  /**
   * Waivers that have ended, or excused nothing.
   *
   * @param ranAll whether every case that a predicate covers was run; undefined after a run that cannot tell.
   */
  findings(ranAll?: (covers: (address: string) => boolean) => boolean): Finding[] {
    const stale = this.#waivers.filter(({ waiver, used }) => {
      if (waiver.expires < this.#today) return true;
      return !used && ranAll?.(picomatch(waiver.check.split('#', 1)[0] ?? '')) === true;
    });
    return stale.map(({ waiver }) => ({
      id: 'stale-waiver',
      title:
        waiver.expires < this.#today
          ? `the waiver for ${waiver.check} ended on ${waiver.expires}`
          : `the waiver for ${waiver.check} excuses nothing: no failure of that shape was seen`,
      remedy: waiver.expires < this.#today ? 'Remove it, or renew it with a new reason.' : 'Remove it, or draft a new one from this run.',
      confidence: 'certain' as const,
      verdict: 'warn' as const,
      checks: [waiver.check],
    }));
  }
}
