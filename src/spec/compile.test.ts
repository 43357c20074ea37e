import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Catalogue, CatalogueCase, RequestStep } from '../model/catalogue.ts';
import { SpecError } from '../support/error.ts';
import { compile, type SpecSource } from './compile.ts';

const clauses = `
document: page
title: A page
witness: document
products: [acme]
url: https://example.org/page
clauses:
  - { id: issues, keyword: must, says: It issues a token., url: "#issues" }
  - { id: refuses, keyword: must, says: It refuses a wrong password. }
  - { id: type, keyword: should, says: It answers with JSON., when: { version: ">=2" } }
`;

const rfc = `
document: rfc
title: An RFC
witness: rfc
clauses:
  - { id: "5.2", keyword: must, says: It refuses with 400. }
`;

const profile = `
profile: acme/oauth
title: Acme
product: { name: Acme }
authorities: [document]
paths: { token: /token, user: "/user/\${users.main.id}" }
requests:
  ask:
    surface: token
    method: POST
    path: \${paths.token}
    headers: { Accept: application/json }
    form: { grant_type: password, username: "\${users.main.name}", password: "\${users.main.password}" }
  use:
    surface: user
    path: \${paths.user}
    headers: { Authorization: "Bearer \${token}" }
surfaces:
  token:
    accepted:
      checks: { status: { status: 200, clauses: [page/issues] } }
      capture: { token: /access_token }
    refused:
      checks: { error: { json: { error: { type: string } }, clauses: [page/refuses] } }
    yields: [/access_token]
  user:
    accepted: { checks: { id: { json: { id: "\${users.main.id}" }, clauses: [page/issues] } } }
    refused: { checks: {} }
fixtures:
  token: { steps: [{ request: ask, expect: accepted }] }
  other: { given: [token], steps: [{ request: ask, with: { form.username: "\${users.other.name}" }, capture: { token: /access_token, id: { header: X-Id, secret: false } } }] }
schemas:
  token: { type: object, required: [access_token], properties: { access_token: { type: string } } }
`;

const base: SpecSource[] = [
  { path: 'specs/clauses/page.yaml', text: clauses },
  { path: 'specs/clauses/rfc.yaml', text: rfc },
  { path: 'specs/acme/profile.yaml', text: profile },
];

function specOf(cases: string, head = ''): string {
  return `title: Password grant\nprofile: acme/oauth\n${head}cases:\n${cases.replace(/^\n/, '').replace(/^/gm, '  ')}`;
}

async function compileCases(cases: string, head = ''): Promise<Catalogue> {
  return compile([...base, { path: 'specs/acme/password-grant.yaml', text: specOf(cases, head) }]);
}

async function compileOne(cases: string, head = ''): Promise<CatalogueCase> {
  const [first] = (await compileCases(cases, head)).cases;
  if (first === undefined) throw new Error('no case');
  return first;
}

function firstStep(one: CatalogueCase | undefined): RequestStep {
  const step = one?.steps[0];
  if (step?.kind !== 'request') throw new Error('no request step');
  return step;
}

/** The message of the problems, with the name of the file left out. */
async function problems(text: string | SpecSource[], path = 'specs/acme/password-grant.yaml'): Promise<string> {
  const sources = typeof text === 'string' ? [...base.filter((one) => one.path !== path), { path, text }] : text;
  const message = await compile(sources).then(
    () => 'none',
    (error: unknown) => (error instanceof SpecError ? error.message : Promise.reject(error)),
  );
  return `\n${message.replaceAll(`${path}:`, '')}\n`;
}

const problemsOfCase = (cases: string, head = '') => problems(specOf(cases, head));

describe('a case', () => {
  it('gets its address, its place and its defaults', async () => {
    const one = await compileOne(`
issues-token:
  title: MUST issue a token
  clauses: [page/issues]
  steps:
    - request: ask
      checks: { status: { status: 200 } }
`);
    expect(one).toMatchObject({
      address: 'acme/oauth/password-grant/issues-token',
      profile: 'acme/oauth',
      file: 'specs/acme/password-grant.yaml',
      line: 4,
      clauses: ['page/issues'],
      see: [],
      given: [],
      exclusive: false,
      writes: false,
      priority: 5,
      needs: ['users.main.name', 'users.main.password'],
    });
    expect(firstStep(one)).toEqual({
      kind: 'request',
      name: 'step-1',
      line: 8,
      request: {
        surface: 'token',
        method: 'POST',
        path: '${paths.token}',
        query: [],
        headers: [['Accept', 'application/json']],
        body: {
          kind: 'form',
          fields: [
            ['grant_type', 'password'],
            ['username', '${users.main.name}'],
            ['password', '${users.main.password}'],
          ],
        },
      },
      checks: [
        {
          name: 'status',
          level: 'must',
          alternatives: [{ clauses: ['page/issues'], witness: 'document', expectation: { kind: 'status', status: 200 } }],
          line: 9,
        },
      ],
      capture: [],
      repeat: 1,
      freshConnection: false,
    });
  });

  it('becomes one case per row, each with its own request beside the plain one', async () => {
    const { cases } = await compileCases(`
wrong:
  title: MUST refuse
  clauses: [page/refuses]
  cost: { failedLogins: 1, identity: users.main.name }
  vary:
    altered: { form.password: "\${users.main.password | flip}" }
    missing: { form.password: null, title: MUST refuse without a password, clauses: [rfc/5.2], cost: { failedLogins: 0 } }
    twice: { form.password: [a, b], form.extra: 1, headers.X: true, query.q: x, when: { version: 2.x, target: [users.other.id] } }
    other-case: { headers.accept: text/html }
    as-json: { json: { a: 1 }, expect: either, why: nobody says }
    as-text: { text: hello, headers.Content-Type: text/plain, headers.Accept: null }
    no-body: { form: null, method: GET, path: /x }
    raw: { raw: "GET / HTTP/1.1\\nHost: \${host}\\n\\n" }
    new-form: { form: { a: "1", b: "2" }, headers: null }
    brackets: { "form.user[0].x": "1" }
  steps:
    - request: ask
      expect: refused
      checks: { status: { status: 401 } }
`);
    const byRow = new Map(cases.map((one) => [one.address.split('/').at(-1), one]));
    expect(cases.map((one) => one.address.replace('acme/oauth/password-grant/', ''))).toEqual([
      'wrong/altered',
      'wrong/missing',
      'wrong/twice',
      'wrong/other-case',
      'wrong/as-json',
      'wrong/as-text',
      'wrong/no-body',
      'wrong/raw',
      'wrong/new-form',
      'wrong/brackets',
    ]);
    const plain = firstStep(byRow.get('altered')).plain;
    for (const one of cases) expect(firstStep(one).plain).toEqual(plain);
    const requestOf = (row: string) => firstStep(byRow.get(row)).request;
    const formOf = (row: string) => requestOf(row).body;
    const [grantType, username, password] = [
      ['grant_type', 'password'],
      ['username', '${users.main.name}'],
      ['password', '${users.main.password}'],
    ];
    expect(formOf('altered')).toEqual({ kind: 'form', fields: [grantType, username, ['password', '${users.main.password | flip}']] });
    expect(formOf('missing')).toEqual({ kind: 'form', fields: [grantType, username] });
    expect(formOf('twice')).toEqual({ kind: 'form', fields: [grantType, username, ['password', 'a'], ['password', 'b'], ['extra', '1']] });
    expect(requestOf('twice').headers).toEqual([
      ['Accept', 'application/json'],
      ['X', 'true'],
    ]);
    expect(requestOf('twice').query).toEqual([['q', 'x']]);
    expect(requestOf('other-case').headers).toEqual([
      ['Accept', 'application/json'],
      ['accept', 'text/html'],
    ]);
    expect(formOf('as-json')).toEqual({ kind: 'json', value: { a: 1 } });
    expect(formOf('as-text')).toEqual({ kind: 'text', value: 'hello' });
    expect(requestOf('as-text').headers).toEqual([['Content-Type', 'text/plain']]);
    expect(requestOf('no-body')).toEqual({
      surface: 'token',
      method: 'GET',
      path: '/x',
      query: [],
      headers: [['Accept', 'application/json']],
    });
    expect(requestOf('raw').raw).toBe('GET / HTTP/1.1\nHost: ${host}\n\n');
    expect(formOf('new-form')).toEqual({
      kind: 'form',
      fields: [
        ['a', '1'],
        ['b', '2'],
      ],
    });
    expect(requestOf('new-form').headers).toEqual([]);
    expect(formOf('brackets')).toEqual({ kind: 'form', fields: [grantType, username, password, ['user[0].x', '1']] });

    expect(byRow.get('missing')).toMatchObject({
      title: 'MUST refuse without a password',
      clauses: ['rfc/5.2'],
      cost: { failedLogins: 0 },
    });
    expect(firstStep(byRow.get('missing')).checks[0]?.alternatives[0]).toMatchObject({ clauses: ['rfc/5.2'], witness: 'rfc' });
    expect(byRow.get('altered')).toMatchObject({ title: 'MUST refuse', cost: { failedLogins: 1, identity: 'users.main.name' }, line: 9 });
    expect(byRow.get('twice')?.when).toEqual({ version: '2.x', target: ['users.other.id'] });
    expect(byRow.get('twice')?.needs).toEqual(['users.main.name', 'users.main.password', 'users.other.id']);
    expect(firstStep(byRow.get('as-json')).expect).toBe('either');
    expect(byRow.get('as-json')?.why).toBe('nobody says');
  });

  it('lets its rows change the step that is marked, and replace checks by name', async () => {
    const { cases } = await compileCases(`
use:
  title: MUST refuse a wrong token
  clauses: [page/refuses]
  vary:
    garbage: { headers.Authorization: Bearer garbage, checks: { status: { status: 403 }, more: { text: no } } }
  steps:
    - { name: ask, request: ask, expect: accepted, checks: { status: { status: 200 } } }
    - { name: use, request: use, varied: true, expect: refused, checks: { status: { status: 401 }, body: { absent: [/id] } } }
`);
    const [ask, use] = cases[0]?.steps ?? [];
    expect(ask).not.toHaveProperty('plain');
    expect(use).toMatchObject({
      plain: { headers: [['Authorization', 'Bearer ${token}']] },
      request: { headers: [['Authorization', 'Bearer garbage']] },
      checks: [
        { name: 'use-status', writtenName: 'status', alternatives: [{ expectation: { status: 403 } }] },
        { name: 'body' },
        { name: 'more', alternatives: [{ expectation: { kind: 'text', text: 'no' } }] },
      ],
    });
  });

  it('needs what its fixtures and surfaces need', async () => {
    const { cases } = await compileCases(`
uses:
  title: MUST open
  clauses: [page/issues]
  given: [{ fixture: other, as: stranger, fresh: true }]
  steps:
    - request: use
      with: { headers.Authorization: "Bearer \${stranger.token}", query.x: "\${stranger.id}", path: "\${paths.special}" }
      expect: accepted
`);
    expect(cases[0]?.given).toEqual([{ fixture: 'other', as: 'stranger', fresh: true }]);
    expect(cases[0]?.needs).toEqual(['paths.special', 'users.main.id', 'users.main.name', 'users.main.password', 'users.other.name']);
  });

  it('takes level and witness from the first clause, unless it says otherwise', async () => {
    const { cases } = await compileCases(`
a:
  title: levels
  clauses: [page/type, page/issues]
  steps:
    - request: ask
      checks:
        inherited: { header: { Content-Type: { contains: json } } }
        own: { status: 200, clauses: [page/issues] }
        said: { status: 200, level: may }
        both:
          any:
            - { status: 400, clauses: [rfc/5.2] }
            - { status: 401, when: { version: ">=3" } }
b:
  title: level of the case
  clauses: [page/issues]
  level: should
  steps: [{ request: ask, checks: { status: { status: 200 }, must: { status: 200, level: must } } }]
`);
    const levels = cases.map((one) => Object.fromEntries(firstStep(one).checks.map(({ name, level }) => [name, level])));
    expect(levels).toEqual([
      { inherited: 'should', own: 'must', said: 'may', both: 'must' },
      { status: 'should', must: 'must' },
    ]);
    expect(firstStep(cases[0]).checks.find(({ name }) => name === 'both')?.alternatives).toEqual([
      { clauses: ['rfc/5.2'], witness: 'rfc', expectation: { kind: 'status', status: 400 } },
      {
        clauses: ['page/type', 'page/issues'],
        witness: 'document',
        when: { version: '>=3' },
        expectation: { kind: 'status', status: 401 },
      },
    ]);
    expect(firstStep(cases[0]).checks[0]?.alternatives[0]?.when).toEqual({ version: '>=2' });
  });

  it('may extend requests of its file, which may extend those of the profile under the same name', async () => {
    const one = await compileOne(
      `
a:
  title: t
  clauses: [page/issues]
  steps: [{ request: { extends: short, headers: { B: "2" } }, checks: { status: { status: 200 } } }]
`,
      `requests:
  ask: { extends: ask, form: { username: null, scope: x } }
  short: { extends: ask, json: [1] }
  unused: { extends: ask, form: { password: p } }
`,
    );
    expect(firstStep(one).request).toMatchObject({
      surface: 'token',
      method: 'POST',
      headers: [
        ['Accept', 'application/json'],
        ['B', '2'],
      ],
      body: { kind: 'json', value: [1] },
    });
  });

  it('gives the same digest for the same content in another order of keys, and another for other content', async () => {
    const digest = async (cases: string) => (await compileCases(cases)).digest;
    const [a, b, c] = await Promise.all([
      digest(`a: { title: t, clauses: [page/issues], steps: [{ request: ask, checks: { s: { status: 200 } } }] }`),
      digest(`a: { steps: [{ checks: { s: { status: 200 } }, request: ask }], clauses: [page/issues], title: t }`),
      digest(`a: { title: t, clauses: [page/issues], steps: [{ request: ask, checks: { s: { status: 201 } } }] }`),
    ]);
    expect(a).toMatch(/^[0-9a-f]{64}$/);
    expect(b).toBe(a);
    expect(c).not.toBe(a);
  });
});

describe('a user file', () => {
  it('adds cases to a profile that was compiled before, and cites its clauses', async () => {
    const shipped = await compileCases(
      `a: { title: t, clauses: [page/issues], steps: [{ request: ask, checks: { s: { status: 200 } } }] }`,
    );
    const stored = JSON.parse(JSON.stringify(shipped)) as Catalogue;
    const text = specOf(`
own:
  title: MUST open
  clauses: [page/issues]
  given: [token]
  steps: [{ request: use, expect: accepted }]
`);
    const catalogue = await compile([{ path: 'mine/extra.yaml', text }], { base: stored });
    expect(catalogue.cases.map(({ address }) => address)).toEqual(['acme/oauth/password-grant/a', 'acme/oauth/extra/own']);
    expect(catalogue.digest).not.toBe(shipped.digest);
    expect(catalogue.cases[1]?.needs).toEqual(['users.main.id', 'users.main.name', 'users.main.password']);
  });

  it('may not take the address of another case', async () => {
    const cases = `a: { title: t, clauses: [page/issues], steps: [{ request: ask, checks: { s: { status: 200 } } }] }`;
    const shipped = await compileCases(cases);
    await expect(compile([{ path: 'mine/password-grant.yaml', text: specOf(cases) }], { base: shipped })).rejects.toThrow(
      'mine/password-grant.yaml:4:3: case acme/oauth/password-grant/a is already defined in specs/acme/password-grant.yaml; rename the case or the file',
    );
  });
});

describe('a profile that extends another', () => {
  const gateway = `
profile: gateway/oauth
extends: acme/oauth
title: Gateway in front of Acme
paths: { token: /gw/token }
requests: { ask: { extends: ask, headers: { X-Gate: open } } }
surfaces: { user: { accepted: { checks: { gate: { header: { X-Gate: open }, clauses: [page/issues] } } }, refused: { checks: {} } } }
fixtures: { both: { given: [token], steps: [{ request: use, capture: { seen: /id } }] } }
requires: [users.main.id]
`;
  const cases = `title: t
profile: gateway/oauth
cases:
  a: { title: t, clauses: [page/issues], given: [both, token], steps: [{ request: ask, expect: accepted }, { request: use, with: { query.x: "\${seen}" }, expect: accepted }] }
`;

  it('has what the other has, its own first, and may be witnessed by the same documents', async () => {
    const shipped = JSON.parse(JSON.stringify(await compile(base))) as Catalogue;
    const catalogue = await compile(
      [
        { path: 'mine/gateway.yaml', text: gateway },
        { path: 'mine/use.yaml', text: cases },
      ],
      { base: shipped },
    );
    const profile = catalogue.profiles['gateway/oauth'];
    expect(profile).toMatchObject({
      extends: 'acme/oauth',
      product: { name: 'Acme' },
      authorities: ['document'],
      paths: { token: '/gw/token', user: '/user/${users.main.id}' },
      requires: ['users.main.id'],
      requests: {
        ask: {
          method: 'POST',
          headers: [
            ['Accept', 'application/json'],
            ['X-Gate', 'open'],
          ],
        },
        use: { surface: 'user' },
      },
    });
    expect(Object.keys(profile?.fixtures ?? {})).toEqual(['token', 'other', 'both']);
    expect(profile?.surfaces['user']?.accepted.checks.map(({ name }) => name)).toEqual(['gate']);
    expect(profile?.surfaces['token']).toEqual(shipped.profiles['acme/oauth']?.surfaces['token']);
    expect(catalogue.cases.map(({ address }) => address)).toEqual(['gateway/oauth/use/a']);
  });

  it('must name one that exists, and not itself', async () => {
    expect(await problems(gateway.replace('extends: acme/oauth', 'extends: acme/oath'), 'mine/gateway.yaml')).toMatchInlineSnapshot(`
      "
      3:10: unknown profile "acme/oath". Did you mean "acme/oauth"?
        3 | extends: acme/oath
                     ^^^^^^^^^
      "
    `);
    expect(await problems(gateway.replace('extends: acme/oauth', 'extends: gateway/oauth'), 'mine/gateway.yaml')).toMatchInlineSnapshot(`
      "
      3:10: profile gateway/oauth extends itself, by way of gateway/oauth
        3 | extends: gateway/oauth
                     ^^^^^^^^^^^^^
      "
    `);
    expect(await problems(gateway.replace('extends: acme/oauth\n', ''), 'mine/gateway.yaml')).toMatchInlineSnapshot(`
      "
      2:1: profile gateway/oauth lacks "product" and "authorities"; give them, or extend a profile that has them
        2 | profile: gateway/oauth
            ^^^^^^^^^^^^^^^^^^^^^^
      "
    `);
  });
});

describe('a mistake in the shape of a file is told with its place and its remedy', () => {
  const cases: [name: string, text: string][] = [
    ['unknown key', `a:\n  title: t\n  clauses: [page/issues]\n  stps: []\n  steps: [{ request: ask, chekcs: {} }]`],
    [
      'unknown key without a likely one',
      `a: { title: t, clauses: [page/issues], colour: red, steps: [{ request: ask, expect: accepted }] }`,
    ],
    ['missing keys', `a: { title: t }`],
    [
      'type slip',
      `a:\n  title: t\n  clauses: [page/issues]\n  priority: "3"\n  exclusive: maybe\n  steps:\n    - request: ask\n      checks: { status: { status: "401" }, x: { status: forbidden }, y: { status: 4 }, z: { status: [200, "x"] } }`,
    ],
    ['nothing where something must be', `a:\n  title:\n  clauses:\n  steps:\n    -`],
    ['a list for a mapping', `- a\n- b`],
    ['a number for a text', `a: { title: 5, clauses: page/issues, steps: [{ request: 7 }] }`],
    ['unknown word', `a: { title: t, clauses: [page/issues], level: shall, steps: [{ request: ask, expect: refuse }] }`],
    ['bad names', `Wrong_Password: { title: t, clauses: [issues], steps: [{ name: "my step", request: ask, expect: accepted }] }`],
    [
      'neither request nor wait',
      `a: { title: t, clauses: [page/issues], steps: [{ name: x }, { reqest: ask }, { wait: { until: tomorrow, of: x } }] }`,
    ],
    [
      'too few alternatives',
      `a: { title: t, clauses: [page/issues], steps: [{ request: ask, checks: { x: { any: [{ status: 200 }] } } }] }`,
    ],
    [
      'a capture that is no pointer',
      `a: { title: t, clauses: [page/issues], steps: [{ request: ask, capture: { token: access_token, t-1: /a, b: { jsn: /x } } }] }`,
    ],
  ];
  it.each(cases)('%s', async (_, text) => {
    expect(await problemsOfCase(text)).toMatchSnapshot();
  });

  it('no profile and no cases', async () => {
    expect(await problems('title: x\n')).toMatchInlineSnapshot(`
      "
      1:1: the file has no "profile" and no "cases", which are required
        1 | title: x
            ^^^^^^^^
      "
    `);
  });

  it('an empty file, and one with only a comment', async () => {
    expect(await problems('')).toMatchInlineSnapshot(`
      "
      1:1: the file is empty
      "
    `);
    expect(await problems('# nothing yet\n')).toMatchInlineSnapshot(`
      "
      1:1: the file is empty
      "
    `);
  });
});

describe('a mistake in what a file says is told with its place and its remedy', () => {
  const one = (rest: string) => `a:\n  title: t\n  clauses: [page/issues]\n${rest}`;
  const step = (rest: string) => one(`  steps:\n    - request: ask\n${rest.replace(/^/gm, '      ')}`);
  const cases: [name: string, text: string, head?: string][] = [
    ['unknown request', one(`  steps: [{ request: akk, expect: accepted }]`)],
    ['unknown fixture', one(`  given: [tokn, { fixture: othr, as: x }]\n  steps: [{ request: ask, expect: accepted }]`)],
    ['unknown schema', step(`checks: { body: { body: tokne } }`)],
    [
      'unknown clause',
      `a: { title: t, clauses: [page/isues], steps: [{ request: ask, checks: { x: { status: 200, clauses: [pgae/type] } } }] }`,
    ],
    ['unknown surface', one(`  steps: [{ request: { extends: ask, surface: tokens }, expect: accepted }]`)],
    [
      'unknown variable',
      one(
        `  steps: [{ request: { extends: ask, form: { a: "\${user.main.name}", b: "\${users.main.nam}", c: "\${tokn}" } }, expect: accepted }]`,
      ),
    ],
    ['a capture that a fixture has', one(`  steps: [{ request: use, checks: { x: { status: 200 } } }]`)],
    [
      'unknown filter',
      one(
        `  vary: { x: { form.password: "\${users.main.password | uper}", form.a: "\${users.main.name" } }\n  steps: [{ request: ask, expect: refused }]`,
      ),
    ],
    ['unknown path', one(`  steps: [{ request: { path: "\${paths.tokn}/x" }, checks: { x: { status: 200 } } }]`)],
    ['unknown check kind', step(`checks: { x: { statuss: 200 } }`)],
    ['no kind, or too many', step(`checks: { y: {}, z: { status: 200, json: {} }, w: { any: [{ status: 200 }, {}], status: 200 } }`)],
    [
      'unknown change',
      one(
        `  vary:\n    a: { from.password: x }\n    b: { password: x }\n    c: { methd: GET }\n    d: { body.x: 1 }\n  steps: [{ request: ask, expect: refused }]`,
      ),
    ],
    [
      'changes of the wrong type',
      one(
        `  vary:\n    a: { form.password: { x: 1 } }\n    b: { form.a: 1.10 }\n    c: { method: 5 }\n    d: { form: x }\n    e: { json.a: 1 }\n    f: { multipart.x: y }\n    g: { form.a: [] }\n  steps: [{ request: ask, expect: refused }]`,
      ),
    ],
    [
      'a removal of nothing',
      one(
        `  vary:\n    a: { form.passwort: null }\n    b: { headers.X: null }\n    c: { text: null }\n  steps: [{ request: ask, expect: refused }]`,
      ),
    ],
    ['a row that changes nothing', one(`  vary: { a: { form.grant_type: password } }\n  steps: [{ request: ask, expect: refused }]`)],
    ['no rows', one(`  vary: {}\n  steps: [{ request: ask, expect: refused }]`)],
    [
      'several varied steps, or one in vain',
      one(`  steps: [{ request: ask, varied: true, expect: accepted }, { request: ask, varied: true, expect: accepted }]`),
    ],
    ['an outcome without a surface', one(`  steps: [{ request: { path: /x }, expect: refused }]`)],
    ['nothing checked', one(`  steps: [{ request: ask }]`)],
    ['two bodies', one(`  steps: [{ request: { path: /x, form: { a: b }, json: 1 }, checks: { x: { status: 200 } } }]`)],
    ['no path', one(`  steps: [{ request: { method: GET }, checks: { x: { status: 200 } } }]`)],
    [
      'a circle of requests',
      one(`  steps: [{ request: p, checks: { x: { status: 200 } } }]`),
      `requests:\n  p: { extends: q }\n  q: { extends: p }\n`,
    ],
    ['a clause of another product', step(`checks: { x: { status: 200, clauses: [foreign/x] } }`)],
    [
      'steps and fixtures that do not exist',
      one(
        `  steps:\n    - { name: first, request: ask, expect: accepted }\n    - { request: ask, checks: { x: { same: { as: frist, at: [/a, sttus, "x y"] } } } }\n    - { wait: { until: after-expiry, of: tokn } }`,
      ),
    ],
    [
      'step names that are taken',
      one(
        `  given: [token]\n  steps: [{ name: token, request: ask, expect: accepted }, { name: x, request: ask, expect: accepted }, { name: x, request: ask, expect: accepted }]`,
      ),
    ],
    [
      'captures that collide',
      one(
        `  given: [token, token, { fixture: token, as: users }]\n  steps: [{ request: ask, expect: accepted, capture: { host: /x, y: { json: /a, header: B } } }]`,
      ),
    ],
    [
      'bad matchers',
      step(
        `checks:\n  a: { json: { x: { type: user--user }, y: { matches: "(" }, z: { oneOf: 5 }, w: { min: low }, v: { absent: false } } }\n  b: { json: { x: { starts-with: a }, y: { OneOf: [1] } } }\n  c: { within: { at: /x } }\n  d: { within: { at: x, min: 5, max: 1 } }\n  e: { header: { Allow: { type: text } } }`,
      ),
    ],
    [
      'conditions of a check',
      step(
        `checks: { x: { status: 200, when: { target: [users.other.id] } }, y: { any: [{ status: 200, when: { version: new } }, { status: 201 }] } }`,
      ),
    ],
    [
      'bad conditions and costs',
      one(
        `  when: { version: "latest", target: [user.main, paths.token] }\n  cost: { failedLogins: 1, identity: somebody }\n  steps: [{ request: ask, expect: refused }]`,
      ),
    ],
  ];
  const foreign = {
    path: 'specs/clauses/foreign.yaml',
    text: 'document: foreign\ntitle: F\nwitness: observed\nproducts: [acm, acme/basic]\nclauses: [{ id: x, keyword: must, says: y }]',
  };
  it.each(cases)('%s', async (_, text, head) => {
    const path = 'specs/acme/password-grant.yaml';
    const message = await problems([...base, foreign, { path, text: specOf(text, head) }]);
    expect(message.replaceAll(`${path}:`, '')).toMatchSnapshot();
  });

  it('unknown profile', async () => {
    expect(await problems('title: t\nprofile: acme/oath\ncases: {}\n')).toMatchInlineSnapshot(`
      "
      2:10: unknown profile "acme/oath". Did you mean "acme/oauth"?
        2 | profile: acme/oath
                     ^^^^^^^^^
      "
    `);
  });

  it('a file name that cannot be part of an address', async () => {
    expect(
      await problems(
        specOf(`a: { title: t, clauses: [page/issues], steps: [{ request: ask, expect: accepted }] }`),
        'specs/acme/Password grant.yaml',
      ),
    ).toMatchInlineSnapshot(`
      "
      1:1: the file name "Password grant" becomes part of addresses; it must be lower-case words and digits joined by hyphens
        1 | title: Password grant
            ^^^^^^^^^^^^^^^^^^^^^
      "
    `);
  });
});

describe('a mistake in a profile', () => {
  const path = 'specs/acme/profile.yaml';
  const changed = (from: string, to: string) => problems(profile.replace(from, to), path);

  it('that defines nothing it refers to', async () => {
    expect(await changed('expect: accepted }] }', 'expect: accepted, checks: { x: { body: tken, clauses: [page/x] } } }] }'))
      .toMatchInlineSnapshot(`
      "
      30:75: unknown schema "tken". Did you mean "token"?
        30 |   token: { steps: [{ request: ask, expect: accepted, checks: { x: { body: tken, clauses: [page/x] } } }] }
                                                                                       ^^^^

      30:91: unknown clause "page/x". Known: page/issues, page/refuses, page/type and rfc/5.2
        30 |   token: { steps: [{ request: ask, expect: accepted, checks: { x: { body: tken, clauses: [page/x] } } }] }
                                                                                                       ^^^^^^
      "
    `);
    expect(await changed('given: [token]', 'given: [tokne]')).toMatchInlineSnapshot(`
      "
      31:20: unknown fixture "tokne". Did you mean "token"?
        31 |   other: { given: [tokne], steps: [{ request: ask, with: { form.username: "\${users.other.name}" }, capture: { token: /access_token, id: { header: X-Id, secret: …
                                ^^^^^
      "
    `);
  });

  it('whose checks cite nothing', async () => {
    expect(await changed('{ status: { status: 200, clauses: [page/issues] } }', '{ status: { status: 200 } }')).toMatchInlineSnapshot(`
      "
      21:17: check status cites no clause; a check of a profile needs clauses of its own
        21 |       checks: { status: { status: 200 } }
                             ^^^^^^
      "
    `);
  });

  it('with circles', async () => {
    expect(await changed('token: { steps: [{ request: ask', 'token: { given: [other], steps: [{ request: ask')).toMatchInlineSnapshot(`
      "
      31:12: fixture other needs itself: other → token → other
        31 |   other: { given: [token], steps: [{ request: ask, with: { form.username: "\${users.other.name}" }, capture: { token: /access_token, id: { header: X-Id, secret: …
                        ^^^^^
      "
    `);
    expect(
      await changed(
        'capture: { token: /access_token }',
        'capture: { token: /access_token }\n      proof: [{ request: ask, expect: accepted }]',
      ),
    ).toMatchInlineSnapshot(`
      "
      23:7: the proof of surface token needs itself: token → token
        23 |       proof: [{ request: ask, expect: accepted }]
                   ^^^^^
      "
    `);
  });

  it('with schemas that are none', async () => {
    expect(await changed('{ type: object, required', '{ type: objekt, required')).toMatchInlineSnapshot(`
      "
      33:3: schema token is no JSON Schema: the value at /type must be equal to one of the allowed values
        33 |   token: { type: objekt, required: [access_token], properties: { access_token: { type: string } } }
               ^^^^^
      "
    `);
    expect(await changed('{ type: object, required', '{ typ: object, required')).toMatchInlineSnapshot(`
      "
      33:3: schema token is no JSON Schema: unknown keyword: "typ"
        33 |   token: { typ: object, required: [access_token], properties: { access_token: { type: string } } }
               ^^^^^
      "
    `);
  });

  it('is not told again for every case of the profile', async () => {
    const broken = [
      ...base.slice(0, 2),
      { path, text: profile.replace('title: Acme', 'titel: Acme') },
      { path: 'specs/acme/x.yaml', text: specOf('a: { title: t, clauses: [page/issues], steps: [{ request: ask, expect: accepted }] }') },
    ];
    expect(await problems(broken, path)).toMatchInlineSnapshot(`
      "
      3:1: unknown key "titel" in the file. Did you mean "title"?
        3 | titel: Acme
            ^^^^^
      "
    `);
  });
});

describe('a register', () => {
  const path = 'specs/clauses/page.yaml';
  const spec = {
    path: 'specs/acme/x.yaml',
    text: specOf('a: { title: t, clauses: [page/issues], steps: [{ request: ask, checks: { status: { status: 200 } } }] }'),
  };

  it('that claims to be complete names each clause without a check or a reason, and each with both', async () => {
    const text = clauses.replace('title: A page', 'title: A page\nregister: true').replace('url: "#issues"', 'excluded: a picture');
    expect(await problems([{ path, text }, ...base.slice(1), spec], path)).toMatchInlineSnapshot(`
      "
      9:11: clause issues is excluded, yet acme/oauth/x/a#status verifies it; remove the exclusion or the citation
        9 |   - { id: issues, keyword: must, says: It issues a token., excluded: a picture }
                      ^^^^^^

      10:11: clause refuses has neither a check that cites it nor "excluded" with a reason
        10 |   - { id: refuses, keyword: must, says: It refuses a wrong password. }
                       ^^^^^^^

      11:11: clause type has neither a check that cites it nor "excluded" with a reason
        11 |   - { id: type, keyword: should, says: It answers with JSON., when: { version: ">=2" } }
                       ^^^^
      "
    `);
  });

  it('names ids that stand twice', async () => {
    expect(await problems(clauses.replace('id: refuses', 'id: issues'), path)).toMatchInlineSnapshot(`
      "
      9:11: clause issues stands twice in page
        9 |   - { id: issues, keyword: must, says: It refuses a wrong password. }
                      ^^^^^^

      specs/acme/profile.yaml:24:71: unknown clause "page/refuses". Did you mean "page/issues"?
        24 |       checks: { error: { json: { error: { type: string } }, clauses: [page/refuses] } }
                                                                                   ^^^^^^^^^^^^
      "
    `);
  });

  it('makes absolute links of its fragments', async () => {
    const { clauses: compiled } = await compile(base);
    expect(compiled['page/issues']).toEqual({
      id: 'page/issues',
      document: 'page',
      witness: 'document',
      products: ['acme'],
      keyword: 'must',
      says: 'It issues a token.',
      url: 'https://example.org/page#issues',
    });
    expect(compiled['page/refuses']?.url).toBe('https://example.org/page');
  });
});

describe('the problems of a file', () => {
  it('are told all at once in the order of its lines, and counted after twenty', async () => {
    const keys = Array.from({ length: 25 }, (_, index) => `  c${index}: { title: ${index} }`).join('\n');
    const message = await problems(`title: t\nprofile: acme/oauth\ncases:\n${keys}\n`);
    expect(message.match(/^\d+:\d+: title must be a string/gm)).toHaveLength(10);
    expect(message.trim().split('\n').at(-1)).toBe('14:3: and 30 more');
  });
});

describe('whatever an author writes', () => {
  const rich = specOf(`
a:
  title: t
  clauses: [page/issues]
  given: [token, { fixture: other, as: o }]
  when: { version: ">=2", target: [users.other.id] }
  vary: { x: { form.password: null, checks: { s: { status: 400 } } }, y: { json: { a: [1] }, expect: either } }
  steps:
    - { name: s1, request: ask, with: { headers.X: "\${o.id}" }, expect: refused, checks: { s: { any: [{ status: 200 }, { json: { a: { type: string } } }] } } }
    - { wait: { until: after-expiry, of: token } }
    - { request: { extends: use, query: { q: [a, b] } }, capture: { c: /id }, checks: { d: { same: { as: s1, at: [status] } } }, repeat: 2 }
`);
  const files = [...base, { path: 'specs/acme/rich.yaml', text: rich }];

  it('ends in a catalogue or in diagnoses with a place, never in a crash', async () => {
    expect((await compile(files)).cases).toHaveLength(2);
    const odd = fc.constantFrom(
      '',
      'null',
      '[]',
      '{}',
      '5',
      '"x"',
      '${',
      '${a}',
      '- a',
      '[null]',
      '{ a: }',
      '*x',
      '"${users.main.id | flip}"',
      '/a',
      'true',
    );
    const lines = fc.tuple(fc.nat(files.length - 1), fc.nat(60), fc.constantFrom('replace', 'delete', 'double', 'splice'), odd, fc.nat(80));
    await fc.assert(
      fc.asyncProperty(fc.array(lines, { minLength: 1, maxLength: 3 }), async (edits) => {
        const texts = files.map(({ text }) => text.split('\n'));
        for (const [file, at, how, text, column] of edits) {
          const list = texts[file] ?? [];
          const line = list[at % list.length] ?? '';
          if (how === 'delete') list.splice(at % list.length, 1);
          else if (how === 'double') list.splice(at % list.length, 0, line);
          else if (how === 'replace') list[at % list.length] = line.replace(/:.*$/, `: ${text}`);
          else list[at % list.length] = line.slice(0, column) + text + line.slice(column + 3);
        }
        const sources = files.map(({ path }, index) => ({ path, text: texts[index]?.join('\n') ?? '' }));
        const result = await compile(sources).catch((error: unknown) => error);
        if (!(result instanceof Error)) return;
        expect(result).toBeInstanceOf(SpecError);
        for (const { place, message } of (result as SpecError).diagnostics) {
          expect(place.line > 0 && place.column > 0 && message !== '').toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
