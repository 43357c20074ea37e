import { describe, expect, it } from 'vitest';
import { createFakes } from './fake.ts';
import { fakeKinds } from './variables.ts';

describe('createFakes', () => {
  it('gives the same values for the same seed and case, in whatever order they are asked for', async () => {
    const [first, second] = await Promise.all([createFakes(1, 'a/b'), createFakes(1, 'a/b')]);
    const names = [...fakeKinds, 'password.second'];
    const values = names.map((name) => first(name));
    const others = await createFakes(2, 'a/b');
    const backwards = names.toReversed().map((name) => {
      others('token');
      return second(name);
    });
    expect(backwards.toReversed()).toEqual(values);
  });

  it('gives other values for another seed, case or label', async () => {
    const lookups = await Promise.all([createFakes(1, 'a'), createFakes(2, 'a'), createFakes(1, 'b')]);
    const values = [...lookups.map((lookup) => lookup('password')), lookups[0]?.('password.second')];
    expect(new Set(values).size).toBe(4);
  });

  it('makes values that surely belong to nobody', async () => {
    const fakes = await createFakes(7, 'a');
    expect(fakes('password')).toMatch(/^\w{24}$/);
    expect(fakes('username')).toMatch(/^[a-z0-9_]+_\d{8}$/);
    expect(fakes('token')).toMatch(/^[A-Za-z0-9]{64}$/);
    expect(fakes('clientId')).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(fakes('uuid')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(fakes('email')).toMatch(/^[^@\s]+@example\.org$/);
    expect(fakes('integer')).toSatisfy((value: number) => Number.isInteger(value) && value >= 1_000_000_000 && value < 2 ** 31);
    expect(fakes('word')).toMatch(/^[a-z-]+$/);
  });

  it('knows no other kind', async () => {
    expect((await createFakes(1, 'a'))('shoe')).toBeUndefined();
  });
});
