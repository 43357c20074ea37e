import { describe, expect, it } from 'vitest';
import type { CaseRecord, FooterRecord, HeaderRecord, JudgedCheck, RecordedExchange, ReportRecord } from '../model/record.ts';
import type { Verdict } from '../model/verdict.ts';
import { againstBaseline } from './baseline.ts';
import { compare, digestRun } from './compare.ts';
import { merge } from './merge.ts';
import { renderComparison } from './render.ts';

const header: HeaderRecord = {
  type: 'header',
  format: 'drupal-auth-conformance/1',
  suite: { name: 's', version: '1' },
  specs: 'abc',
  node: 'v20',
  startedAt: '2026-11-23T00:00:00.000Z',
  seed: 1,
  options: { selectors: [], strict: false, readOnly: false, repeat: 1 },
  targets: [{ name: 't', baseUrl: 'http://x', profiles: ['p'] }],
  clauses: {},
};

const none = { error: 0, fail: 0, blocked: 0, warn: 0, skipped: 0, pass: 0, waived: 0 };
const footer: FooterRecord = {
  type: 'footer',
  cases: none,
  checks: { ...none, pass: 1 },
  findings: [],
  durationMs: 1,
  requests: 1,
  exitCode: 0,
};

function exchange(status: number, body: unknown, headers: [string, string][] = [], origin = 'http://one'): RecordedExchange {
  return {
    request: { method: 'GET', url: `${origin}/a`, headers: [] },
    response: { httpVersion: '1.1', status, reason: '', headers, body: { text: JSON.stringify(body), bytes: 9 } },
    timing: { startedMs: 0, endedMs: 1 },
  };
}

function one(name: string, verdict: Verdict, exchanges: RecordedExchange[] = [], more: Partial<CaseRecord> = {}): CaseRecord {
  const check: JudgedCheck = {
    name: 'status',
    level: 'must',
    verdict,
    clauses: ['d/c'],
    mismatches: verdict === 'fail' ? [{ at: 'status', expected: '401', actual: '200' }] : [],
  };
  return {
    type: 'case',
    target: 't',
    address: `p/f/${name}`,
    profile: 'p',
    title: name,
    file: 'f',
    line: 1,
    clauses: ['d/c'],
    verdict,
    steps: [{ name: 's', kind: 'request', exchanges, checks: [check] }],
    startedMs: 0,
    durationMs: 0,
    ...more,
  };
}

const digest = (cases: CaseRecord[]) => digestRun([header, ...cases, footer]);

async function changes(base: CaseRecord[], head: CaseRecord[]) {
  return compare(await digest(base), await digest(head));
}

describe('verdicts', () => {
  it.each([
    ['pass', 'fail', 'broken'],
    ['warn', 'fail', 'broken'],
    ['skipped', 'fail', 'broken'],
    ['fail', 'pass', 'fixed'],
    ['fail', 'warn', 'fixed'],
    ['fail', 'fail', 'stillFailing'],
    ['pass', 'warn', 'worsened'],
    ['pass', 'blocked', 'unjudged'],
    ['skipped', 'pass', 'unjudged'],
  ] as const)('from %s to %s is %s', async (before, after, kind) => {
    const comparison = await changes([one('a', before)], [one('a', after)]);
    expect(comparison[kind].map(({ address }) => address)).toEqual(['p/f/a']);
    const others = (['broken', 'fixed', 'stillFailing', 'worsened', 'unjudged', 'new', 'gone'] as const).filter((other) => other !== kind);
    expect(others.flatMap((other) => comparison[other])).toEqual([]);
  });

  it('knows what is new, gone, and only renamed', async () => {
    const comparison = await changes(
      [one('old', 'pass'), one('x', 'pass', [], { title: 'renamed' })],
      [one('fresh', 'fail'), one('x', 'pass', [], { title: 'renamed', address: 'p/g/x' })],
    );
    expect(comparison.new.map(({ address }) => address)).toEqual(['p/f/fresh']);
    expect(comparison.gone.map(({ address }) => address)).toEqual(['p/f/old']);
    expect(comparison.same).toBe(1);
  });
});

describe('changed although passing', () => {
  const quiet = async (before: RecordedExchange, after: RecordedExchange) =>
    (await changes([one('a', 'pass', [before])], [one('a', 'pass', [after])])).changed;

  it.each([
    ['status', exchange(401, {}), exchange(403, {}), 'status', '401', '403'],
    ['the type of a member', exchange(401, { http_code: 401 }), exchange(401, { http_code: '401' }), 'type /http_code', 'number', 'string'],
    ['a text', exchange(401, { error_description: 'a' }), exchange(401, { error_description: 'b' }), 'text /error_description', 'a', 'b'],
    ['a new member', exchange(200, {}), exchange(200, { scope: 'x' }), 'text /scope', undefined, 'x'],
    ['a lifetime', exchange(200, { expires_in: 300 }), exchange(200, { expires_in: 3600 }), 'lifetime /expires_in', '300', '3600'],
    ['a header', exchange(200, {}, [['Cache-Control', 'no-store']]), exchange(200, {}), 'header cache-control', 'no-store', undefined],
  ] as const)('%s is told', async (_, before, after, fact, was, is) => {
    const found = (await quiet(before, after)).find((change) => change.fact === fact);
    expect([found?.before, found?.after]).toEqual([was, is]);
    expect(found?.affects).toMatch(/clients|caches/);
  });

  it.each([
    ['a lifetime one second less', exchange(200, { expires_in: 300 }), exchange(200, { expires_in: 299 })],
    ['the date', exchange(200, {}, [['Date', 'a']]), exchange(200, {}, [['Date', 'b']])],
    [
      'another host in a text',
      exchange(404, { message: 'no http://one/a' }),
      exchange(404, { message: 'no http://two/a' }, [], 'http://two'),
    ],
    ['another token', exchange(200, { access_token: '{{token:a#1 len=3}}' }), exchange(200, { access_token: '{{token:a#2 len=9}}' })],
    ['another name', exchange(200, { name: [{ value: 'a' }] }), exchange(200, { name: [{ value: 'b' }] })],
  ])('%s is not', async (_, before, after) => {
    expect(await quiet(before, after)).toEqual([]);
  });

  it('is told once for many cases', async () => {
    const both = (status: number) => ['a', 'b'].map((name) => one(name, 'pass', [exchange(status, {})]));
    const { changed } = await changes(both(401), both(403));
    expect(changed.map(({ seenIn }) => seenIn.length)).toEqual([2]);
  });
});

describe('a rendering', () => {
  it.each(['terminal', 'markdown', 'html', 'json'] as const)('as %s lets no hostile text through', async (format) => {
    const hostile = '<script>alert(1)</script>\u001b[31m|`x`\u202e';
    const text = renderComparison(
      await changes([one('a', 'pass', [exchange(401, { error: hostile })])], [one('a', 'pass', [exchange(401, { error: 'fine' })])]),
      format,
    );
    expect(text).not.toContain('\u001b');
    if (format === 'html') expect(text).not.toContain('<script');
    if (format === 'markdown') expect(text).not.toMatch(/[^\\]<script/);
    expect(text).toContain('fine');
  });
});

async function* stream(...records: ReportRecord[]): AsyncGenerator<ReportRecord> {
  yield* records;
}

describe('a baseline', () => {
  const run = async (base: CaseRecord[], head: CaseRecord[]) => {
    const fails = head.filter(({ verdict }) => verdict === 'fail').length;
    const end = { ...footer, cases: { ...none, fail: fails, pass: head.length - fails }, exitCode: fails > 0 ? 1 : 0 };
    const records: ReportRecord[] = [];
    for await (const record of againstBaseline(stream(header, ...head, end), await digest(base))) records.push(record);
    return records.at(-1) as FooterRecord;
  };

  it('makes a known failure exit 0, and says that it is known', async () => {
    const end = await run([one('a', 'fail')], [one('a', 'fail')]);
    expect(end.exitCode).toBe(0);
    expect(end.findings.map(({ id }) => id)).toEqual(['known-failures']);
  });

  it('exits 4 on a failure that it did not have, also in a new case', async () => {
    expect((await run([one('a', 'pass')], [one('a', 'fail')])).exitCode).toBe(4);
    expect((await run([], [one('a', 'fail')])).exitCode).toBe(4);
  });
});

describe('merging', () => {
  const shard = (index: number, ...cases: CaseRecord[]) => ({
    name: `shard ${index}`,
    records: stream({ ...header, options: { ...header.options, shard: `${index}/2` } }, ...cases, footer),
  });

  it('joins shards in the order of the whole run', async () => {
    const merged = await merge([
      shard(2, one('b', 'pass', [], { order: 1 })),
      shard(1, one('a', 'fail', [], { order: 0 }), one('c', 'pass', [], { order: 2 })),
    ]);
    expect(merged.map((record) => (record.type === 'case' ? record.title : record.type))).toEqual(['header', 'a', 'b', 'c', 'footer']);
    expect(merged.at(-1)).toMatchObject({ cases: { pass: 2, fail: 1 }, exitCode: 1, requests: 2 });
    expect((merged[0] as HeaderRecord).options).not.toHaveProperty('shard');
  });

  it('lets a rerun replace what it ran again', async () => {
    const merged = await merge([shard(1, one('a', 'fail')), shard(1, one('a', 'pass'))]);
    expect(merged.at(-1)).toMatchObject({ cases: { pass: 1, fail: 0 }, exitCode: 0 });
  });

  it('refuses reports that are no parts of one run', async () => {
    const foreign = { name: 'foreign', records: stream({ ...header, specs: 'other' }, footer) };
    await expect(merge([shard(1), foreign])).rejects.toThrow(/foreign has specs other, shard 1 has abc/);
  });
});
