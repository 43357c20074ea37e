import { describe, expect, it } from 'vitest';
import type { Catalogue, CatalogueCase, CatalogueCheck } from '../model/catalogue.ts';
import { UsageError } from '../support/error.ts';
import { addressMatcher, selectCases } from './select.ts';

function check(name: string): CatalogueCheck {
  return {
    name,
    level: 'must',
    line: 1,
    alternatives: [{ clauses: ['p/c'], witness: 'document', expectation: { kind: 'status', status: 200 } }],
  };
}

function caseAt(address: string, checks: string[]): CatalogueCase {
  return {
    address,
    profile: address.split('/').slice(0, 2).join('/'),
    file: 'f.yaml',
    line: 1,
    title: 't',
    see: [],
    clauses: ['p/c'],
    given: [],
    exclusive: false,
    writes: false,
    priority: 5,
    needs: [],
    steps: [
      {
        kind: 'request',
        name: 'step-1',
        line: 1,
        request: { method: 'GET', path: '/', query: [], headers: [] },
        checks: checks.map(check),
        capture: [],
        repeat: 1,
        freshConnection: false,
      },
    ],
  };
}

const catalogue: Catalogue = {
  digest: '',
  clauses: {},
  profiles: {},
  registers: [],
  cases: [
    caseAt('miniorange/oauth/password-grant/issues-token', ['status', 'token-response']),
    caseAt('miniorange/oauth/password-grant/wrong-password/altered', ['status', 'error', 'http-code']),
    caseAt('miniorange/oauth/password-grant/wrong-password/empty', ['status', 'error', 'http-code']),
    caseAt('miniorange/oauth/password-grant-extra/wrong-password', ['status']),
    caseAt('miniorange/basic/login/wrong-password', ['status']),
  ],
};

async function select(...selectors: string[]): Promise<string[]> {
  const selected = await selectCases(catalogue, selectors);
  return selected.map(({ case: one, checks }) => {
    const address = one.address.replace('miniorange/', '');
    return checks === undefined ? address : `${address}#${checks.join(',')}`;
  });
}

const [issues, altered, empty, extra, basic] = [
  'oauth/password-grant/issues-token',
  'oauth/password-grant/wrong-password/altered',
  'oauth/password-grant/wrong-password/empty',
  'oauth/password-grant-extra/wrong-password',
  'basic/login/wrong-password',
];

describe('selectCases', () => {
  it.each([
    [[], [issues, altered, empty, extra, basic]],
    [['miniorange/oauth'], [issues, altered, empty, extra]],
    [['miniorange/oauth/password-grant'], [issues, altered, empty]],
    [['miniorange/oauth/password-grant/'], [issues, altered, empty]],
    [['miniorange/oauth/password-grant/wrong-password/empty'], [empty]],
    [
      ['miniorange/basic', 'miniorange/oauth/password-grant/issues-token'],
      [issues, basic],
    ],
    [['**/wrong-password'], [altered, empty, extra, basic]],
    [['*/*/password-*/wrong-*'], [altered, empty, extra]],
    [['miniorange/{oauth,basic}/*/wrong-password'], [altered, empty, extra, basic]],
    [['!miniorange/oauth'], [basic]],
    [['miniorange/oauth', '!**/wrong-password'], [issues]],
    [
      ['!**/empty', 'miniorange/oauth/password-grant'],
      [issues, altered],
    ],
    [['#error'], [`${altered}#error`, `${empty}#error`]],
    [['miniorange/oauth/password-grant#status'], [`${issues}#status`, `${altered}#status`, `${empty}#status`]],
    [['**/altered#http-*', '**/altered#status'], [`${altered}#status,http-code`]],
    [['**/altered', '**/altered#status'], [altered]],
    [
      ['miniorange/oauth/password-grant', '!#status'],
      [`${issues}#token-response`, `${altered}#error,http-code`, `${empty}#error,http-code`],
    ],
    [['!#status'], [`${issues}#token-response`, `${altered}#error,http-code`, `${empty}#error,http-code`]],
  ])('%j', async (selectors, expected) => {
    expect(await select(...selectors)).toEqual(expected);
  });

  it.each([
    [['miniorange/oath'], 'no case matches "miniorange/oath"', 'did you mean "miniorange/oauth"? "dac list" shows every address'],
    [
      ['wrong-pasword'],
      'no case matches "wrong-pasword"',
      'did you mean "miniorange/oauth/password-grant-extra/wrong-password"? "dac list" shows every address',
    ],
    [
      ['miniorange/oauth/password-grant#stauts'],
      'no case matches "miniorange/oauth/password-grant#stauts"',
      'did you mean "miniorange/oauth/password-grant#status"? "dac list" shows every address',
    ],
    [['miniorange/oauth', '!nothing/like/this'], 'no case matches "!nothing/like/this"', '"dac list" shows every address'],
    [['miniorange/basic', '!miniorange'], 'the selection leaves no case: "miniorange/basic", "!miniorange"', undefined],
  ])('%j matches nothing', async (selectors, message, remedy) => {
    const error = await selectCases(catalogue, selectors).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ message, remedy });
  });
});

describe('addressMatcher', () => {
  it('matches addresses with and without a check', async () => {
    const matches = await addressMatcher('miniorange/*/password-grant#http-*');
    expect(matches('miniorange/oauth/password-grant/wrong-password', 'http-code')).toBe(true);
    expect(matches('miniorange/oauth/password-grant/wrong-password', 'status')).toBe(false);
    expect(matches('miniorange/oauth/password-grant/wrong-password')).toBe(false);
    expect((await addressMatcher('miniorange'))('miniorange/basic/x', 'any')).toBe(true);
  });
});
