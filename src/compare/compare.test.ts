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
  it('tells of an answer that became another one only what it is now, not every member that went', async () => {
    const user = { uid: [{ value: 2 }], name: [{ value: 'x' }] };
    const { changed } = await changes(
      [one('a', 'pass', [exchange(200, user)])],
      [one('a', 'pass', [exchange(401, { error: 'NO', error_description: 'No.' })])],
    );
    expect(changed.map(({ fact }) => fact).sort()).toEqual(['status', 'text /error', 'text /error_description']);
  });

  it('says on which target, where a report has several', async () => {
    const two = { ...header, targets: ['x', 'y'].map((name) => ({ ...(header.targets[0] as (typeof header.targets)[number]), name })) };
    const run = async (verdict: CaseRecord['verdict']) =>
      digestRun([two, { ...one('a', verdict), target: 'x' }, { ...one('a', 'pass'), target: 'y' }, footer] as ReportRecord[]);
    const { broken } = compare(await run('pass'), await run('fail'));
    expect(broken).toMatchObject([{ target: 'x', address: one('a', 'fail').address }]);
    expect(renderComparison(compare(await run('pass'), await run('fail')), 'terminal')).toContain(
      `[x] ${one('a', 'fail').address}  pass → fail`,
    );
  });

  it('names a member that went, and not what it held', async () => {
    const { changed } = await changes(
      [one('a', 'pass', [exchange(200, { id: 1, owner: { name: 'x', mails: ['y'] } })])],
      [one('a', 'pass', [exchange(200, { id: 1 })])],
    );
    expect(changed.map(({ fact }) => fact)).toEqual(['type /owner']);
  });

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

async function* placed(...records: ReportRecord[]) {
  for (const record of records) yield { record, readAgain: () => Promise.resolve(record as CaseRecord) };
}

async function joined(...reports: { name: string; records: ReportRecord[] }[]): Promise<ReportRecord[]> {
  const records: ReportRecord[] = [];
  for await (const record of merge(reports.map(({ name, records: own }) => ({ name, records: placed(...own) })))) records.push(record);
  return records;
}

describe('merging', () => {
  const part = (shard: string | undefined, planned: number, ...cases: CaseRecord[]) => ({
    name: `shard ${shard}`,
    records: [
      {
        ...header,
        options: { ...header.options, ...(shard === undefined ? {} : { shard }) },
        planned: { [one('a', 'pass').target]: { [one('a', 'pass').file]: planned } },
      },
      ...cases,
      footer,
    ] as ReportRecord[],
  });

  it('joins shards in the order of the whole run', async () => {
    const merged = await joined(
      part('2/2', 1, one('b', 'pass', [], { order: 1 })),
      part('1/2', 2, one('a', 'fail', [], { order: 0 }), one('c', 'pass', [], { order: 2 })),
    );
    expect(merged.map((record) => (record.type === 'case' ? record.title : record.type))).toEqual(['header', 'a', 'b', 'c', 'footer']);
    expect(merged.at(-1)).toMatchObject({ cases: { pass: 2, fail: 1 }, exitCode: 1, requests: 2 });
    expect(merged.at(-1)).not.toHaveProperty('cut');
    expect((merged[0] as HeaderRecord).options).not.toHaveProperty('shard');
  });

  it('lets a rerun replace what it ran again', async () => {
    const merged = await joined(part(undefined, 2, one('a', 'fail'), one('b', 'pass')), part(undefined, 1, one('a', 'pass')));
    expect(merged.at(-1)).toMatchObject({ cases: { pass: 2, fail: 0 }, exitCode: 0 });
    expect((merged[0] as HeaderRecord).planned).toEqual({ [one('a', 'pass').target]: { [one('a', 'pass').file]: 2 } });
  });

  it('says which shard is missing, and is not green without it', async () => {
    const merged = await joined(part('1/3', 1, one('a', 'pass')), part('3/3', 1, one('c', 'pass')));
    expect(merged.at(-1)).toMatchObject({ exitCode: 3, cut: 'shard 2/3 is missing' });
  });

  it('is red with a missing shard when something that is there failed', async () => {
    const merged = await joined(part('1/2', 1, one('a', 'fail')));
    expect(merged.at(-1)).toMatchObject({ exitCode: 1, cut: 'shard 2/2 is missing' });
  });

  it('is whole again when a rerun brings what an interrupted run lacks', async () => {
    const interrupted = part(undefined, 2, one('a', 'pass'));
    const cut = { ...interrupted, records: [...interrupted.records.slice(0, -1), { ...footer, cut: 'interrupted' }] };
    expect((await joined(cut)).at(-1)).toMatchObject({ exitCode: 130, cut: 'interrupted, 1 case is missing' });
    const whole = (await joined(cut, part(undefined, 1, one('b', 'pass')))).at(-1);
    expect(whole).toMatchObject({ exitCode: 0 });
    expect(whole).not.toHaveProperty('cut');
  });

  it('joins a report that ends without its footer, and counts what it lacks', async () => {
    const whole = part(undefined, 2, one('a', 'pass'));
    const merged = await joined({ ...whole, records: whole.records.slice(0, -1) });
    expect(merged.at(-1)).toMatchObject({ exitCode: 3, cut: '1 case is missing' });
  });

  it('joins reports of different sites with all that their headers say', async () => {
    const [at] = header.targets;
    const site = (name: string, order: number, profile: string) => ({
      name,
      records: [
        {
          ...header,
          options: { ...header.options, shard: `${order + 1}/2` },
          targets: [{ ...at, name, order }],
          planned: { [name]: { 'f.yaml': 1 } },
          flows: { [profile]: { 'get-token': `${profile}/a` } },
          deviations: { [profile]: [`${profile}/deviation`] },
        },
        { ...one('a', 'pass'), target: name },
        footer,
      ] as ReportRecord[],
    });
    const [merged] = (await joined(site('second', 1, 'q'), site('first', 0, 'p'))) as [HeaderRecord];
    expect(merged.targets.map(({ name, order }) => [name, order])).toEqual([
      ['first', undefined],
      ['second', undefined],
    ]);
    expect(Object.keys(merged.planned ?? {}).sort()).toEqual(['first', 'second']);
    expect(Object.keys(merged.flows ?? {}).sort()).toEqual(['p', 'q']);
    expect(Object.keys(merged.deviations ?? {}).sort()).toEqual(['p', 'q']);
  });

  it.each([
    ['specs', { specs: 'other' }, /foreign has specs other, shard 1\/1 has abc/],
    ['a seed', { seed: 7 }, /foreign has seed 7/],
    ['a strictness', { options: { ...header.options, strict: true } }, /foreign has strict true, shard 1\/1 has false/],
    ['a witness', { options: { ...header.options, witness: 'rfc' } }, /foreign has witness rfc, shard 1\/1 has any/],
  ] as [string, Partial<HeaderRecord>, RegExp][])('refuses reports with %s of their own', async (_, other, message) => {
    const foreign = { name: 'foreign', records: [{ ...header, ...other }, footer] as ReportRecord[] };
    await expect(joined(part('1/1', 0), foreign)).rejects.toThrow(message);
  });
});
