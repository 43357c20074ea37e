import { describe, expect, it } from 'vitest';
import type { Site } from '../../site.ts';
import { ask, get, siteOf, type Reply } from '../../testing.ts';

/** Plain Drupal. */
const site = (): Site => siteOf('miniorange/oauth', ({ products: _, ...file }) => file);

function logIn(on: Site, credentials: unknown, headers: Record<string, string> = {}): Reply {
  const body = typeof credentials === 'string' ? credentials : JSON.stringify(credentials);
  return ask(on, 'POST', '/user/login?_format=json', headers, body);
}

const right = { name: 'bob', pass: 'bob-pass-1' };

describe('/user/login', () => {
  it('opens a session and gives two tokens of 43 characters', () => {
    const reply = logIn(site(), right);
    expect(reply.status).toBe(200);
    expect(reply.json).toEqual({
      current_user: { uid: '4', name: 'bob' },
      csrf_token: expect.stringMatching(/^.{43}$/),
      logout_token: expect.stringMatching(/^.{43}$/),
    });
    expect(reply.header('set-cookie')).toMatch(/^SESS\w+=.*HttpOnly/);
  });

  it('marks the first redirect of the session', () => {
    const on = site();
    const Cookie = logIn(on, right).header('set-cookie')?.split(';')[0] ?? '';
    const locations = [1, 2].map(() => get(on, '/user', { Cookie }).header('location'));
    expect(locations).toEqual(['http://site.example/user/4?check_logged_in=1', 'http://site.example/user/4']);
  });

  it.each([
    [{}, 'Missing credentials.'],
    [{ pass: 'x' }, 'Missing credentials.name.'],
    [{ name: 'bob' }, 'Missing credentials.pass.'],
    [{ name: 'bob', pass: 'x' }, 'Sorry, unrecognized username or password.'],
    [{ name: 'nobody', pass: 'x' }, 'Sorry, unrecognized username or password.'],
    [{ name: 'blocked_user', pass: 'x' }, 'The user has not been activated or is blocked.'],
  ])('refuses %j with 400', (credentials, message) => {
    const reply = logIn(site(), credentials);
    expect([reply.status, reply.json]).toEqual([400, { message }]);
  });

  it('breaks on a body that is no JSON', () => {
    const reply = logIn(site(), 'name=bob');
    expect([reply.status, reply.text]).toEqual([500, 'The website encountered an unexpected error. Try again later.']);
  });

  it('locks a user after five failures, even for the right password, until six hours have passed', () => {
    const on = site();
    for (let i = 0; i < 5; i++) expect(logIn(on, { ...right, pass: 'x' }).status).toBe(400);
    expect(logIn(on, right).status).toBe(403);
    expect(logIn(on, { name: 'alice', pass: 'alice-pass-1' }).status).toBe(200);
    on.clock.advance(6 * 3600 - 1);
    expect(logIn(on, right).status).toBe(403);
    on.clock.advance(1);
    expect(logIn(on, right).status).toBe(200);
  });

  it('locks everybody out after fifty failures from one address', () => {
    const on = site();
    for (let i = 0; i < 50; i++) logIn(on, { name: `nobody${i}`, pass: 'x' });
    expect(logIn(on, right).json).toEqual({ message: 'Access is blocked because of IP based flood prevention.' });
    on.clock.advance(3600);
    expect(logIn(on, right).status).toBe(200);
  });

  it('is only for who is not logged in, and logging out needs the token', () => {
    const on = site();
    const first = logIn(on, right);
    const cookie = { Cookie: (first.header('set-cookie') ?? '').split(';', 1)[0] ?? '' };
    expect(logIn(on, right, cookie).json).toEqual({ message: 'This route can only be accessed by anonymous users.' });
    const leave = (token: string): Reply => ask(on, 'POST', `/user/logout?_format=json${token}`, cookie);
    const status = (): string => get(on, '/user/login_status?_format=json', cookie).text;
    expect(leave('').json).toEqual({ message: "'csrf_token' URL query argument is missing." });
    expect(leave('&token=x').json).toEqual({ message: "'csrf_token' URL query argument is invalid." });
    expect(status()).toBe('1');
    expect(leave(`&token=${encodeURIComponent(String(first.json['logout_token']))}`).status).toBe(204);
    expect(status()).toBe('0');
  });
});

describe('/session/token', () => {
  it('is another one on each call of a visitor', () => {
    const on = site();
    const [first, second] = [get(on, '/session/token'), get(on, '/session/token')];
    expect(first.text).toMatch(/^.{43}$/);
    expect(first.text).not.toBe(second.text);
    expect(first.header('content-type')).toBe('text/plain; charset=UTF-8');
  });
});
