/**
 * Whether the right credentials still work: a target that locks a client or an account after wrong ones refuses everything from then on, and that is no
 * failure of the cases that come later.
 *
 * @module
 */
import { credentialsLost, reasonOf } from '../judge/lock-out.ts';

export class Standing {
  readonly #stillWorks: () => Promise<boolean>;
  #asking: Promise<boolean> | undefined;
  /** Why nothing more can be tested; undefined as long as the credentials work. */
  lost: string | undefined;

  /** @param stillWorks repeats the request that worked before the cases. */
  constructor(stillWorks: () => Promise<boolean>) {
    this.#stillWorks = stillWorks;
  }

  /** Asks, once for all who want to know at the same time. Resolves to why nothing more can be tested. */
  async check(): Promise<string | undefined> {
    if (this.lost !== undefined) return this.lost;
    this.#asking ??= this.#stillWorks().finally(() => {
      this.#asking = undefined;
    });
    if (!(await this.#asking)) this.lost = reasonOf(credentialsLost);
    return this.lost;
  }
}
