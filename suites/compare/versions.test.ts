/**
 * An upgrade seen through two reports of imitated sites: Simple OAuth 5.2.2 to 6.0.9, miniOrange 8.x-1.13 to 2.0.18 to 2.1.0. What the comparison says is
 * what recordings of real sites of these versions show (`suites/fidelity`).
 */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDrupalMock, readSiteFile } from '../../mock-server/index.ts';
import { compare, digestRun, type Comparison } from '../../src/compare/compare.ts';
import { run, type TargetFile } from '../../src/index.ts';

const select = ['simple-oauth/token-response', 'simple-oauth/token-errors', 'simple-oauth/token-endpoint', 'simple-oauth/bearer'];

async function simpleOauth(site: 'so522' | 'so609', version: string) {
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

describe('Simple OAuth 5.2.2 to 6.0.9', () => {
  let comparison: Comparison;
  beforeAll(async () => {
    comparison = compare(await simpleOauth('so522', '5.2.2'), await simpleOauth('so609', '6.0.9'));
  }, 120_000);

  const find = (fact: string) => comparison.changed.filter((change) => change.fact === fact);

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

type Method = 'basic' | 'api-key';

async function miniorange(site: 'mo113' | 'mo2018' | 'mo210', version: string, method: Method) {
  const file = await readSiteFile(fileURLToPath(new URL(`../fidelity/sites/${site}.yaml`, import.meta.url)));
  const product = file.products?.miniorange;
  if (product === undefined) throw new Error(`${site} has no miniOrange`);
  // From 2.1.0 an application has a method, before the site has one.
  const hasApplications = version === '2.1.0';
  const products = { ...file.products, miniorange: hasApplications ? product : { ...product, method } };
  await using mock = createDrupalMock({ profile: `miniorange/${method}`, site: { ...file, products } });
  const { url } = await mock.listen();
  const target: TargetFile = {
    name: site,
    profile: `miniorange/${method}`,
    version,
    baseUrl: url,
    clients: {
      main: {
        ...(hasApplications ? { applicationId: method === 'basic' ? 'ba51c0a1' : 'a9140001' } : {}),
        ...(method === 'api-key' ? { apiKey: String(product.apiKey) } : {}),
      },
    },
    users: {
      main: { name: 'api_user', password: 'api_user-pass-1', id: 2 },
      blocked: { name: 'blocked_user', password: 'blocked_user-pass-1' },
    },
  };
  return await digestRun(run({ target }));
}

/** `fact: before → after` of all changes whose fact matches. */
function lines({ changed }: Comparison, fact: RegExp): string[] {
  return changed
    .filter((change) => fact.test(change.fact))
    .map(({ fact: name, before, after }) => `${name}: ${before ?? '–'} → ${after ?? '–'}`);
}

/** Files of the cases in which anything changed. */
function filesOf({ changed }: Comparison): string[] {
  return [...new Set(changed.flatMap(({ seenIn }) => seenIn.map((place) => place.split('/')[2] ?? '')))].sort();
}

describe('miniOrange', () => {
  const methods = ['basic', 'api-key'] as const;
  const compared = {} as Record<Method, { earlier: Comparison; upgrade: Comparison }>;
  beforeAll(async () => {
    for (const method of methods) {
      const middle = await miniorange('mo2018', '2.0.18', method);
      compared[method] = {
        earlier: compare(await miniorange('mo113', '8.x-1.13', method), middle),
        upgrade: compare(middle, await miniorange('mo210', '2.1.0', method)),
      };
    }
  }, 240_000);

  it.each(methods)('by %s breaks nothing from 2.0.18 to 2.1.0, and judges what is new only where it is', (method) => {
    const { upgrade } = compared[method];
    expect([...upgrade.broken, ...upgrade.fixed, ...upgrade.stillFailing, ...upgrade.gone].map(({ address }) => address)).toEqual([]);
    // Before 2.1.0 characters outside base64 are left out of a key, so that nothing is asked about them there.
    expect(upgrade.new.map(({ address }) => address).filter((address) => !address.includes('/application-header/'))).toEqual(
      method === 'api-key' ? ['miniorange/api-key/refusals/malformed/sign-before'] : [],
    );
    // Without an application of its own the site of 2.1.0 cannot be asked about the default one.
    expect(new Set(upgrade.new.map(({ after }) => after))).toEqual(new Set(['pass', 'skipped']));
    expect(upgrade.unjudged.map(({ address, reason }) => `${address}: ${reason}`)).toEqual(
      method === 'basic'
        ? ['miniorange/basic/revoke/premium-feature/with-application: the target file has no clients.main.applicationId']
        : [],
    );
  });

  it.each(methods)('by %s refuses a request without a right application from 2.1.0 on, where AUTH-METHOD was ignored before', (method) => {
    const { upgrade } = compared[method];
    const place = `miniorange/${method}/application-header/by-version (step-1)`;
    const seen = upgrade.changed
      .filter(({ seenIn }) => seenIn.includes(place))
      .map(({ fact, before, after }) => `${fact}: ${before ?? '–'} → ${after ?? '–'}`);
    expect(seen).toEqual(expect.arrayContaining(['status: 200 → 400', 'text /error: – → INVALID_APPLICATION_ID']));
  });

  it.each(methods)('by %s breaks nothing from 8.x-1.13 to 2.0.18, although every refusal had the status 200 before', (method) => {
    const { earlier } = compared[method];
    expect([...earlier.broken, ...earlier.stillFailing].map(({ address }) => address)).toEqual([]);
    const statuses = lines(earlier, /^status$/);
    expect(statuses.length).toBeGreaterThan(0);
    expect(statuses.filter((line) => !/^status: 200 → 4\d\d$/.test(line))).toEqual([]);
  });

  it.each(methods)('by %s calls the number http_code from 2.0.18 on, a string as code was', (method) => {
    const { earlier } = compared[method];
    expect(lines(earlier, /^type \/(code|http_code)$/).sort()).toEqual(['type /code: string → –', 'type /http_code: – → string']);
    expect(lines(earlier, /^text \/error$/)).toEqual(expect.arrayContaining(['text /error: – → MISSING_AUTHORIZATION_HEADER']));
  });

  it.each(methods)('by %s lets a blocked user in no longer from 2.0.18 on', (method) => {
    const { earlier } = compared[method];
    const place = `miniorange/${method}/users/blocked-user (step-1)`;
    const seen = earlier.changed
      .filter(({ seenIn }) => seenIn.includes(place))
      .map(({ fact, before, after }) => `${fact}: ${before ?? '–'} → ${after ?? '–'}`);
    expect(seen).toEqual(expect.arrayContaining(['status: 200 → 403', 'text /error: – → USER_BLOCKED']));
  });

  it('by basic adds only the application and the revocation from 2.0.18 to 2.1.0: the Basic branch is the same', () => {
    const { upgrade } = compared.basic;
    expect(filesOf(upgrade)).toEqual(['application-header', 'revoke']);
    expect(lines(upgrade, /^status$/).sort()).toEqual(['status: 200 → 400', 'status: 404 → 401', 'status: 404 → 403', 'status: 404 → 405']);
    expect(lines(upgrade, /^text \/error$/).sort()).toEqual(
      [
        'INVALID_APPLICATION_ID',
        'INVALID_BASIC_AUTH_FORMAT',
        'INVALID_CREDENTIALS',
        'INVALID_HTTP_METHOD',
        'MISSING_BASIC_AUTH',
        'MISSING_CREDENTIALS',
        'PREMIUM_FEATURE',
        'USER_BLOCKED',
      ].map((error) => `text /error: – → ${error}`),
    );
  });
  it('by api-key judges the key in other words from 2.0.18 to 2.1.0, and says the number as a number', () => {
    const { upgrade } = compared['api-key'];
    expect(lines(upgrade, /^text \/error$/)).toEqual(
      expect.arrayContaining(['text /error: INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE → INVALID_AUTHORIZATION_HEADER_TYPE']),
    );
    expect(lines(upgrade, /^text \/error_description$/)).toEqual(
      expect.arrayContaining([
        'text /error_description: The user does not exists → The user does not exist.',
        'text /error_description: Sorry, you are using invalid API Key → Sorry, you are using an invalid API Key.',
      ]),
    );
    expect(lines(upgrade, /^type \/http_code$/)).toEqual(['type /http_code: string → number']);
    expect(lines(upgrade, /^status$/)).toEqual(expect.arrayContaining(['status: 400 → 401']));
  });
});
