import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  filterNames,
  isCapture,
  isTargetKey,
  MissingVariable,
  parseTemplate,
  problemOfName,
  requiredVariablesOf,
  substitute,
  TemplateError,
  variablesOf,
} from './variables.ts';

const values: Record<string, unknown> = {
  token: 'AbC1-x',
  'users.main.name': 'api_user',
  'users.main.password': 'Pässw0rd!',
  'users.main.id': 2,
  'graphql.expect': { data: { me: null } },
  empty: '',
};
const lookup = (name: string) => values[name];
const fill = (template: unknown) => substitute(template, lookup);

describe('substitute', () => {
  it.each([
    ['no variable at all', 'no variable at all'],
    ['Bearer ${token}', 'Bearer AbC1-x'],
    ['${users.main.name}:${users.main.password}', 'api_user:Pässw0rd!'],
    ['/user/${users.main.id}?_format=json', '/user/2?_format=json'],
    ['${ token }', 'AbC1-x'],
    ['$${token}', '${token}'],
    ['a $${b} ${token}', 'a ${b} AbC1-x'],
    ['$token {x} $', '$token {x} $'],
  ])('fills in %s', (template, expected) => {
    expect(fill(template)).toBe(expected);
  });

  it('keeps the type of a value that stands alone, and makes it text beside other text', () => {
    expect(fill('${users.main.id}')).toBe(2);
    expect(fill('${users.main.id | double}')).toBe('22');
    expect(fill('${graphql.expect}')).toEqual({ data: { me: null } });
    expect(fill('x${graphql.expect}')).toBe('x{"data":{"me":null}}');
  });

  it('goes into lists and objects, and leaves member names and other types alone', () => {
    expect(fill({ '${token}': ['${token}', 1, null, true, { a: '${users.main.id}' }] })).toEqual({
      '${token}': ['AbC1-x', 1, null, true, { a: 2 }],
    });
  });

  it('names the key that has no value', () => {
    expect(() => fill({ a: ['x ${users.other.id}'] })).toThrow(expect.objectContaining({ name: 'MissingVariable', key: 'users.other.id' }));
    expect(() => fill('${basic(users.main.name, users.other.password)}')).toThrow(MissingVariable);
  });

  it('leaves out a member whose optional key has no value, and only that', () => {
    expect(fill({ a: '${users.main.id}', scope: '${clients.main.scope?}' })).toEqual({ a: 2 });
    expect(fill({ name: '${users.main.name?}' })).toEqual({ name: 'api_user' });
    expect(() => fill('${clients.main.scope?}')).toThrow(expect.objectContaining({ isOptional: true }));
    expect(variablesOf('${users.main.name} ${clients.main.scope?}')).toEqual(['users.main.name', 'clients.main.scope']);
    expect(requiredVariablesOf('${users.main.name} ${clients.main.scope?}')).toEqual(['users.main.name']);
    expect(() => parseTemplate('${token?}')).toThrow('only a key of the target file can');
  });

  it('does not read a value as a template', () => {
    expect(substitute('${token}', () => '${users.main.password}')).toBe('${users.main.password}');
  });

  it('joins user and password before it encodes them', () => {
    expect(fill('Basic ${basic(users.main.name, users.main.password)}')).toBe(
      `Basic ${Buffer.from('api_user:Pässw0rd!').toString('base64')}`,
    );
    expect(fill('${basic(users.main.name, users.main.password | chop)}')).toBe(Buffer.from('api_user:Pässw0rd').toString('base64'));
    expect(fill('${basic(users.main.name, users.main.password) | reverse}')).toBe(
      [...Buffer.from('api_user:Pässw0rd!').toString('base64')].toReversed().join(''),
    );
  });
});

describe('filters', () => {
  it.each([
    ['upper', 'ABC1-X'],
    ['lower', 'abc1-x'],
    ['swapcase', 'aBc1-X'],
    ['chop', 'AbC1-'],
    ['behead', 'bC1-x'],
    ['flip', 'AbC1-k'],
    ['flip-high-bit', 'AbC1-R'],
    ['swapcase-mixed', 'aBc1-X'],
    ['flip-first', 'NbC1-x'],
    ['flip-middle', 'AbC6-x'],
    ['double', 'AbC1-xAbC1-x'],
    ['reverse', 'x-1CbA'],
    ['pad', ' AbC1-x '],
    ['base64', 'QWJDMS14'],
    ['base64url', 'QWJDMS14'],
    ['md5', 'f1fcbfefb2e170ec2ce6df77410c4a88'],
    ['sha256 | chop(56)', 'afd6dba1'],
    ['percent', '%41%62%43%31%2D%78'],
    ['form', 'AbC1-x'],
    ['json', 'AbC1-x'],
    ['repeat(3)', 'AbC1-xAbC1-xAbC1-x'],
    ['chop | upper | repeat( 2 )', 'ABC1-ABC1-'],
    ['chop(4)', 'Ab'],
    ['chop(400)', ''],
  ])('%s', (filter, expected) => {
    expect(fill(`\${token | ${filter}}`)).toBe(expected);
  });

  it('subtract from a number and divide it', () => {
    expect(substitute('${x | minus(5)}', () => 3600)).toBe('3595');
    expect(substitute('${x | minus(5)}', () => '3')).toBe('-2');
    expect(substitute('${x | over(60)}', () => 3600)).toBe('60');
    expect(substitute('${x | over(60)}', () => 90)).toBe('1.5');
  });

  it('encode whole characters', () => {
    const encode = (text: string, filter: string) => substitute(`\${x | ${filter}}`, () => text);
    expect(encode('ä€', 'percent')).toBe('%C3%A4%E2%82%AC');
    expect(encode('a b&c=d+ä', 'form')).toBe('a+b%26c%3Dd%2B%C3%A4');
    expect(encode('a"b\\c\n', 'json')).toBe('a\\"b\\\\c\\n');
    expect(encode('a😀', 'chop')).toBe('a');
    expect(encode('😀a', 'behead')).toBe('a');
    expect(encode('', 'flip')).toBe('');
  });

  it('leave the case of letters alone that are all of one case', () => {
    expect(substitute('${x | swapcase-mixed}', () => '0af3')).toBe('0af3');
    expect(substitute('${x | swapcase-mixed}', () => '0AF3')).toBe('0AF3');
  });

  it('that flip the high bit change the bytes that base64 stands for, whatever its padding leaves unused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.constantFrom('base64', 'base64url'), (bytes, encoding) => {
        const text = Buffer.from(bytes).toString(encoding as 'base64');
        fc.pre(/[A-Za-z0-9]=*$/.test(text));
        const flipped = String(substitute('${x | flip-high-bit}', () => text));
        expect(flipped).toHaveLength(text.length);
        expect(Buffer.from(flipped, encoding as 'base64')).not.toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('that flip keep length and alphabet, and always change a letter, a digit or a sign', () => {
    const texts = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
    fc.assert(
      fc.property(texts, fc.constantFrom('flip', 'flip-first', 'flip-middle'), (text, filter) => {
        const flipped = String(substitute(`\${x | ${filter}}`, () => text));
        expect(flipped).not.toBe(text);
        expect(flipped).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(flipped).toHaveLength(text.length);
      }),
    );
  });
});

describe('what a client does with an answer', () => {
  const fill = (filter: string, value: string) => substitute(`\${x | ${filter}}`, (name) => (name === 'x' ? value : undefined));

  it.each([
    ['SESSab12=id; expires=Wed, 01 Jan 2030 00:00:00 GMT; Max-Age=60; path=/; HttpOnly', 'SESSab12=id'],
    ['SESSab12=id; expires=Wed, 01 Jan 2030 00:00:00 GMT; path=/, other="a b"; path=/x', 'SESSab12=id; other="a b"'],
    ['plain=1', 'plain=1'],
  ])('sends back the cookies of %s', (value, cookies) => {
    expect(fill('cookie', value)).toBe(cookies);
  });

  it.each([
    ['https://client.example/callback?code=a%2Bb&state=x', 'a+b'],
    ['/callback?state=x&code=y#code=z', 'y'],
    ['https://client.example/callback?error=access_denied', ''],
    ['no url', ''],
  ])('takes the code of %s', (value, code) => {
    expect(fill('query-code', value)).toBe(code);
  });
});

describe('parseTemplate', () => {
  it.each([
    ['${token', '"${" has no closing "}"; a literal "${" is written "$${"'],
    ['${}', '"${}" names no value; write e.g. ${users.main.name}'],
    ['${a b}', '"a b" is not a name; a name has letters and digits, joined by dots, e.g. users.main.name'],
    ['${token | uper}', 'unknown filter "uper". Did you mean "upper"?'],
    ['${token | md5sum}', `unknown filter "md5sum". Filters are ${filterNames.slice(0, -1).join(', ')} and ${filterNames.at(-1)}.`],
    ['${token | upper(1)}', 'filter upper takes no argument, found "1"'],
    ['${token | repeat}', 'repeat needs a number from 1 to 100000, found ""'],
    ['${token | repeat(0)}', 'repeat needs a number from 1 to 100000, found "0"'],
    ['${token | repeat(1e9)}', 'repeat needs a number from 1 to 100000, found "1e9"'],
    ['${token | chop(0)}', 'chop needs a number from 1 to 100000, found "0"'],
    ['${token | minus}', 'minus needs a number from 1 to 100000, found ""'],
    ['${token |}', '"" is not a filter; a filter is a word after "|", e.g. upper'],
    [
      '${digest(token)}',
      'unknown function "digest"; there are basic(users.main.name, users.main.password) and hs256(token, modulus, exponent)',
    ],
    ['${basic(token)}', 'basic needs two arguments, e.g. basic(users.main.name, users.main.password)'],
  ])('says what is wrong with %s', (template, message) => {
    expect(() => parseTemplate(template)).toThrow(new TemplateError(message, template));
  });

  it('never fails in another way, and gives back what has no "${"', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          const parts = parseTemplate(text);
          if (!text.includes('${')) expect(parts).toEqual(text === '' ? [] : [{ kind: 'text', text }]);
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateError);
        }
      }),
    );
  });
});

describe('variablesOf', () => {
  it('lists names once, in order, out of functions and nested values', () => {
    expect(variablesOf(['${b | upper} ${a}', { x: '${a}${basic(users.main.name, c)}', y: '$${no}' }])).toEqual([
      'b',
      'a',
      'users.main.name',
      'c',
    ]);
  });
});

describe('names', () => {
  it.each([
    ['users.main.name', undefined],
    ['clients.short.applicationId', undefined],
    ['content.article.uuid', undefined],
    ['tokens.expired', undefined],
    ['graphql.query', undefined],
    ['paths.token', undefined],
    ['expiry.lifetimeSeconds', undefined],
    ['target.baseUrl', undefined],
    ['host', undefined],
    ['run.seed', undefined],
    ['answer.status', undefined],
    ['fake.password', undefined],
    ['fake.password.second', undefined],
    ['other.token', undefined],
    ['users.main', '"users.main" must be written users.ROLE.FIELD'],
    ['users.main.pasword', 'unknown field "pasword" of users.main. Did you mean "password"?'],
    ['users.main.shoe', 'unknown field "shoe" of users.main. Expected name, password, id or mail.'],
    ['tokens', '"tokens" must be written tokens.NAME'],
    ['fake.passwort', 'unknown variable "fake.passwort". Did you mean "fake.password"?'],
    ['run.sed', 'unknown variable "run.sed". Did you mean "run.seed"?'],
    ['host.name', '"host.name" must be written host'],
  ])('%s', (name, problem) => {
    expect(problemOfName(name)).toBe(problem);
  });

  it('of the target and of captures are told apart', () => {
    expect(['users.a.id', 'tokens.x', 'expiry.lifetimeSeconds'].every(isTargetKey)).toBe(true);
    expect(['paths.token', 'fake.word', 'host', 'token', 'run.seed'].some(isTargetKey)).toBe(false);
    expect(['token', 'other.token', 'user.main.id'].every(isCapture)).toBe(true);
    expect(['users.main.id', 'host', 'answer.status', 'paths.x'].some(isCapture)).toBe(false);
  });
});
