/**
 * What the suite sends itself: its wrong values are made of the right ones, and put into base64 inside base64. Everything in a report that reads as base64 is
 * decoded, three times over, and no secret of the target may come to light. Shares no code with the masking.
 */
import { describe, expect, it } from 'vitest';
import { createDrupalMock, type DrupalMock } from '../../mock-server/index.ts';
import { run } from '../../src/index.ts';

type MockTarget = ReturnType<DrupalMock['target']>;

/** Shorter ones are masked by field, and occur in other words. */
const shortest = 8;

function secretsOf({ users = {}, clients = {} }: MockTarget): string[] {
  const all = [
    ...Object.values(users).map(({ password }) => password),
    ...Object.values(clients).flatMap(({ secret, apiKey }) => [secret, apiKey]),
  ];
  return [...new Set(all)].filter((one): one is string => one !== undefined && one.length >= shortest);
}

function findDecoded(text: string, secrets: readonly string[], depth = 0): string[] {
  const here = secrets.filter((secret) => text.includes(secret)).map((secret) => `${secret} after ${depth} times`);
  if (depth === 3) return here;
  const runs = [...text.matchAll(/[A-Za-z0-9+/_-]{12,}/g)].flatMap(([letters]) =>
    [0, 1, 2, 3].map((skipped) => Buffer.from(letters.slice(skipped), 'base64').toString('latin1')),
  );
  return [...here, ...runs.filter((one) => /[ -~]{8}/.test(one)).flatMap((one) => findDecoded(one, secrets, depth + 1))];
}

describe('a report on the mock', () => {
  it.each(['miniorange/basic', 'miniorange/api-key', 'miniorange/jwt', 'oauth-server', 'oauth2'])(
    'of %s holds none of its secrets, however often they are put into base64',
    async (profile) => {
      const mock = createDrupalMock({ profile });
      const { url } = await mock.listen();
      try {
        const target = { ...mock.target(), baseUrl: url };
        const found = new Set<string>();
        let cases = 0;
        for await (const record of run({ target })) {
          if (record.type === 'case' && record.steps.length > 0) cases += 1;
          for (const one of findDecoded(JSON.stringify(record), secretsOf(target))) found.add(one);
        }
        expect([...found]).toEqual([]);
        expect(cases).toBeGreaterThan(20);
      } finally {
        await mock.close();
      }
    },
  );
});
