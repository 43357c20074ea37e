/**
 * Counts the failed logins that a run costs, so that it never locks an account or an address out (Drupal's flood control: by default 5 failures for an
 * account in 6 hours, 50 for an address in an hour).
 *
 * @module
 */
import { isLoopback } from './connect.ts';

export interface LoginCost {
  readonly failedLogins: number;
  /** The account that the logins fail for; absent for an unknown or generated one, which costs budget of the address only. */
  readonly identity?: string;
}

export type Charge = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const defaultPerIdentity = 4;
/** What an address may cost for each login that an identity may. */
const addressFactor = 10;

/** Budget of one run against one target. Charging in the same order gives the same answers. */
export class LoginBudget {
  readonly #perIdentity: number;
  readonly #perAddress: number;
  readonly #spent = new Map<string, number>();
  #spentByAddress = 0;

  /**
   * @param target `loginBudget`: failed logins allowed per identity; default 4, on loopback without limit. All identities together, the unknown ones included,
   *   may cost ten times as many (40).
   */
  constructor(target: { readonly baseUrl: string; readonly loginBudget?: number | undefined }) {
    const fallback = isLoopback(new URL(target.baseUrl)) ? Number.POSITIVE_INFINITY : defaultPerIdentity;
    this.#perIdentity = target.loginBudget ?? fallback;
    this.#perAddress = this.#perIdentity * addressFactor;
  }

  /** Takes the whole cost, or nothing and says why. */
  charge({ failedLogins, identity }: LoginCost): Charge {
    if (failedLogins <= 0) return { ok: true };
    const spent = identity === undefined ? 0 : (this.#spent.get(identity) ?? 0);
    if (identity !== undefined && spent + failedLogins > this.#perIdentity) {
      return refuse(`would cost ${logins(failedLogins)} of ${identity}, ${spent} of ${this.#perIdentity} are spent`, spent + failedLogins);
    }
    if (this.#spentByAddress + failedLogins > this.#perAddress) {
      const needed = Math.ceil((this.#spentByAddress + failedLogins) / addressFactor);
      return refuse(
        `would cost ${logins(failedLogins)} from this address, ${this.#spentByAddress} of ${this.#perAddress} are spent`,
        needed,
      );
    }
    if (identity !== undefined) this.#spent.set(identity, spent + failedLogins);
    this.#spentByAddress += failedLogins;
    return { ok: true };
  }
}

function refuse(fact: string, needed: number): Charge {
  return { ok: false, reason: `${fact}; set limits.loginBudget to ${needed} or more if the site's flood control allows it` };
}

function logins(count: number): string {
  return count === 1 ? '1 failed login' : `${count} failed logins`;
}
