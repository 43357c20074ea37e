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

/** Keeps what shared fixtures have yielded; the first case that asks does the work, and carries it in its record. */
export class FixtureStore {
  readonly #shared = new Map<string, Promise<FixtureResult>>();
  readonly #shares: boolean;

  /** @param shares false where nothing can be shared, so that every case gets its own. */
  constructor(shares = true) {
    this.#shares = shares;
  }

  async obtain(
    given: GivenFixture,
    fixture: Fixture,
    prepare: (fixture: Fixture) => Promise<FixtureResult>,
  ): Promise<{ result: FixtureResult; first: boolean }> {
    if (given.fresh || !this.#shares) return { result: await prepare(fixture), first: true };
    const known = this.#shared.get(given.fixture);
    if (known !== undefined) return { result: await known, first: false };
    const preparing = prepare(fixture);
    this.#shared.set(given.fixture, preparing);
    return { result: await preparing, first: true };
  }
}
