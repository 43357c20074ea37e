import { describe, expect, it } from 'vitest';
import { viewAnswer } from '../judge/answer.ts';
import { brokenInvariants } from './invariants.ts';

function names(status: number, body: string, secret?: string) {
  const answer = viewAnswer({ httpVersion: '1.1', status, reason: '', headers: [], body: Buffer.from(body) });
  return brokenInvariants(answer, { secret }).map(({ name }) => name);
}

describe('invariants', () => {
  it.each([
    [200, []],
    [404, []],
    [501, []],
    [505, []],
    [500, ['no-server-error']],
    [503, ['no-server-error']],
  ])('status %i breaks %j', (status, broken) => {
    expect(names(status, '')).toEqual(broken);
  });

  it('names the secret that an answer gives away, not its value', () => {
    expect(names(200, 'x', 'users.main.password')).toEqual(['no-secret-echo']);
  });

  it.each([
    ['a PHP trace', '#0 /var/www/html/core/lib/Drupal.php(12): foo()\n#1 {main}'],
    ['a PHP notice in HTML', '<br /><b>Warning</b>: Undefined index in <b>/app/x.php</b> on line <b>3</b>'],
    ['a PHP notice in text', 'PHP Warning:  Undefined array key "a" in /var/www/x.module on line 7'],
    ['a file name in JSON', JSON.stringify({ message: 'Error in /var/www/web/index.php:19' })],
    ['a trace inside a JSON string', JSON.stringify({ trace: '#0 /srv/a.php(3): b()\n#1 /srv/c.php(4): d()' })],
    ['a Node trace', 'Error: x\n    at handler (/srv/app/server.js:10:5)\n    at node:internal/x:1:1'],
    ['a Python trace', 'Traceback (most recent call last):\n  File "x.py"'],
    ['a Java trace', 'java.lang.Error\n\tat org.example.Main.run(Main.java:42)'],
    ['a database message', 'SQLSTATE[42S02]: Base table or view not found'],
    ['a database message in escapes', '{"message":"\\u0053QL\\u0053TATE[42S02]: Base table or view not found"}'],
    ['a PHP notice as Drupal escapes it', '"\\u003Cb\\u003EWarning\\u003C\\/b\\u003E: x in y on line \\u003Cb\\u003E3\\u003C\\/b\\u003E"'],
  ])('sees %s', (_, body) => {
    expect(names(400, body)).toEqual(['no-stack-trace']);
  });

  it.each([
    ['plain JSON', '{"message":"The warning was sent at /user/2"}'],
    ['a page about PHP', '<p>Warning: this page needs PHP 8. See index.php.</p>'],
    ['a numbered list', '#1 first\n#2 second (2)'],
  ])('does not take %s for a trace', (_, body) => {
    expect(names(400, body)).toEqual([]);
  });

  it.each([
    ['a bcrypt hash', { pass: '$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy' }, ['no-password-hash']],
    ['a hash of Drupal 7', { a: [{ value: `$S$D${'x'.repeat(51)}` }] }, ['no-password-hash']],
    ['argon2', { hash: '$argon2id$v=19$m=65536,t=4,p=1$c2FsdA$aGFzaA' }, ['no-password-hash']],
    ['a price', { text: 'It costs $2 or $10' }, []],
    ['a token in a refusal', { error: 'TOKEN_EXPIRED', data: { access_token: '0123456789abcdef0123' } }, ['no-token-in-refusal']],
    ['a message about a token', { errors: { access_token: 'The access token is not valid.' } }, []],
  ])('sees what is given away by %s', (_, body, broken) => {
    expect(names(401, JSON.stringify(body))).toEqual(broken);
  });

  it('lets a success hand out a token', () => {
    expect(names(200, JSON.stringify({ access_token: '0123456789abcdef0123' }))).toEqual([]);
  });

  it('names the mail address that an answer gives away', () => {
    const answer = viewAnswer({ httpVersion: '1.1', status: 401, reason: '', headers: [], body: Buffer.from('{}') });
    expect(brokenInvariants(answer, { mail: 'users.main.mail' }).map(({ name }) => name)).toEqual(['no-mail']);
  });
});
