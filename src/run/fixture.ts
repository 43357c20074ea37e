/**
 * Fixtures: preparations that many cases share, done once per run, or per case when asked for fresh.
 *
 * @module
 */
import type { Fixture, GivenFixture } from '../model/catalogue.ts';
import type { RecordedStep } from '../model/record.ts';
import type { Answer } from '../judge/answer.ts';
import type { Issue } from './scope.ts';

export interface FixtureResult {
  readonly captures: ReadonlyMap<string, unknown>;
  readonly answer: Answer | undefined;
  readonly issue: Issue | undefined;
  readonly steps: readonly RecordedStep[];
  /** Why it yielded nothing: one sentence. */
  readonly failure?: string;
}

/**
 * Keeps what shared fixtures have yielded; the first case that asks does the work, and carries it in its record. A token of which half the lifetime has gone is
 * obtained anew, so that a long run on a slow site does not end with tokens that have expired on the way.
 */
export class FixtureStore {
  readonly #shared = new Map<string, Promise<FixtureResult>>();
  readonly #shares: boolean;
  readonly #nowMs: () => number;

  /**
   * @param shares false where nothing can be shared, so that every case gets its own.
   * @param nowMs time on the site, as tokens are issued by it.
   */
  constructor(shares = true, nowMs: () => number = () => 0) {
    this.#shares = shares;
    this.#nowMs = nowMs;
  }

  async obtain(
    given: GivenFixture,
    fixture: Fixture,
    prepare: (fixture: Fixture) => Promise<FixtureResult>,
  ): Promise<{ result: FixtureResult; first: boolean }> {
    if (given.fresh || !this.#shares) return { result: await prepare(fixture), first: true };
    const known = this.#shared.get(given.fixture);
    if (known !== undefined) {
      const result = await known;
      if (!this.#isHalfSpent(result)) return { result, first: false };
      const renewed = this.#shared.get(given.fixture);
      if (renewed !== undefined && renewed !== known) return { result: await renewed, first: false };
    }
    const preparing = prepare(fixture);
    this.#shared.set(given.fixture, preparing);
    return { result: await preparing, first: true };
  }

  #isHalfSpent({ issue }: FixtureResult): boolean {
    if (issue?.lifetimeSeconds === undefined) return false;
    return this.#nowMs() - issue.issuedMs > (issue.lifetimeSeconds * 1000) / 2;
  }
}
