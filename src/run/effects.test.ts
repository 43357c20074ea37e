import { describe, expect, it } from 'vitest';
import { viewAnswer } from '../judge/answer.ts';
import type { WireRequest } from '../model/exchange.ts';
import type { Target } from '../model/target.ts';
import { vaultFor } from '../redact/target-secrets.ts';
import { createEffects } from './effects.ts';

const target: Target = {
  name: 't',
  profiles: [],
  baseUrl: 'http://127.0.0.1',
  users: { main: { name: 'api_user', password: 'Correct-horse-1' }, other: { name: 'bob', password: 'password' } },
  clients: { main: { id: 'client-1', secret: 'Secret-of-client-1' } },
};

function echo(answer: string, sent: Partial<WireRequest> = {}, headers: [string, string][] = []): string | undefined {
  const vault = vaultFor(target);
  const secrets = createEffects(vault, { env: {} }).secretsFor(target);
  secrets.add('token:token', 'abcdef0123456789abcdef0123456789');
  const response = { httpVersion: '1.1', status: 400, reason: '', headers, body: Buffer.from(answer) };
  return secrets.findEcho(viewAnswer(response), { method: 'GET', path: '/', headers: [], ...sent });
}

describe('an echo', () => {
  it.each([
    ['a password', 'wrong password: Correct-horse-1', 'users.main.password'],
    ['a client secret, percent-encoded', 'x=Secret%2Dof%2Dclient%2D1', 'clients.main.secret'],
    ['Basic credentials', Buffer.from('client-1:Secret-of-client-1').toString('base64'), 'basic:clients.main'],
  ])('of %s is found', (_, answer, label) => {
    expect(echo(answer)).toBe(label);
  });

  it('in a header is found', () => {
    expect(echo('', {}, [['X-Debug', 'Correct-horse-1']])).toBe('users.main.password');
  });

  it('of a token is found only where the token was sent', () => {
    const token = 'abcdef0123456789abcdef0123456789';
    expect(echo(`no such token ${token}`, { headers: [['Authorization', `Bearer ${token}`]] })).toBe('token:token#1');
  });

  it('is not what a token endpoint gives again', () => {
    expect(echo('{"access_token":"abcdef0123456789abcdef0123456789"}')).toBeUndefined();
  });

  it.each([
    ['a password that is a word of every login page', '<label>password</label>'],
    ['a user name', '{"name":"api_user"}'],
    ['a client id', '{"aud":"client-1"}'],
  ])('is not %s', (_, answer) => {
    expect(echo(answer)).toBeUndefined();
  });
});
