import { describe, expect, it } from 'vitest';
import { viewAnswer } from '../judge/answer.ts';
import type { WireRequest } from '../model/exchange.ts';
import { findMail } from './mails.ts';

const users = {
  main: { name: 'api_user', mail: 'api@example.org' },
  other: { name: 'Second User', mail: 'second@example.org' },
  admin: { name: 'root', mail: 'webmaster@example.org' },
  mailed: { name: 'me@example.org', mail: 'me@example.org' },
};

function find(status: number, body: unknown, form = 'username=api_user') {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = viewAnswer({ httpVersion: '1.1', status, reason: '', headers: [], body: Buffer.from(text) });
  const request: WireRequest = { method: 'POST', path: '/token', headers: [], body: Buffer.from(form) };
  return findMail(answer, request, { users });
}

describe('mail addresses', () => {
  it('are found in a refusal, at any depth and in any case', () => {
    expect(find(401, { error: 'INVALID_CREDENTIALS', hint: { sent_to: 'API@example.org' } })).toBe('users.main.mail');
  });

  it('are found beside a token where the request names another user', () => {
    expect(find(200, { access_token: 'x', users: ['api@example.org', 'second@example.org'] })).toBe('users.other.mail');
  });

  it.each([
    ['of the user whom the request names, beside a token', 200, { access_token: 'x', mail: 'api@example.org' }, 'username=api_user'],
    ['of a user whose name is sent encoded', 200, { access_token: 'x', mail: 'second@example.org' }, 'username=Second+User'],
    ['that the request says', 404, { message: 'no api@example.org here' }, 'username=api%40example.org'],
    ['of an account that was asked for', 200, { mail: [{ value: 'second@example.org' }] }, ''],
    ['of the administrator', 403, { message: 'Ask webmaster@example.org' }, ''],
    ['that is the name as well', 403, { message: 'me@example.org is blocked' }, ''],
    ['in a page', 404, '<p>Write to api@example.org</p>', ''],
  ])('are no news: %s', (_, status, body, form) => {
    expect(find(status, body, form)).toBeUndefined();
  });
});
