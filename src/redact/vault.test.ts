import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Vault } from './vault.ts';

const password = 'pa55 wörd+/"<&>\\%x';
const jwt = [
  Buffer.from('{"typ":"JWT","alg":"RS256"}').toString('base64url'),
  Buffer.from('{"aud":"client","jti":"0123","exp":1764000000.25,"scope":["a"]}').toString('base64url'),
  Buffer.from(Array.from({ length: 256 }, (_, index) => (index * 73 + 11) % 256)).toString('base64url'),
].join('.');

/** The value of one header after masking. */
function maskedHeader(vault: Vault, name: string, value: string): string | undefined {
  return vault.maskHeaders([[name, value]])[0]?.[1];
}

function vaultWith(value: string, label = 'users.main.password'): Vault {
  const vault = new Vault();
  vault.add(label, value);
  return vault;
}

const percentAll = (text: string) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const unicodeAll = (text: string) =>
  [...text]
    .flatMap((char) => Array.from({ length: char.length }, (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`))
    .join('');
const html = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Spellings that are undone by a reader and masked by the plain placeholder. */
const escapes: Readonly<Record<string, (text: string) => string>> = {
  raw: (text) => text,
  percent: (text) => encodeURIComponent(text),
  'percent in lower case': (text) => encodeURIComponent(text).replace(/%../g, (escape) => escape.toLowerCase()),
  'percent of every byte': percentAll,
  form: (text) => new URLSearchParams({ a: text }).toString().slice(2),
  JSON: (text) => JSON.stringify(text).slice(1, -1),
  'JSON with escaped slashes': (text) => JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/'),
  'JSON in ASCII': (text) =>
    JSON.stringify(text)
      .slice(1, -1)
      .replace(/[^\0-\x7f]/g, unicodeAll),
  'JSON of every character': unicodeAll,
  HTML: html,
  'HTML with numbers': (text) => [...text].map((char) => `&#${char.codePointAt(0)};`).join(''),
  'HTML with hexadecimal numbers': (text) => [...text].map((char) => `&#x${char.codePointAt(0)?.toString(16)};`).join(''),
  'JSON in JSON': (text) => JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1),
  'percent in JSON': (text) => JSON.stringify(encodeURIComponent(text)).slice(1, -1),
  'JSON in percent': (text) => encodeURIComponent(JSON.stringify(text).slice(1, -1)),
  'JSON in HTML': (text) => html(JSON.stringify(text).slice(1, -1)),
  'percent twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  'UTF-8 read as latin1': (text) => Buffer.from(text).toString('latin1'),
};

describe('masking', () => {
  it.each(Object.entries(escapes))('finds a secret written as %s', (_name, write) => {
    expect(vaultWith(password).mask(`before=${write(password)}&after`)).toBe('before={{users.main.password}}&after');
  });

  it.each([Buffer.from('…').toString('latin1'), '...'])(
    'finds the beginning of a secret before %j in a header without another one',
    (end) => {
      const vault = vaultWith('aAAa\\aaaaaA');
      const masked = vault.maskHeaders([
        ['X-One', 'nothing'],
        ['X-Debug', `aAAa\\aaaa${end}`],
        ['X-Two', 'nothing'],
      ]);
      expect(masked[1]?.[1]).toBe(`{{users.main.password cut}}${end}`);
      expect([masked[0], masked[2]]).toEqual([
        ['X-One', 'nothing'],
        ['X-Two', 'nothing'],
      ]);
    },
  );

  it('finds the beginning of a secret before an ellipsis that is read as latin1', () => {
    const ellipsis = Buffer.from('…').toString('latin1');
    expect(vaultWith('aAAa&AAa0aa').mask(`?x=aAAa&AAa0${ellipsis}#y`)).toBe(`?x={{users.main.password cut}}${ellipsis}#y`);
  });

  it('finds a secret in hexadecimal, in either case', () => {
    const vault = vaultWith(password);
    const hex = Buffer.from(password).toString('hex');
    expect(vault.mask(`a ${hex} b ${hex.toUpperCase()} c`)).toBe('a {{users.main.password hex}} b {{users.main.password hex}} c');
    expect(vault.find(hex).map(({ encoding }) => encoding)).toEqual(['hex']);
  });

  it.each([
    ['\n', 64],
    ['\r\n', 76],
    ['\\n', 64],
    ['\\r\\n', 76],
  ])('finds a secret in base64 that is wrapped with %j after %i letters', (lineBreak, width) => {
    const vault = vaultWith(jwt, 'token:main');
    for (const before of ['', 'x', 'access_token=']) {
      const encoded = Buffer.from(`${before}${jwt}`).toString('base64');
      const wrapped = encoded.replaceAll(new RegExp(`.{${width}}(?=.)`, 'g'), `$&${lineBreak}`);
      const masked = vault.mask(`first\nsecond ${wrapped}\n(last)`);
      expect(masked).toMatch(/^first\nsecond [A-Za-z0-9+/]{0,20}\{\{token:main#1 b64\}\}\n\(last\)$/);
    }
  });

  it.each([
    ['\n', 1],
    ['\r\n', 1],
    ['\n', 2],
    ['\r\n', 2],
    ['\n', 3],
  ])('finds a secret in base64 that is wrapped with %j wherever the break falls, in JSON %i times over', (lineBreak, times) => {
    const missed = Array.from({ length: 60 }, (_, before) => before).filter((before) => {
      const encoded = Buffer.from(`${'p'.repeat(before + 30)}${password}${'tail'.repeat(20)}`).toString('base64');
      let text = encoded.replaceAll(/.{76}(?=.)/g, `$&${lineBreak}`);
      for (let depth = 0; depth < times; depth += 1) text = JSON.stringify({ text });
      return !vaultWith(password).mask(text).includes('{{users.main.password b64}}');
    });
    expect(missed).toEqual([]);
  });

  it('masks a secret that ends in a backslash and no more than it, before an escape', () => {
    const masked = vaultWith('ends-in-a\\').mask('{"a":"\\u0022ends-in-a\\\\\\u0022"}');
    expect(masked).toBe('{"a":"\\u0022{{users.main.password}}\\u0022"}');
  });

  it.each(['', 'x', 'xy', 'xyz', 'user:'])('finds a secret in base64 behind %j', (before) => {
    for (const alphabet of ['base64', 'base64url'] as const) {
      for (const after of ['', 'z', 'zz', 'zzz']) {
        const encoded = Buffer.from(before + password + after).toString(alphabet);
        const masked = vaultWith(password).mask(`[${encoded}]`);
        expect(masked).toContain('{{users.main.password b64}}');
        expect(masked).not.toContain(encoded.slice(8, 20));
      }
    }
  });

  it('names Basic credentials as such', () => {
    const vault = vaultWith('a secret of some length', 'clients.main.secret');
    vault.pair('client one', 'clients.main.secret', 'a secret of some length');
    const plain = Buffer.from('client one:a secret of some length').toString('base64');
    const encoded = Buffer.from('client+one:a+secret+of+some+length').toString('base64');
    const percent = Buffer.from('client%20one:a%20secret%20of%20some%20length').toString('base64');
    for (const credentials of [plain, encoded, percent]) {
      expect(maskedHeader(vault, 'Authorization', `Basic ${credentials}`)).toBe('Basic {{basic:clients.main}}');
      expect(vault.mask(`{"seen":"Basic ${credentials}"}`)).toBe('{"seen":"Basic {{basic:clients.main}}"}');
    }
  });

  it('numbers tokens and gives their length', () => {
    const vault = new Vault();
    expect(vault.add('token:main', 'first-token-value')).toBe('{{token:main#1 len=17}}');
    expect(vault.add('token:main', 'second-token')).toBe('{{token:main#2 len=12}}');
    expect(vault.add('token:other', 'first-token-value')).toBe('{{token:main#1 len=17}}');
    expect(vault.mask('Bearer second-token, first-token-value')).toBe('Bearer {{token:main#2 len=12}}, {{token:main#1 len=17}}');
  });

  it('masks a JWT as a whole, keeps header and claims for the reader, and never its signature', () => {
    const vault = vaultWith(jwt, 'token:main');
    const masked = vault.mask(`{"access_token":"${jwt}"}`);
    expect(masked).toBe(`{"access_token":"{{token:main#1 len=${jwt.length}}}"}`);
    expect(vault.decodedIn(masked)).toEqual({
      [`token:main#1 len=${jwt.length}`]: {
        header: { typ: 'JWT', alg: 'RS256' },
        claims: { aud: 'client', jti: '0123', exp: 1764000000.25, scope: ['a'] },
      },
    });
    expect(vault.mask(`forged.claims.${jwt.split('.')[2]}`)).toBe('forged.claims.{{token:main#1 signature}}');
  });

  it('masks what is left of a token that was altered', () => {
    const vault = vaultWith(jwt, 'token:main');
    const signature = jwt.split('.')[2] as string;
    const altered = `${jwt.slice(0, -1)}${jwt.endsWith('A') ? 'B' : 'A'}`;
    expect(vault.mask(altered)).not.toContain(signature.slice(0, 40));
  });

  it.each([
    ['"{secret}…" (90 characters)', 12],
    ['"{secret}..." (90 characters)', 8],
    ['begins with "{secret}"', 10],
    ['it begins: {secret}', 10],
  ])('masks a secret that was cut off: %s', (text, length) => {
    expect(vaultWith('f00barbaz+qux/42').mask(text.replace('{secret}', 'f00barbaz+qux/42'.slice(0, length)))).toBe(
      text.replace('{secret}', '{{users.main.password cut}}'),
    );
  });

  it('masks a signature that was cut off, not the claims before it', () => {
    const vault = vaultWith(jwt, 'token:main');
    const [header, claims, signature = ''] = jwt.split('.');
    expect(vault.mask(`${header}.${claims}.${signature.slice(0, 30)}…`)).toBe(`${header}.${claims}.{{token:main#1 cut}}…`);
    expect(vault.mask(`${header}.${claims?.slice(0, 20)}…`)).toBe(`${header}.${claims?.slice(0, 20)}…`);
  });

  it('leaves a short word alone that a secret begins with', () => {
    expect(vaultWith('client-secret-of-mine').mask('the client… is no client')).toBe('the client… is no client');
  });

  it('masks a secret in other case, and says so', () => {
    expect(vaultWith('Correct-Horse-9').mask('CORRECT-HORSE-9')).toBe('{{users.main.password other-case}}');
  });

  it('prefers the longest of secrets that lie in one another', () => {
    const vault = new Vault();
    vault.add('a.secret', 'abcdefgh');
    vault.add('b.secret', 'xyz-abcdefgh-xyz');
    expect(vault.mask('abcdefgh xyz-abcdefgh-xyz')).toBe('{{a.secret}} {{b.secret}}');
  });

  it('covers both of two secrets that overlap', () => {
    const vault = new Vault();
    vault.add('a.secret', 'abcdefghij');
    vault.add('b.secret', 'ghijklmnop');
    expect(vault.mask('-abcdefghijklmnop-')).toBe('-{{a.secret}}{{b.secret}}-');
  });

  it('leaves JSON well-formed when a backslash stands before a secret', () => {
    const masked = vaultWith('nopqrstuvw').mask('{"a":"\\nopqrstuvw","b":"\\\\nopqrstuvw"}');
    expect(JSON.parse(masked)).toEqual({ a: '{{users.main.password}}', b: '\\{{users.main.password}}' });
  });

  it('does not take its own placeholders for secrets', () => {
    const vault = vaultWith('users.main', 'users.main.password');
    const masked = vault.mask('password=users.main');
    expect(masked).toBe('password={{users.main.password}}');
    expect(vault.mask(masked)).toBe(masked);
  });

  it('cuts behind a secret, never inside one', () => {
    const vault = vaultWith('0123456789abcdef');
    const text = 'before 0123456789abcdef after';
    expect(vault.maskStart(text, 10)).toEqual({ text: 'before {{users.main.password}}', isCut: true });
    expect(vault.maskStart(text, 7)).toEqual({ text: 'before ', isCut: true });
    expect(vault.maskStart(text, text.length)).toEqual({ text: 'before {{users.main.password}} after', isCut: false });
  });

  it('masks bytes that are no text', () => {
    const masked = vaultWith(password).maskBytes(Buffer.concat([Buffer.from([0xff, 0]), Buffer.from(password), Buffer.from([0xfe])]));
    expect(Buffer.from(masked).toString('latin1')).toBe('\u00ff\0{{users.main.password}}\u00fe');
  });

  it('hides nothing of an empty value', () => {
    expect(vaultWith('').mask('anything')).toBe('anything');
  });
});

describe('values that are too short or too plain', () => {
  it.each([
    ['a form', 'grant_type=password&password=s3cr&x=s3cr'],
    ['JSON', '{"user":"s3cr","password": "s3cr"}'],
    ['JSON in JSON', JSON.stringify('{"user":"s3cr","password":"s3cr"}')],
    ['multipart', '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\ns3cr\r\n--b--'],
  ])('are masked by field in %s, not elsewhere', (_where, text) => {
    expect(vaultWith('s3cr').mask(text)).toBe(text.replace(/(password(?:=|\\*"\s*:\s*\\*"|"\r\n\r\n))s3cr/, '$1{{users.main.password}}'));
  });

  it('leaves a longer value that begins alike', () => {
    expect(vaultWith('s3cr').mask('password=s3cret&token=as3cr')).toBe('password=s3cret&token=as3cr');
  });

  it('are masked in credentials', () => {
    const vault = vaultWith('s3');
    vault.pair('me', 'users.main.password', 's3');
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(maskedHeader(vault, 'Authorization', basic('me:s3'))).toBe('Basic {{basic:users.main}}');
    expect(maskedHeader(vault, 'Authorization', basic('someone:s3'))).toBe('Basic {{basic len=16}}');
    expect(maskedHeader(vault, 'Authorization', 'Bearer s3')).toBe('Bearer {{users.main.password}}');
    expect(maskedHeader(vault, 'X-Key', 's3')).toBe('{{users.main.password}}');
  });

  it('are warned about once, without the value', () => {
    const vault = new Vault();
    vault.add('users.main.password', 's3cr');
    vault.add('users.other.password', 'password');
    vault.add('users.third.password', 'long enough');
    expect(vault.warnings).toHaveLength(2);
    expect(vault.warnings[0]).toMatch(/^users\.main\.password has fewer than 8 characters/);
    expect(vault.warnings[1]).toMatch(/^users\.other\.password is a word of the protocol/);
    expect(vault.warnings.join()).not.toContain('s3cr');
  });

  it('mask a header of the target by its name', () => {
    const vault = new Vault();
    vault.addHeader('X-Gate', 'on');
    expect(maskedHeader(vault, 'x-gate', 'on')).toBe('{{headers.X-Gate}}');
    expect(maskedHeader(vault, 'Connection', 'on, off')).toBe('on, off');
  });

  it('keep the scheme of a header of the target readable', () => {
    const vault = new Vault();
    vault.addHeader('Proxy-Gate', 'Basic Z2F0ZTprZWVwZXI=');
    expect(maskedHeader(vault, 'Proxy-Gate', 'Basic Z2F0ZTprZWVwZXI=')).toBe('Basic {{headers.Proxy-Gate}}');
  });
});

describe('masking, for any secret in any text', () => {
  /** Without braces, which only a placeholder may have here, and without what the escapes themselves are made of on both sides of a secret. */
  const secretText = fc.string({
    unit: fc.oneof(fc.constantFrom(...'abcXYZ019 +/=%&<>"\\\'-_.:;'), fc.constantFrom('ü', '€', '😀')),
    minLength: 8,
    maxLength: 80,
  });
  const surrounding = fc.string({ unit: fc.constantFrom(...'mnopq .,:;[]()\n'), maxLength: 40 });
  const disguise = fc.constantFrom(...Object.values(escapes));

  it('leaves no secret in any spelling, and masking again changes nothing', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(secretText, { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(surrounding, fc.nat(3), disguise), { minLength: 1, maxLength: 5 }),
        (secrets, parts) => {
          const vault = new Vault();
          secrets.forEach((secret, index) => vault.add(`clients.c${index}.secret`, secret));
          const text = parts.map(([before, index, write]) => ` ${before} ${write(secrets[index % secrets.length] as string)}`).join('');
          const masked = vault.mask(text);
          for (const secret of secrets) for (const write of Object.values(escapes)) expect(masked.includes(write(secret))).toBe(false);
          expect(vault.mask(masked)).toBe(masked);
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);

  it('leaves no secret in base64 at any place', () => {
    fc.assert(
      fc.property(
        secretText,
        surrounding,
        surrounding,
        fc.constantFrom('base64' as const, 'base64url' as const),
        (secret, before, after, alphabet) => {
          const vault = vaultWith(secret);
          const encoded = Buffer.from(before + secret + after).toString(alphabet);
          const decodedAgain = Buffer.from(vault.mask(encoded).replace(/\{\{.*?\}\}/g, '!'), 'latin1').toString('latin1');
          for (const piece of decodedAgain.split('!')) expect(Buffer.from(piece, alphabet).toString('utf8').includes(secret)).toBe(false);
          expect(vault.find(encoded)).toHaveLength(1);
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);

  it('changes no text without a secret', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-f0-9]{12,40}$/), { maxLength: 20 }),
        fc.string({ unit: 'binary', maxLength: 200 }),
        (secrets, text) => {
          const vault = new Vault();
          secrets.forEach((secret, index) => vault.add(`clients.c${index}.secret`, secret));
          expect(vault.mask(text)).toBe(text);
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);
});

describe('a value of many thousand characters', () => {
  const long = Array.from({ length: 20_000 }, (_, at) => String.fromCharCode(97 + ((at * 7 + (at >> 5) * 3) % 26))).join('');
  const vault = new Vault();
  vault.add('token:token', long);

  it('is masked as a whole and in every encoding', () => {
    for (const text of [
      long,
      JSON.stringify({ token: long }),
      `${Buffer.from(long).toString('base64')} ${Buffer.from(`x${long}`).toString('base64url')}`,
    ]) {
      const masked = vault.mask(text);
      for (let at = 0; at + 64 <= long.length; at += 64) expect(masked.includes(long.slice(at, at + 64))).toBe(false);
      expect(masked).toContain('{{token:token#1');
    }
  });

  it.each([8, 500, 4000, 4096, 9000, 19_999])('is masked when it is cut after %d characters', (length) => {
    const masked = vault.mask(`token ${long.slice(0, length)}…`);
    expect(masked).not.toContain(long.slice(0, 8));
    if (length > 4096) expect(masked).not.toContain(long.slice(4000, 4096));
  });

  it('of one letter costs no more than its length', () => {
    const letters = new Vault();
    letters.add('token:token', 'x'.repeat(300_000));
    expect(letters.mask(`"${'x'.repeat(300_000)}"`)).not.toContain('xxxxx');
  });
});

describe('what was found in a text', () => {
  it('is looked for again once a secret is added', () => {
    const vault = new Vault();
    const text = 'open sesame and the-second-secret';
    expect(vault.find(text)).toEqual([]);
    vault.add('clients.main.secret', 'the-second-secret');
    expect(vault.find(text).map(({ label }) => label)).toEqual(['clients.main.secret']);
    expect(vault.find(text)).toEqual(vault.find(text));
    expect(
      vault.maskHeaders([
        ['a', 'b'],
        ['X-Echo', text],
        ['the-second-secret', 'c'],
      ]),
    ).toEqual([
      ['a', 'b'],
      ['X-Echo', 'open sesame and {{clients.main.secret}}'],
      ['{{clients.main.secret}}', 'c'],
    ]);
  });
});
