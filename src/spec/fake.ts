/**
 * Made-up values, `${fake.KIND}`: plausible, surely not those of a real account, and the same for the same seed in whatever order cases run.
 *
 * @module
 */
import { createRandom, seedFrom } from '../support/random.ts';
import { fakeKinds, type FakeKind, type Lookup } from './variables.ts';

/**
 * Gives the values of one case: by name without `fake.`, e.g. `password` or `password.second`; undefined for another name. Faker is loaded
 * on the first call of this function.
 */
export async function createFakes(seed: number, address: string): Promise<Lookup> {
  const { faker } = await import('@faker-js/faker/locale/en');
  const makers: Readonly<Record<FakeKind, () => string | number>> = {
    password: () => faker.internet.password({ length: 24 }),
    username: () =>
      `${faker.internet
        .username()
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, '_')}_${faker.string.numeric(8)}`,
    token: () => faker.string.alphanumeric(64),
    word: () => faker.word.noun(),
    uuid: () => faker.string.uuid(),
    email: () => faker.internet.email({ provider: 'example.org' }).toLowerCase(),
    clientId: () => faker.string.alphanumeric(32),
    integer: () => faker.number.int({ min: 1_000_000_000, max: 2_000_000_000 }),
  };
  return (name) => {
    const kind = fakeKinds.find((one) => one === name.split('.', 1)[0]);
    if (kind === undefined) return undefined;
    // Each value has a sequence of its own, so that neither order nor number of the others changes it.
    faker.seed(createRandom(seedFrom(seed, address, name)).integer(0, 2 ** 31 - 1));
    return makers[kind]();
  };
}
