/**
 * The profile of advisories against mock sites of the recorded versions: each verdict is the one that the version deserves, and nothing is sent that
 * could change a site or that belongs to an advisory which is never probed.
 */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createDrupalMock, readSiteFile } from '../../mock-server/index.ts';
import type { CaseRecord } from '../../src/model/record.ts';
import type { Target } from '../../src/model/target.ts';
import { Vault } from '../../src/redact/vault.ts';
import { createEffects } from '../../src/run/effects.ts';
import { run } from '../../src/run/run.ts';
import { loadShipped } from '../../src/spec/catalogue.ts';

const catalogue = await loadShipped();
const cases = catalogue.cases.filter(({ profile }) => profile === 'advisories');

async function judge(site: string, product: string, change: Partial<Target> = {}) {
  const file = await readSiteFile(fileURLToPath(new URL(`../fidelity/sites/${site}.yaml`, import.meta.url)));
  await using mock = createDrupalMock({ profile: product, site: file, journal: true });
  await mock.listen({ port: 0 });
  const { profile: _, ...known } = mock.target(product);
  const target: Target = { ...known, name: site, profiles: [product, 'jsonapi', 'advisories'], ...change };
  const records: CaseRecord[] = [];
  const options = {
    catalogue,
    cases,
    targets: [target],
    selectors: [],
    suite: { name: 's', version: '1' },
    seed: 1,
    strict: false,
    readOnly: true,
    repeat: 1,
    bail: false,
    maxWaitSeconds: 0,
    signal: new AbortController().signal,
  };
  for await (const record of run(options, createEffects(new Vault(), { env: {} }))) if (record.type === 'case') records.push(record);
  const sent = records.flatMap(({ steps }) => steps.flatMap(({ exchanges }) => exchanges.map(({ request }) => request)));
  const verdicts = Object.fromEntries(records.map(({ address, verdict }) => [address.replace('advisories/', ''), verdict]));
  return { records, verdicts, sent };
}

describe('advisories', () => {
  it('finds miniOrange 2.1.0 open to another order of parameters, and its blocked users refused', async () => {
    const { verdicts } = await judge('mo210', 'miniorange/basic');
    expect(verdicts).toMatchObject({
      'rest-api-authentication/query-order/parameter-before': 'fail',
      'rest-api-authentication/query-order/encoded-name': 'fail',
      'rest-api-authentication/blocked-user': 'pass',
      'rest-api-authentication/ungated-forms/entry-point': 'warn',
    });
    expect(Object.keys(verdicts).filter((address) => address.startsWith('simple-oauth/'))).toEqual([]);
  });

  it('finds miniOrange 8.x-1.13 open to blocked users too', async () => {
    const { verdicts } = await judge('mo113', 'miniorange/basic');
    expect(verdicts).toMatchObject({
      'rest-api-authentication/blocked-user': 'fail',
      'rest-api-authentication/query-order/parameter-before': 'fail',
    });
  });

  it.each([
    ['so609', '6.0.9', { 'sa-contrib-2026-296': 'fail', 'sa-contrib-2025-114': 'pass', 'sa-contrib-2022-002': 'pass' }],
    ['so609', '6.0.10', { 'sa-contrib-2026-296': 'pass', 'sa-contrib-2025-114': 'pass' }],
    ['so609', '6.0.6', { 'sa-contrib-2026-296': 'fail', 'sa-contrib-2025-114': 'fail' }],
    ['so609', '6.1.3', { 'sa-contrib-2026-296': 'fail', 'sa-contrib-2025-114': 'pass' }],
    ['so609', '6.1.4', { 'sa-contrib-2026-296': 'pass' }],
    ['so522', '5.2.2', { 'sa-contrib-2026-296': 'fail', 'sa-contrib-2025-114': 'pass', 'sa-contrib-2022-002': 'pass' }],
    ['so522', '5.2.6', { 'sa-contrib-2026-296': 'pass' }],
    ['so522', '5.0.5', { 'sa-contrib-2022-002': 'fail' }],
    ['so522', '8.x-4.5', { 'sa-contrib-2022-002': 'fail' }],
    ['so522', '8.x-4.6', { 'sa-contrib-2022-002': 'pass' }],
  ])('judges Simple OAuth %s by its declared version %s', async (site, version, expected) => {
    const { verdicts } = await judge(site, 'simple-oauth', { version });
    for (const [name, verdict] of Object.entries(expected)) expect(verdicts[`simple-oauth/${name}`], name).toBe(verdict);
  });

  it.each([
    ['10.5.5', 'fail', 'fail'],
    ['10.5.6', 'pass', 'fail'],
    ['10.5.12', 'pass', 'pass'],
    ['11.1.9', 'pass', undefined],
    ['11.2.14', 'pass', 'pass'],
    ['11.3.11', 'pass', 'fail'],
    ['12.0.0', 'pass', 'pass'],
    ['9.5.11', 'fail', 'fail'],
  ])('judges core %s', async (drupal, cache, upload) => {
    const { verdicts } = await judge('so609', 'simple-oauth', { drupal });
    expect([verdicts['core/sa-core-2025-008'], verdicts['core/sa-core-2026-009']]).toEqual([cache, upload]);
  });

  it.each([
    ['nothing', undefined, /^the target file has no version$/],
    ['only the major version', '6.x', /version "6\.x" of the target file is too coarse to tell/],
  ])('cannot tell when the target file declares %s, and says what would', async (_, version, reason) => {
    const { version: none, ...rest } = { version };
    const { records } = await judge(
      'so609',
      'simple-oauth',
      none === undefined ? ({ ...rest, version: undefined } as never) : { version: none },
    );
    const record = records.find(({ address }) => address === 'advisories/simple-oauth/sa-contrib-2026-296');
    expect(record?.verdict).toBe('skipped');
    expect(record?.reason).toMatch(reason);
  });

  it('sends reads and token requests only, and none for what is decided by the version', async () => {
    for (const [site, product] of [
      ['mo210', 'miniorange/api-key'],
      ['so609', 'simple-oauth'],
    ] as const) {
      const { records, sent } = await judge(site, product);
      expect(sent.filter(({ method, url }) => method !== 'GET' && !(method === 'POST' && url.endsWith('/oauth/token')))).toEqual([]);
      for (const { steps } of records.filter(({ address }) => /sa-core-20(20|22|25|26)/.test(address)))
        expect(steps.flatMap(({ exchanges }) => exchanges)).toEqual([]);
    }
  });

  it('names a fixed version or a remedy in the title of every advisory', () => {
    for (const { title, clauses } of cases.filter((one) => one.clauses[0]?.startsWith('advisories/'))) {
      expect(title, title).toMatch(/\d+\.\d+/);
      expect(catalogue.clauses[clauses[0] ?? '']?.url).toMatch(/^https:\/\/www\.(drupal|cve)\.org\//);
    }
  });
});
