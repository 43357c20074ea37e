import { describe, expect, it } from 'vitest';
import { parseChallenges } from './challenge.ts';
import { matchText } from './match.ts';

describe('a list of challenges', () => {
  it.each([
    ['Bearer', [['bearer', {}]]],
    ['Bearer realm="x"', [['bearer', { realm: 'x' }]]],
    ['BEARER Realm = x , Error="invalid_token"', [['bearer', { realm: 'x', error: 'invalid_token' }]]],
    [
      'DPoP algs="ES256 PS256", Bearer realm="a, Basic b", error="e"',
      [
        ['dpop', { algs: 'ES256 PS256' }],
        ['bearer', { realm: 'a, Basic b', error: 'e' }],
      ],
    ],
    [
      'Negotiate YWJj==, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [
      'Basic, Bearer',
      [
        ['basic', {}],
        ['bearer', {}],
      ],
    ],
    [String.raw`Bearer error_description="a \"b\" \\ c"`, [['bearer', { error_description: String.raw`a "b" \ c` }]]],
    ['Bearer error="a", error="b"', [['bearer', { error: 'a' }]]],
    [', ,', []],
    ['', []],
  ])('of %j', (value, expected) => {
    expect(parseChallenges(value).map(({ scheme, parameters }) => [scheme, parameters])).toEqual(expected);
  });

  it('goes on behind what cannot be read', () => {
    const [bearer, basic] = parseChallenges('Bearer realm="x", error_description="<em class="y">z</em> is blocked", Basic realm="b"');
    expect(bearer).toMatchObject({ scheme: 'bearer', parameters: { realm: 'x' } });
    expect(parseChallenges('"quoted, text" and more, Basic realm="b"')).toEqual([{ scheme: 'basic', parameters: { realm: 'b' } }]);
    expect(basic).toBeDefined();
  });
});

describe('the matcher challenge', () => {
  const match = (challenge: unknown, value: string | undefined) => matchText({ challenge }, value, 'header WWW-Authenticate');

  it.each([
    ['Bearer', 'DPoP algs="x", bearer realm="y"'],
    [{ scheme: 'Bearer', parameters: true }, 'Bearer realm="y"'],
    [{ scheme: 'Bearer', parameters: { error: 'invalid_token' } }, 'Basic realm="x", Bearer error="invalid_token"'],
    [{ scheme: 'Bearer', parameters: { error: { absent: true } } }, 'DPoP error="x", Bearer realm="y"'],
  ])('%j holds for %j', (challenge, value) => {
    expect(match(challenge, value)).toEqual([]);
  });

  it.each([
    ['Bearer', 'Basic realm="no, Bearer realm"', 'a challenge Bearer'],
    ['Bearer', undefined, 'a challenge Bearer'],
    [{ scheme: 'Bearer', parameters: true }, 'DPoP algs="x", Bearer', 'a challenge Bearer with a parameter'],
    [
      { scheme: 'Bearer', parameters: { error: 'invalid_token' } },
      'Bearer error="access_denied"',
      'a challenge Bearer with error "invalid_token"',
    ],
    [{ scheme: 'Bearer', parameters: { error: { absent: true } } }, 'Bearer error="x"', 'a challenge Bearer with error absent'],
  ])('%j does not hold for %j, and says so', (challenge, value, described) => {
    expect(match(challenge, value)[0]?.expected).toBe(described);
  });
});
