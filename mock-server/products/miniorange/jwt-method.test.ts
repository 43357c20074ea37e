import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../bytes.ts';
import type { Site } from '../../site.ts';
import { ask, get, siteOf, type Reply } from '../../testing.ts';

const site = (): Site => siteOf('miniorange/jwt');
const app = { 'AUTH-METHOD': '0a070004' };

function issue(on: Site, pair = 'api_user:api_user-pass-1'): Reply {
  return ask(on, 'POST', '/rest_api/id_token', { Authorization: `Basic ${encodeBase64(pair)}` });
}

function own(on: Site, authorization: string | undefined): Reply {
  return get(on, '/user/2?_format=json', authorization === undefined ? app : { ...app, Authorization: authorization });
}

describe('JWT method', () => {
  it('issues a token for user and password, which opens the own account', () => {
    const on = site();
    const { status, json } = issue(on);
    expect([status, json['expires_in']]).toEqual([200, 3600]);
    expect(own(on, `Bearer ${String(json['id_token'])}`).json['mail']).toEqual([{ value: 'api_user@example.com' }]);
  });

  it('issues none for wrong credentials', () => {
    expect(issue(site(), 'api_user:wrong').json).toMatchObject({ status: 'error', error: 'INVALID_CREDENTIALS' });
  });

  it('refuses what is missing, of another scheme, changed or expired', () => {
    const on = site();
    const token = String(issue(on).json['id_token']);
    expect(own(on, undefined).json['error']).toBe('MISSING_AUTHORIZATION_HEADER');
    expect(own(on, 'Basic x').json['error']).toBe('INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE');
    const [header, , signature] = token.split('.');
    const forged = [header, encodeBase64('{"sub":"1","exp":9999999999}').replace(/=+$/, ''), signature].join('.');
    expect(own(on, `Bearer ${forged}`).json).toMatchObject({ error: 'INVALID_SIGNATURE', message: 'Invalid Token signature.' });
    on.clock.advance(3600);
    expect(own(on, `Bearer ${token}`).json['error']).toBe('TOKEN_EXPIRED');
  });
});
