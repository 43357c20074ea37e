import { describe, expect, it } from 'vitest';
import type {
  Alternative,
  Catalogue,
  CatalogueCase,
  CatalogueCheck,
  Expectation,
  Profile,
  RequestStep,
  RequestTemplate,
  Surface,
} from '../model/catalogue.ts';
import { bodyText, type Exchange, type Transport, type WireRequest } from '../model/exchange.ts';
import type { CaseRecord, FooterRecord, ReportRecord } from '../model/record.ts';
import type { Target } from '../model/target.ts';
import { run, type RunEffects, type RunOptions } from './run.ts';

type Reply = { status: number; body?: unknown; failure?: Exchange['failure'] };

function check(name: string, expectation: Expectation, witness: Alternative['witness'] = 'document'): CatalogueCheck {
  return { name, level: 'must', line: 1, alternatives: [{ clauses: [`${witness}/${name}`], witness, expectation }] };
}

function request(path: string, more: Partial<RequestTemplate> = {}): RequestTemplate {
  return { method: 'GET', path, query: [], headers: [], ...more };
}

function step(template: RequestTemplate, more: Partial<RequestStep> = {}): RequestStep {
  return {
    kind: 'request',
    name: 'step-1',
    line: 1,
    request: template,
    checks: [],
    capture: [],
    repeat: 1,
    freshConnection: false,
    ...more,
  };
}

const ok = check('status', { kind: 'status', status: 200 });

function one(name: string, more: Partial<CatalogueCase> = {}): CatalogueCase {
  return {
    address: `p/f/${name}`,
    profile: 'p',
    file: 'f.yaml',
    line: 1,
    title: name,
    see: [],
    clauses: ['d/c'],
    given: [],
    exclusive: false,
    writes: false,
    priority: 5,
    needs: [],
    steps: [step(request(`/${name}`), { checks: [ok] })],
    ...more,
  };
}

const tokenSurface: Surface = {
  accepted: {
    checks: [ok, check('token', { kind: 'json', json: { access_token: { type: 'string' } } })],
    capture: [{ name: 'token', from: 'json', at: '/access_token', secret: true }],
    proof: [
      step(request('/me', { headers: [['Authorization', 'Bearer ${token}']] }), {
        name: 'proof',
        checks: [check('who', { kind: 'json', json: { uid: 2 } })],
      }),
    ],
  },
  refused: { checks: [check('shape', { kind: 'json', json: { error: { type: 'string' } } })] },
  yields: ['/access_token'],
};

const profile: Profile = {
  name: 'p',
  title: 'P',
  product: { name: 'P' },
  authorities: ['document'],
  paths: {},
  requires: [],
  surfaces: { token: tokenSurface },
  fixtures: {
    token: {
      name: 'token',
      given: [],
      steps: [
        step(request('/token', { method: 'POST' }), { capture: [{ name: 'token', from: 'json', at: '/access_token', secret: true }] }),
      ],
    },
    keys: {
      name: 'keys',
      given: [],
      optional: 'the site publishes no keys',
      steps: [step(request('/keys'), { capture: [{ name: 'modulus', from: 'json', at: '/keys/0/n', secret: false }] })],
    },
  },
  schemas: {},
  deviations: [],
};

const target: Target = { name: 't', profiles: ['p'], baseUrl: 'http://127.0.0.1' };

/** With a fixture whose surface can prove what its token opens. */
const tellingProfile: Profile = {
  ...profile,
  fixtures: {
    token: {
      name: 'token',
      given: [],
      steps: [
        step(request('/token', { method: 'POST', surface: 'token' }), {
          capture: [{ name: 'token', from: 'json', at: '/access_token', secret: true }],
        }),
      ],
    },
  },
};

async function execute(
  cases: CatalogueCase[],
  server: (request: WireRequest, count: number) => Reply,
  options: Partial<RunOptions> = {},
  given: Target = target,
  known: Profile = profile,
) {
  const seen: WireRequest[] = [];
  let nowMs = 0;
  const moves: number[] = [];
  const transport: Transport = {
    send: (sent) => {
      seen.push(sent);
      const reply = sent.path === '/' ? server(sent, seen.length) : server(sent, seen.length);
      const timing = { startedMs: nowMs, endedMs: nowMs };
      if (reply.failure !== undefined) return Promise.resolve({ failure: reply.failure, timing });
      return Promise.resolve({
        response: {
          httpVersion: '1.1',
          status: reply.status,
          reason: '',
          headers: [['Content-Type', 'application/json']],
          body: Buffer.from(JSON.stringify(reply.body ?? {})),
        },
        timing,
      });
    },
    close: () => Promise.resolve(),
  };
  const effects: RunEffects = {
    transportFor: () => Promise.resolve(transport),
    secretsFor: () => ({
      add: () => undefined,
      mask: (text) => text,
      record: ({ request: { method, path, headers }, response, failure, timing }) => ({
        request: { method, url: path, headers },
        ...(response === undefined
          ? {}
          : { response: { ...response, body: { text: bodyText(response.body), bytes: response.body.length } } }),
        ...(failure === undefined ? {} : { failure: { kind: failure.kind, message: failure.message } }),
        timing,
      }),
      findEcho: () => undefined,
    }),
    fakesFor: () => Promise.resolve(() => undefined),
    today: () => new Date('2026-11-23T00:00:00Z'),
    elapsedMs: () => nowMs,
    sleep: () => Promise.resolve(),
    advanceClock: (_, seconds) => {
      moves.push(seconds);
      nowMs += 0;
      return Promise.resolve(undefined);
    },
  };
  const catalogue: Catalogue = { digest: 'x', clauses: {}, profiles: { p: known }, cases, registers: [] };
  const records: ReportRecord[] = [];
  const all: RunOptions = {
    catalogue,
    cases,
    targets: [given],
    selectors: [],
    suite: { name: 's', version: '1' },
    seed: 1,
    strict: false,
    readOnly: false,
    repeat: 1,
    bail: false,
    maxWaitSeconds: 10,
    signal: new AbortController().signal,
    ...options,
  };
  for await (const record of run(all, effects)) records.push(record);
  const byName = Object.fromEntries(
    records.filter((record): record is CaseRecord => record.type === 'case').map((record) => [record.title, record]),
  );
  return { records, byName, seen, moves, footer: records.at(-1) as FooterRecord };
}

const fine = (): Reply => ({ status: 200 });

function checksOf(record: CaseRecord | undefined): Record<string, string> {
  return Object.fromEntries((record?.steps ?? []).flatMap(({ checks }) => checks.map(({ name, verdict }) => [name, verdict])));
}

describe('a run', () => {
  it('yields header, cases in plan order, footer with totals', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `c${index}`);
    const { records, footer } = await execute(
      names.map((name) => one(name)),
      fine,
      { concurrency: 7 },
    );
    expect(records.map(({ type }) => type)).toEqual(['header', ...names.map(() => 'case'), 'footer']);
    expect(records.filter((record) => record.type === 'case').map(({ title }) => title)).toEqual(names);
    expect(footer).toMatchObject({ cases: { pass: 30, fail: 0 }, checks: { pass: 30 }, exitCode: 0, requests: 31 });
  });

  it('fails a case whose answer differs, and exits 1', async () => {
    const { byName, footer } = await execute([one('a')], ({ path }) => ({ status: path === '/a' ? 404 : 200 }));
    expect(byName['a']?.verdict).toBe('fail');
    expect(footer.exitCode).toBe(1);
  });

  it('takes a server error that an authority foretells for what it is, and no other', async () => {
    const fails = check('status', { kind: 'status', status: 500 });
    const hearsay = check('status', { kind: 'status', status: 500 }, 'source');
    const cases = [fails, hearsay].map((expected, index) => one(`c${index}`, { steps: [step(request('/x'), { checks: [expected] })] }));
    const { byName } = await execute(cases, () => ({ status: 500 }));
    expect(checksOf(byName['c0'])).toEqual({ status: 'pass' });
    expect(checksOf(byName['c1'])).toEqual({ status: 'pass', 'no-server-error': 'fail' });
  });

  it('obtains a shared fixture once, and a fresh one for each case that asks', async () => {
    const use = (name: string, fresh = false) =>
      one(name, {
        given: [{ fixture: 'token', fresh }],
        steps: [step(request(`/${name}`, { headers: [['A', '${token}']] }), { checks: [ok] })],
      });
    const server = ({ path }: WireRequest, count: number): Reply => ({
      status: 200,
      body: path === '/token' ? { access_token: `t${count}` } : {},
    });
    const { seen, byName } = await execute([use('a'), use('b'), use('c', true)], server);
    expect(seen.filter(({ path }) => path === '/token')).toHaveLength(2);
    const sent = (name: string) => seen.find(({ path }) => path === `/${name}`)?.headers.find(([key]) => key === 'A')?.[1];
    expect(sent('a')).toBe(sent('b'));
    expect(sent('c')).not.toBe(sent('a'));
    expect(byName['a']?.verdict).toBe('pass');
  });

  it('blocks the cases of a fixture that yields nothing, and says what it was answered', async () => {
    const cases = [one('a', { given: [{ fixture: 'token', fresh: false }] })];
    const { byName, footer } = await execute(cases, () => ({ status: 401, body: { error: 'INVALID_CLIENT_ID' } }));
    expect(byName['a']).toMatchObject({ verdict: 'blocked' });
    expect(byName['a']?.reason).toContain('answered 401 {"error":"INVALID_CLIENT_ID"}');
    expect(footer.exitCode).toBe(3);
  });

  it('skips what needs a fixture that a site may not offer, with the reason of the fixture', async () => {
    const cases = [one('a', { given: [{ fixture: 'keys', fresh: false }] })];
    const { byName, footer } = await execute(cases, () => ({ status: 404 }));
    expect(byName['a']).toMatchObject({ verdict: 'skipped', reason: 'the site publishes no keys' });
    expect(footer.cases.blocked).toBe(0);
  });

  it('blocks only the step that needs a missing capture; other checks are judged', async () => {
    const steps = [
      step(request('/a'), { checks: [ok], capture: [{ name: 'x', from: 'json', at: '/x', secret: false }] }),
      step(request('/b?${x}'), { name: 'second', checks: [check('second-status', { kind: 'status', status: 200 })] }),
    ];
    const { byName } = await execute([one('a', { steps })], fine);
    expect(checksOf(byName['a'])).toEqual({ status: 'pass', 'second-status': 'blocked' });
  });

  it('skips a row whose change changes nothing', async () => {
    const { byName } = await execute([one('a', { steps: [step(request('/a'), { plain: request('/a'), checks: [ok] })] })], fine);
    expect(byName['a']).toMatchObject({ verdict: 'skipped' });
  });

  it('judges every answer of a repeated step', async () => {
    const { byName } = await execute([one('a', { steps: [step(request('/a'), { repeat: 5, checks: [ok] })] })], (_, count) => ({
      status: count === 4 ? 503 : 200,
    }));
    expect(checksOf(byName['a'])).toEqual({ status: 'fail', 'no-server-error': 'fail' });
  });

  it('takes the worst of repeated runs, and counts them', async () => {
    const { byName } = await execute([one('a')], (_, count) => ({ status: count === 3 ? 404 : 200 }), { repeat: 3 });
    expect(byName['a']).toMatchObject({ verdict: 'fail', runs: { pass: 2, fail: 1 } });
  });

  it('stops at the first failure with bail, and says that it was cut', async () => {
    const { records, footer } = await execute([one('a'), one('b'), one('c')], ({ path }) => ({ status: path === '/b' ? 404 : 200 }), {
      bail: true,
      concurrency: 1,
    });
    expect(records.filter(({ type }) => type === 'case')).toHaveLength(2);
    expect(footer).toMatchObject({ cut: 'bail', exitCode: 1 });
  });

  it('blocks everything on a target that cannot be reached, without sending the cases', async () => {
    const refused = { kind: 'refused', message: 'nothing listens' } as const;
    const { byName, footer, seen } = await execute([one('a'), one('b')], () => ({ status: 0, failure: refused }));
    expect([byName['a']?.verdict, byName['b']?.verdict]).toEqual(['blocked', 'blocked']);
    expect(byName['a']?.reason).toContain('nothing listens');
    expect(seen).toHaveLength(1);
    expect(footer.exitCode).toBe(3);
  });

  it('ends cleanly when it is interrupted', async () => {
    const interrupt = new AbortController();
    const { records, footer } = await execute(
      Array.from({ length: 50 }, (_, index) => one(`c${index}`)),
      (_, count) => {
        if (count === 10) interrupt.abort();
        return { status: 200 };
      },
      { signal: interrupt.signal, concurrency: 2 },
    );
    expect(records.length).toBeLessThan(20);
    expect(footer).toMatchObject({ cut: 'interrupted', exitCode: 130 });
  });
});

describe('no complete answer', () => {
  const timeout = { kind: 'timeout', message: 'no answer within 10 s' } as const;

  it('is a failure of a target that answers everything else', async () => {
    const { byName } = await execute([one('a')], ({ path }) => (path === '/a' ? { status: 0, failure: timeout } : { status: 200 }));
    expect(checksOf(byName['a'])).toEqual({ answer: 'fail' });
  });

  it('is none when the request is answered alone, and the run says that the site is slow', async () => {
    const asked: string[] = [];
    const { byName, footer } = await execute([one('a'), one('b')], ({ path }) => {
      asked.push(path);
      return path === '/a' && asked.filter((one) => one === '/a').length === 1 ? { status: 0, failure: timeout } : { status: 200 };
    });
    expect(byName['a']).toMatchObject({
      verdict: 'pass',
      steps: [{ note: expect.stringMatching(/^asked again alone; .*10 s, beside 1/) }],
    });
    expect(footer.findings).toEqual([expect.objectContaining({ id: 'slow-together', verdict: 'warn' })]);
  });

  it('is blocked where the request cannot be repeated and may only have come at a bad moment', async () => {
    const { byName } = await execute([one('a', { writes: true }), one('b')], ({ path }) =>
      path === '/a' ? { status: 0, failure: timeout } : { status: 200 },
    );
    expect(byName['a']).toMatchObject({ verdict: 'blocked', reason: expect.stringContaining('limits.concurrency') });
  });

  it('is blocked when the target has gone', async () => {
    const { byName } = await execute([one('a')], (_, count) => (count === 1 ? { status: 200 } : { status: 0, failure: timeout }));
    expect(byName['a']).toMatchObject({ verdict: 'blocked' });
  });
});

describe('a lock-out', () => {
  it.each([
    ['a rate limit', { status: 429, body: {} }],
    ['flood control', { status: 403, body: { message: 'Too many failed login attempts from your IP address.' } }],
  ])('by %s blocks, and says what to do', async (_, reply) => {
    const { byName } = await execute([one('a')], ({ path }) => (path === '/a' ? reply : { status: 200 }));
    expect(byName['a']).toMatchObject({ verdict: 'blocked' });
    expect(byName['a']?.reason).toContain('limits.');
  });

  it('is one finding, however many cases it blocks', async () => {
    const cases = ['a', 'b', 'c'].map((name) => one(name));
    const { footer } = await execute(cases, ({ path }) => ({ status: path === '/' ? 200 : 429 }));
    expect(footer.findings).toEqual([
      expect.objectContaining({ id: 'rate-limit', verdict: 'blocked', title: expect.stringMatching(/blocks 3 cases$/) }),
    ]);
  });

  it('of the right credentials blocks every later case, and is told once', async () => {
    const asks = (name: string) => one(name, { steps: [step(request('/token', { surface: 'token' }), { name, expect: 'accepted' })] });
    const wrong = one('wrong', {
      steps: [
        step(request('/token?wrong', { surface: 'token' }), {
          expect: 'refused',
          checks: [check('status', { kind: 'status', status: 401 })],
        }),
      ],
    });
    const token = check('token', { kind: 'json', json: { access_token: { type: 'string' } } });
    const silent = one('a', { steps: [step(request('/token', { surface: 'token' }), { checks: [token] })] });
    let isLocked = false;
    const server = ({ path }: WireRequest): Reply => {
      if (path === '/token?wrong') isLocked = true;
      if (path === '/me') return { status: 200, body: { uid: 2 } };
      if (path.startsWith('/token') && isLocked) return { status: 401, body: { error: 'X' } };
      return { status: 200, body: path === '/token' ? { access_token: 'abc' } : {} };
    };
    const shared = ['u', 'v'].map((name) => one(name, { given: [{ fixture: 'token', fresh: false }] }));
    const { byName, footer, seen } = await execute(
      [...shared, wrong, silent, asks('b'), asks('c')],
      server,
      { concurrency: 1 },
      target,
      tellingProfile,
    );
    expect(['u', 'v', 'wrong', 'a', 'b', 'c'].map((name) => byName[name]?.verdict)).toEqual([
      'pass',
      'pass',
      'pass',
      'blocked',
      'blocked',
      'blocked',
    ]);
    expect(footer.findings).toEqual([
      expect.objectContaining({ id: 'credentials-lost', verdict: 'blocked', title: expect.stringMatching(/blocks 3 cases$/) }),
    ]);
    expect(footer.findings[0]?.remedy).toContain('limits.loginBudget');
    // Once for the case that notices, once to make sure, and never again.
    expect(seen.slice(seen.findIndex(({ path }) => path === '/token?wrong') + 1)).toHaveLength(2);
  });

  it('is none where the right credentials still work', async () => {
    const shared = ['u', 'v'].map((name) => one(name, { given: [{ fixture: 'token', fresh: false }] }));
    const bad = one('bad', { steps: [step(request('/token?deviates', { surface: 'token' }), { expect: 'accepted' })] });
    const { byName } = await execute(
      [...shared, bad],
      ({ path }) => {
        if (path === '/me') return { status: 200, body: { uid: 2 } };
        if (path === '/token?deviates') return { status: 400, body: { error: 'X' } };
        return { status: 200, body: path === '/token' ? { access_token: 'abc' } : {} };
      },
      {},
      target,
      tellingProfile,
    );
    expect(byName['bad']?.verdict).toBe('fail');
  });

  it('is judged where the case is about it', async () => {
    const about = one('a', { steps: [step(request('/a'), { checks: [check('status', { kind: 'status', status: 429 })] })] });
    const { byName } = await execute([about], ({ path }) => ({ status: path === '/a' ? 429 : 200 }));
    expect(byName['a']?.verdict).toBe('pass');
  });
});

describe('named outcomes', () => {
  const ask = (expectOutcome: RequestStep['expect']) => [
    one('a', { steps: [step(request('/token', { surface: 'token' }), expectOutcome === undefined ? {} : { expect: expectOutcome })] }),
  ];
  const success =
    (uid: number) =>
    ({ path }: WireRequest): Reply => ({ status: 200, body: path === '/token' ? { access_token: 'abc' } : { uid } });
  const refusal = (status: number, body: unknown) => (): Reply => ({ status, body });

  it.each([
    ['accepted', success(2), { status: 'pass', token: 'pass', 'proof-who': 'pass' }],
    ['accepted', success(3), { status: 'pass', token: 'pass', 'proof-who': 'fail' }],
    ['refused', refusal(401, { error: 'X' }), { shape: 'pass', 'nothing-given': 'pass', status: 'pass' }],
    ['refused', refusal(200, { error: 'X' }), { shape: 'pass', 'nothing-given': 'pass', status: 'fail' }],
    ['refused', refusal(401, { message: 'X' }), { shape: 'fail', 'nothing-given': 'pass', status: 'pass' }],
    ['refused', success(2), { shape: 'fail', 'nothing-given': 'fail', status: 'fail' }],
    ['either', success(2), { outcome: 'pass' }],
    ['either', success(3), { outcome: 'fail' }],
    ['either', refusal(404, '<html>'), { outcome: 'pass' }],
    ['either', refusal(302, ''), { outcome: 'pass' }],
    ['either', refusal(200, { error: 'X' }), { outcome: 'pass', shape: 'pass', 'nothing-given': 'pass', status: 'fail' }],
    ['either', refusal(200, { hello: 1 }), { outcome: 'fail' }],
    ['either', refusal(401, { error: 'X', access_token: 'abc' }), { outcome: 'fail' }],
    ['either', refusal(500, { error: 'X' }), { outcome: 'fail', 'no-server-error': 'fail' }],
  ] as [RequestStep['expect'], (request: WireRequest) => Reply, Record<string, string>][])(
    '%s judges answer %#',
    async (outcome, server, expected) => {
      const { byName } = await execute(ask(outcome), server);
      expect(checksOf(byName['a'])).toEqual(expected);
    },
  );
});

describe('time', () => {
  it('runs the cases that move the clock last, alone, and with fresh tokens', async () => {
    const ripen = one('ripen', {
      given: [{ fixture: 'token', fresh: false }],
      steps: [{ kind: 'wait', name: 'wait', line: 1, until: 'after-expiry', of: 'token' }, step(request('/ripen'), { checks: [ok] })],
    });
    const use = one('use', { given: [{ fixture: 'token', fresh: false }] });
    const server = ({ path }: WireRequest): Reply => ({
      status: 200,
      body: path === '/token' ? { access_token: 'abc', expires_in: 300 } : {},
    });
    const { records, seen, moves, byName } = await execute([ripen, use], server, {}, { ...target, expiry: { method: 'clock' } });
    expect(records.filter((record) => record.type === 'case').map(({ title }) => title)).toEqual(['use', 'ripen']);
    expect(seen.filter(({ path }) => path === '/token')).toHaveLength(2);
    expect(moves).toEqual([302]);
    expect(byName['ripen']?.expiry).toMatchObject({ method: 'clock', advertisedSeconds: 300, firstRefusedSeconds: 302 });
  });
});

describe('targets at one address', () => {
  it('share its login budget, the first one first', async () => {
    const login = (name: string) => one(name, { cost: { failedLogins: 1, identity: 'users.main.name' }, needs: ['users.main.name'] });
    const site: Target = { ...target, users: { main: { name: 'x' } }, limits: { loginBudget: 3 } };
    const { records } = await execute([login('a'), login('b')], fine, {
      targets: [
        { ...site, name: 'first' },
        { ...site, name: 'second', baseUrl: `${site.baseUrl}/` },
        { ...site, name: 'other', baseUrl: `${site.baseUrl}/sub` },
      ],
    });
    const verdicts = records.flatMap((record) => (record.type === 'case' ? [`${record.target} ${record.title} ${record.verdict}`] : []));
    expect(verdicts.sort()).toEqual(['first a pass', 'first b pass', 'other a pass', 'other b pass', 'second a pass', 'second b skipped']);
  });
});

describe('waivers', () => {
  const waiver = { check: 'p/f/a#status', reason: 'known since the upgrade', expires: '2027-01-01' };
  const broken = ({ path }: WireRequest): Reply => ({ status: path === '/' ? 200 : 404 });

  it('excuse a failure, which is still shown', async () => {
    const { byName, footer } = await execute([one('a')], broken, {}, { ...target, waivers: [waiver] });
    expect(byName['a']?.verdict).toBe('fail');
    expect(footer).toMatchObject({ cases: { fail: 0, waived: 1 }, exitCode: 0 });
  });

  it.each([
    ['that has ended', { ...waiver, expires: '2026-11-22' }],
    ['bound to another failure', { ...waiver, fingerprint: '0000000000000000' }],
  ])('%s excuses nothing', async (_, given) => {
    const { footer } = await execute([one('a')], broken, {}, { ...target, waivers: [given] });
    expect(footer).toMatchObject({ cases: { fail: 1, waived: 0 }, exitCode: 1 });
  });

  it('that excuses nothing any more is told, with its own exit code', async () => {
    const { footer } = await execute([one('a')], fine, {}, { ...target, waivers: [waiver] });
    expect(footer.exitCode).toBe(5);
    expect(footer.findings.map(({ id }) => id)).toEqual(['stale-waiver']);
  });
});
