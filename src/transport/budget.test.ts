import { describe, expect, it } from 'vitest';
import { LoginBudget } from './budget.ts';

const remote = { baseUrl: 'https://staging.example.org/drupal' };

function charges(budget: LoginBudget, ...identities: (string | undefined)[]): boolean[] {
  return identities.map((identity) => budget.charge(identity === undefined ? { failedLogins: 1 } : { failedLogins: 1, identity }).ok);
}

describe('the login budget', () => {
  it('allows four failed logins an identity', () => {
    expect(charges(new LoginBudget(remote), 'a', 'a', 'a', 'a', 'a', 'b')).toEqual([true, true, true, true, false, true]);
  });

  it('allows forty from the address, unknown identities included', () => {
    const budget = new LoginBudget(remote);
    const unknown = charges(budget, ...Array.from({ length: 41 }, () => undefined));
    expect(unknown.indexOf(false)).toBe(40);
    expect(charges(budget, 'a')).toEqual([false]);
  });

  it('takes the whole cost or nothing', () => {
    const budget = new LoginBudget(remote);
    expect(budget.charge({ failedLogins: 3, identity: 'a' }).ok).toBe(true);
    expect(budget.charge({ failedLogins: 2, identity: 'a' }).ok).toBe(false);
    expect(budget.charge({ failedLogins: 1, identity: 'a' }).ok).toBe(true);
  });

  it('has no limit on loopback', () => {
    for (const baseUrl of [
      'http://127.0.0.1:8080',
      'http://localhost',
      'http://[::1]:3000/x',
      'http://127.1.2.3',
      'http://api.localhost',
    ]) {
      expect(charges(new LoginBudget({ baseUrl }), ...Array.from({ length: 200 }, () => 'a')).every(Boolean)).toBe(true);
    }
  });

  it('keeps to a budget that is set, also on loopback', () => {
    expect(charges(new LoginBudget({ baseUrl: 'http://localhost', loginBudget: 1 }), 'a', 'a')).toEqual([true, false]);
    expect(charges(new LoginBudget({ ...remote, loginBudget: 0 }), 'a', undefined)).toEqual([false, false]);
    expect(charges(new LoginBudget({ ...remote, loginBudget: 0 }))).toEqual([]);
  });

  it('costs nothing where nothing fails', () => {
    expect(new LoginBudget({ ...remote, loginBudget: 0 }).charge({ failedLogins: 0, identity: 'a' })).toEqual({ ok: true });
  });

  it('says which key to set, and to what', () => {
    const budget = new LoginBudget(remote);
    budget.charge({ failedLogins: 4, identity: 'users.main.name' });
    expect(budget.charge({ failedLogins: 1, identity: 'users.main.name' })).toEqual({
      ok: false,
      reason:
        "would cost 1 failed login of users.main.name, 4 of 4 are spent; set limits.loginBudget to 5 or more if the site's flood control allows it",
    });
    expect(budget.charge({ failedLogins: 37 })).toEqual({
      ok: false,
      reason:
        "would cost 37 failed logins from this address, 4 of 40 are spent; set limits.loginBudget to 5 or more if the site's flood control allows it",
    });
  });
});
