/**
 * An upgrade seen through two reports: Simple OAuth 5.2.2 to 6.0.9, both imitated. What the comparison says is what recordings of real sites of
 * both versions show (`suites/fidelity`).
 */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDrupalMock, readSiteFile } from '../../mock-server/index.ts';
import { compare, digestRun, type Comparison } from '../../src/compare/compare.ts';
import { run, type TargetFile } from '../../src/index.ts';

const select = ['simple-oauth/token-response', 'simple-oauth/token-errors', 'simple-oauth/token-endpoint', 'simple-oauth/bearer'];

async function reportOf(site: 'so522' | 'so609', version: string) {
  const file = await readSiteFile(fileURLToPath(new URL(`../fidelity/sites/${site}.yaml`, import.meta.url)));
  await using mock = createDrupalMock({ profile: 'simple-oauth', site: file });
  const { url } = await mock.listen();
  const target: TargetFile = {
    name: site,
    profile: 'simple-oauth',
    version,
    baseUrl: url,
    clients: { main: { id: 'lab-cc', secret: 'lab-cc-secret', actsAs: 2, scope: 'api_user' } },
    users: { main: { name: 'api_user', id: 2 } },
  };
  return await digestRun(run({ target, select }));
}

let comparison: Comparison;
beforeAll(async () => {
  comparison = compare(await reportOf('so522', '5.2.2'), await reportOf('so609', '6.0.9'));
}, 120_000);

const find = (fact: string) => comparison.changed.filter((change) => change.fact === fact);

describe('Simple OAuth 5.2.2 to 6.0.9', () => {
  it('breaks nothing and fixes nothing: each version is measured by its own behaviour', () => {
    expect(comparison.broken.map(({ address, checks }) => ({ address, checks }))).toEqual([]);
    expect(comparison.fixed).toEqual([]);
  });

  it('drops the member message from errors', () => {
    expect(find('type /message').some(({ before, after }) => before === 'string' && after === undefined)).toBe(true);
  });

  it('adds a challenge to refused bearer tokens', () => {
    const added = find('header www-authenticate').filter(({ before }) => before === undefined);
    expect(added.some(({ after }) => after?.startsWith('Bearer realm="OAuth", error="access_denied"'))).toBe(true);
    expect(added[0]?.affects).toContain('challenge');
  });

  it('renames the error of a missing grant type', () => {
    const renamed = find('text /error').map(({ before, after }) => `${before} → ${after}`);
    expect(renamed).toContain('invalid_grant → unsupported_grant_type');
  });

  it('answers a missing secret with 400 instead of 401', () => {
    expect(find('status').map(({ before, after }) => `${before} → ${after}`)).toContain('401 → 400');
  });

  it('names the consumer in a header', () => {
    expect(find('header x-consumer-id').some(({ before, after }) => before === undefined && after !== undefined)).toBe(true);
  });
});
