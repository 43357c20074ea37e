/**
 * More people for a site, by seeded Faker: names as they are in the world, with accents, apostrophes and blanks. Loaded only when
 * asked for.
 *
 * @module
 */
import type { SiteFile } from './site-file.ts';

/** A copy of the site with `count` more users of the role `api_user`; the same seed gives the same people. */
export async function withPeople(file: SiteFile, count: number, seed: number = file.seed ?? 1): Promise<SiteFile> {
  const { Faker, en, de, fr, tr, base } = await import('@faker-js/faker');
  const faker = new Faker({ locale: [en, base], seed });
  const worldly = [
    new Faker({ locale: [de, en, base], seed }),
    new Faker({ locale: [fr, en, base], seed }),
    new Faker({ locale: [tr, en, base], seed }),
  ];
  const users = [...(file.users ?? [])];
  const taken = new Set(users.map(({ name }) => name.toLowerCase()));
  let id = users.reduce((highest, user) => Math.max(highest, user.id), 1);
  while (users.length < (file.users ?? []).length + count) {
    const source = worldly[users.length % worldly.length] ?? faker;
    const name = source.person.fullName();
    if (taken.has(name.toLowerCase())) continue;
    taken.add(name.toLowerCase());
    id += 1;
    const role = file.roles?.['api_user'] === undefined ? {} : { roles: ['api_user'] };
    users.push({
      id,
      uuid: faker.string.uuid(),
      name,
      mail: `user${id}@example.com`,
      password: faker.internet.password({ length: 16 }),
      ...role,
    });
  }
  return { ...file, users };
}
