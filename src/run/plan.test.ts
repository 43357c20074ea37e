import { describe, expect, it } from 'vitest';
import type { CatalogueCase, Profile } from '../model/catalogue.ts';
import type { Target } from '../model/target.ts';
import { LoginBudget } from '../transport/budget.ts';
import { planCases, profileOn } from './plan.ts';

const profile = { name: 'p', requires: [], paths: { token: '/t' } } as unknown as Profile;
const target: Target = { name: 't', profiles: ['p'], baseUrl: 'http://127.0.0.1', users: { main: { name: 'ada', id: 2 } } };

function one(name: string, more: Partial<CatalogueCase> = {}): CatalogueCase {
  return {
    address: `p/f/${name}`,
    profile: 'p',
    file: 'f.yaml',
    line: 1,
    title: name,
    see: [],
    clauses: ['d/c'],
    given: [],
    exclusive: false,
    writes: false,
    priority: 5,
    needs: [],
    steps: [],
    ...more,
  };
}

function skips(cases: CatalogueCase[], options: { readOnly?: boolean; loginBudget?: number } = {}, given = target) {
  const budget = new LoginBudget({ baseUrl: given.baseUrl, loginBudget: options.loginBudget });
  const planned = planCases(cases, profile, given, { readOnly: options.readOnly ?? false, budget });
  return Object.fromEntries(planned.map(({ case: { title }, skip }) => [title, skip]));
}

describe('what is left out', () => {
  it('names the keys that the target file lacks', () => {
    expect(skips([one('a', { needs: ['users.main.id', 'users.other.id', 'clients.main.id'] })])).toEqual({
      a: 'the target file has no users.other.id, clients.main.id',
    });
  });

  it('names only the keys of the profile when those are missing', () => {
    const needy = { ...profile, requires: ['clients.main.id'] } as Profile;
    const budget = new LoginBudget({ baseUrl: target.baseUrl });
    const [planned] = planCases([one('a', { needs: ['users.other.id'] })], needy, target, { readOnly: false, budget });
    expect(planned?.skip).toBe('the target file has no clients.main.id, which every case of p needs');
  });

  it('says what opens a surface where the target has no product that does', () => {
    const surface = { ...profile, requires: ['clients.main.id'], openedBy: ['simple-oauth', 'miniorange/oauth'] } as unknown as Profile;
    const budget = new LoginBudget({ baseUrl: target.baseUrl });
    const skip = (profiles: string[]) => planCases([one('a')], surface, { ...target, profiles }, { readOnly: false, budget })[0]?.skip;
    expect(skip(['p', 'miniorange/basic'])).toMatch(
      /^p is opened with a token, as simple-oauth or miniorange\/oauth issues it; the target has neither/,
    );
    expect(skip(['p', 'simple-oauth'])).toBe('the target file has no clients.main.id, which every case of p needs');
  });

  it('does not miss a path that the profile has', () => {
    expect(skips([one('a', { needs: ['paths.token'] }), one('b', { needs: ['paths.revoke'] })])).toEqual({
      a: undefined,
      b: 'the target file has no paths.revoke',
    });
  });

  it('leaves out writing cases on a read-only run, by flag or by target', () => {
    const cases = [one('a', { writes: true })];
    expect(skips(cases, { readOnly: true })['a']).toContain('read-only');
    expect(skips(cases, {}, { ...target, limits: { readOnly: true } })['a']).toContain('read-only');
    expect(skips(cases)['a']).toBeUndefined();
  });

  it('does not list a case about another version, and keeps it when the version is unknown', () => {
    const cases = [one('a', { when: { version: '>=6' } })];
    expect(Object.keys(skips(cases, {}, { ...target, version: '5.2.2' }))).toEqual([]);
    expect(Object.keys(skips(cases, {}, { ...target, version: '6.0.9' }))).toEqual(['a']);
    expect(Object.keys(skips(cases))).toEqual(['a']);
  });
});

describe('the login budget', () => {
  const costly = (name: string, priority = 5) => one(name, { priority, cost: { failedLogins: 1, identity: 'users.main.name' } });

  it('is spent by priority, then by address, whatever the order of the cases', () => {
    const cases = [costly('c'), costly('b'), costly('a', 9), costly('d', 1)];
    const expected = { a: false, b: true, c: false, d: true };
    for (const order of [cases, cases.toReversed()]) {
      const plan = skips(order, { loginBudget: 2 });
      expect(Object.fromEntries(Object.keys(expected).map((name) => [name, plan[name] === undefined]))).toEqual(expected);
    }
    expect(skips(cases, { loginBudget: 2 })['a']).toContain('limits.loginBudget');
  });

  it('charges generated identities to the address only', () => {
    const anonymous = (name: string) => one(name, { cost: { failedLogins: 1 } });
    const cases = [costly('a'), ...Array.from({ length: 10 }, (_, index) => anonymous(`x${index}`))];
    const plan = skips(cases, { loginBudget: 1 });
    expect(plan['a']).toBeUndefined();
    expect(plan['x8']).toBeUndefined();
    expect(plan['x9']).toContain('limits.loginBudget');
  });

  it('is not charged for a case that is skipped anyway', () => {
    const missing = one('a', { needs: ['users.other.id'], cost: { failedLogins: 1, identity: 'users.main.name' } });
    expect(skips([missing, costly('b')], { loginBudget: 1 })['b']).toBeUndefined();
  });
});

describe('a surface', () => {
  const token = { name: 'token', given: [], steps: [] };
  const product = { name: 'product', paths: { token: '/own' }, fixtures: { token } } as unknown as Profile;
  const surface = {
    name: 's',
    paths: { token: '/oauth/token', a: '/a' },
    fixtures: { other: token },
    openedBy: ['product'],
  } as unknown as Profile;

  it('takes paths and token of the product that is tested on the same target, and of no other', () => {
    const profiles = { product, s: surface };
    const on = (...names: string[]) => profileOn({ ...target, profiles: names }, 's', profiles);
    expect(on('product', 's')).toMatchObject({ paths: { token: '/own', a: '/a' }, fixtures: { other: token, token } });
    expect(on('s')).toBe(surface);
    expect(on('p', 's')).toBe(surface);
    expect(profileOn(target, 'unknown', profiles)).toBeUndefined();
  });
});
