import { describe, expect, it } from 'vitest';
import type { Catalogue, CatalogueCase, CatalogueCheck, CatalogueStep, Profile } from '../model/catalogue.ts';
import type { Transport, WireRequest } from '../model/exchange.ts';
import type { CaseRecord, FooterRecord, HeaderRecord, ReportRecord } from '../model/record.ts';
import type { Target } from '../model/target.ts';
import { manualClock } from '../support/clock.ts';
import { run, type RunEffects } from './run.ts';

const status = (wanted: number): CatalogueCheck => ({
  name: 'status',
  level: 'must',
  line: 1,
  alternatives: [{ clauses: ['d/c'], witness: 'document', expectation: { kind: 'status', status: wanted } }],
});

function ask(path: string, more: Partial<Extract<CatalogueStep, { kind: 'request' }>> = {}): CatalogueStep {
  return {
    kind: 'request',
    name: path.slice(1),
    line: 1,
    request: { method: 'GET', path, query: [], headers: [] },
    checks: [],
    capture: [],
    repeat: 1,
    freshConnection: false,
    ...more,
  };
}

const wait = (until: 'before-expiry' | 'after-expiry'): CatalogueStep => ({ kind: 'wait', name: until, line: 1, until, of: 'token' });

function one(title: string, steps: readonly CatalogueStep[]): CatalogueCase {
  return {
    address: `p/f/${title}`,
    profile: 'p',
    file: 'f.yaml',
    line: 1,
    title,
    see: [],
    clauses: ['d/c'],
    given: [],
    exclusive: false,
    writes: false,
    priority: 5,
    needs: [],
    steps,
  } as unknown as CatalogueCase;
}

const profile = {
  name: 'p',
  title: 'P',
  authorities: ['document'],
  paths: {},
  requires: [],
  surfaces: {},
  fixtures: {},
  schemas: {},
  deviations: [],
} as unknown as Profile;

interface Site {
  readonly lifetimeSeconds: number;
  readonly announcedSeconds?: number;
  /** How far its clock is ahead. */
  readonly skewSeconds?: number;
  /** How long it takes to answer a path. */
  readonly delayMs?: (path: string) => number;
}

/** Runs cases against a site whose token lives as long as it says, on a clock that only the test moves. */
async function runOn(site: Site, cases: CatalogueCase[], target: Partial<Target> = {}, more: Partial<RunEffects> = {}) {
  const clock = manualClock();
  const midnight = Date.parse('2026-11-23T00:00:00Z');
  const lines: (string | undefined)[] = [];
  const seen: WireRequest[] = [];
  let issuedMs = 0;
  const transport: Transport = {
    async send(request) {
      seen.push(request);
      const startedMs = clock.nowMs();
      await clock.sleep(site.delayMs?.(request.path) ?? 0);
      if (request.path === '/token') issuedMs = clock.nowMs();
      const isAlive = clock.nowMs() < issuedMs + site.lifetimeSeconds * 1000;
      const date = new Date(midnight + clock.nowMs() + (site.skewSeconds ?? 0) * 1000).toUTCString();
      const body = request.path === '/token' ? { access_token: 'abc', expires_in: site.announcedSeconds ?? site.lifetimeSeconds } : {};
      return {
        response: {
          httpVersion: '1.1',
          status: request.path === '/me' && !isAlive ? 401 : 200,
          reason: '',
          headers: [['Date', date]],
          body: Buffer.from(JSON.stringify(body)),
        },
        timing: { startedMs, endedMs: clock.nowMs() },
      };
    },
    close: () => Promise.resolve(),
  };
  const effects: RunEffects = {
    transportFor: () => Promise.resolve(transport),
    secretsFor: () => ({
      add: () => undefined,
      mask: (text) => text,
      record: ({ request: { method, path, headers }, timing }) => ({ request: { method, url: path, headers }, timing }),
      findEcho: () => undefined,
    }),
    fakesFor: () => Promise.resolve(() => undefined),
    today: () => new Date(midnight + clock.nowMs()),
    elapsedMs: () => clock.nowMs(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    advanceClock: () => Promise.resolve('none here'),
    onStatus: (line) => lines.push(line),
    ...more,
  };
  const catalogue: Catalogue = { digest: 'x', clauses: {}, profiles: { p: profile }, cases, registers: [] };
  const records: ReportRecord[] = [];
  const state = { isOver: false };
  const running = (async () => {
    const all = run(
      {
        catalogue,
        cases,
        targets: [{ name: 't', profiles: ['p'], baseUrl: 'http://127.0.0.1', expiry: { method: 'wait' }, ...target }],
        selectors: [],
        suite: { name: 's', version: '1' },
        seed: 1,
        strict: false,
        readOnly: false,
        repeat: 1,
        bail: false,
        maxWaitSeconds: 120,
        signal: new AbortController().signal,
      },
      effects,
    );
    for await (const record of all) records.push(record);
  })().finally(() => (state.isOver = true));
  while (!state.isOver) await clock.advance(100);
  await running;
  const byTitle = Object.fromEntries(
    records.filter((record): record is CaseRecord => record.type === 'case').map((record) => [record.title, record]),
  );
  return {
    byTitle,
    lines,
    seen,
    seconds: clock.nowMs() / 1000,
    header: records[0] as HeaderRecord,
    footer: records.at(-1) as FooterRecord,
  };
}

const bothSides = [
  ask('/token'),
  wait('before-expiry'),
  ask('/me', { checks: [status(200)] }),
  wait('after-expiry'),
  ask('/me', { checks: [status(401)] }),
];

describe('waiting for a token to end', () => {
  it('measures both sides of the end, and says how exactly', async () => {
    const { byTitle } = await runOn({ lifetimeSeconds: 20, delayMs: () => 100 }, [one('a', bothSides)]);
    expect(byTitle['a']).toMatchObject({
      verdict: 'pass',
      expiry: { method: 'wait', advertisedSeconds: 20, lastAcceptedSeconds: 18, firstRefusedSeconds: 22.2 },
    });
  });

  it('waits for all tokens at once', async () => {
    const { byTitle, seconds } = await runOn(
      { lifetimeSeconds: 20 },
      ['a', 'b', 'c'].map((name) => one(name, bothSides)),
    );
    expect(Object.values(byTitle).map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'pass']);
    expect(seconds).toBeLessThan(30);
  });

  it('counts down while tokens ripen, and clears the line', async () => {
    const { lines } = await runOn({ lifetimeSeconds: 20 }, [one('a', bothSides)]);
    expect(lines[0]).toBe('a token ripens, next look in 18 s');
    expect(lines).toContain('a token ripens, next look in 1 s');
    expect(lines.at(-1)).toBeUndefined();
  });

  it('calls a probe that came too late blocked, not failed', async () => {
    const late = (path: string) => (path === '/me' ? 2500 : 0);
    const { byTitle } = await runOn({ lifetimeSeconds: 20, delayMs: late }, [one('a', bothSides.slice(0, 3))]);
    expect(byTitle['a']?.verdict).toBe('blocked');
    expect(byTitle['a']?.reason).toMatch(/answered 20\.5 s after it was issued for 20 s, too late to tell/);
  });

  it('waits for the end counted from the answer, where a site is slow to issue the token', async () => {
    const slow = (path: string) => (path === '/token' ? 4000 : 0);
    const { byTitle } = await runOn({ lifetimeSeconds: 6, delayMs: slow }, [one('a', [ask('/token'), ...bothSides.slice(3)])]);
    expect(byTitle['a']?.verdict).toBe('pass');
  });

  it('fails a token that ends long before its announced end', async () => {
    const { byTitle } = await runOn({ lifetimeSeconds: 10, announcedSeconds: 20 }, [one('a', bothSides)]);
    expect(byTitle['a']?.verdict).toBe('fail');
  });

  it.each([
    [30, 30],
    [-7, -7],
    [0, undefined],
    [0.4, undefined],
  ])('notes a clock that is %d s ahead as %s', async (skewSeconds, noted) => {
    const { byTitle } = await runOn({ lifetimeSeconds: 20, skewSeconds, delayMs: () => 100 }, [one('a', bothSides)]);
    const found = byTitle['a']?.expiry?.skewSeconds;
    if (noted === undefined) expect(found).toBeUndefined();
    else expect(Math.abs((found ?? 0) - noted)).toBeLessThan(1);
  });

  it('names minutes that were taken for seconds', async () => {
    const { footer, byTitle } = await runOn({ lifetimeSeconds: 60, announcedSeconds: 60 }, [one('a', bothSides)], {
      expiry: { method: 'wait', lifetimeSeconds: 3600 },
    });
    expect(byTitle['a']?.verdict).toBe('pass');
    expect(footer.findings.map(({ id, title }) => [id, title])).toEqual([
      ['lifetime-unit', expect.stringContaining('a number of minutes was announced as seconds')],
    ]);
  });

  it('hides no failure that was judged before it would have to wait too long', async () => {
    const steps = [ask('/token'), ask('/me', { name: 'fresh', checks: [status(403)] }), wait('after-expiry')];
    const { byTitle, footer } = await runOn({ lifetimeSeconds: 3600 }, [one('a', steps)], {
      expiry: { method: 'wait', lifetimeSeconds: 3600 },
    });
    expect(byTitle['a']).toMatchObject({ verdict: 'fail', reason: expect.stringContaining('wait') });
    expect(footer.exitCode).toBe(1);
  });

  it('says so also where it would have to wait too long for it', async () => {
    const { byTitle } = await runOn({ lifetimeSeconds: 3600 }, [one('a', bothSides)], { expiry: { method: 'wait', lifetimeSeconds: 60 } });
    expect(byTitle['a']).toMatchObject({
      verdict: 'skipped',
      reason: expect.stringMatching(/more than --max-wait 120; .*60 times as many/) as string,
    });
  });

  it('sees no slip where clients have lifetimes of their own', async () => {
    const { footer } = await runOn({ lifetimeSeconds: 60 }, [one('a', bothSides)], {
      expiry: { method: 'wait', lifetimeSeconds: 3600 },
      clients: { main: { lifetimeSeconds: 60 } },
    });
    expect(footer.findings).toEqual([]);
  });
});

describe('the header', () => {
  it('says what stands behind a target, from its first answer', async () => {
    let front: number | undefined;
    const { header, seen } = await runOn(
      { lifetimeSeconds: 5 },
      [one('a', [ask('/me', { checks: [status(200)] })])],
      {},
      {
        identify: ({ name, baseUrl, profiles }, { response }) => {
          front = response?.status;
          return Promise.resolve({ name, baseUrl, profiles, server: 'nginx', drupal: '10' });
        },
      },
    );
    expect(front).toBe(200);
    expect(header.targets).toEqual([expect.objectContaining({ name: 't', server: 'nginx', drupal: '10' })]);
    expect(seen.filter(({ path }) => path === '/')).toHaveLength(1);
  });
});
