/**
 * A run against servers that do everything wrong: each ends in a verdict, within the limits, and in reports that are well-formed.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from '../../src/index.ts';
import type { CaseRecord, FooterRecord, ReportRecord } from '../../src/model/record.ts';
import type { TargetFile } from '../../src/model/target.ts';
import { reporterNames } from '../../src/report/reporter.ts';
import { render } from '../golden/golden.ts';
import { behaviours } from './behaviours.ts';
import { problemsOf } from './reports.ts';
import { startHostile } from './server.ts';

const specs = [fileURLToPath(new URL('./specs', import.meta.url))];
/** Short for servers that never come to an end; those that do have time, however busy the machine is. */
const limits = { short: 0.3, long: 15 };
const figures = { servers: 0, requests: 0, bytes: 0, reports: 0 };

afterAll(() => {
  const { servers, requests, bytes, reports } = figures;
  console.log(`hostile servers: ${servers}, requests tried: ${requests}, reports read: ${reports}, bytes read: ${bytes}`);
});

function target(url: string, profile: string, timeoutSeconds: number): TargetFile {
  return {
    profile,
    baseUrl: url,
    users: { main: { name: 'api_user', password: 'correct horse battery staple', id: 2 } },
    clients: { main: { id: 'client-of-main', secret: 'secret-of-the-main-client', applicationId: 'application-1' } },
    limits: { timeoutSeconds, concurrency: 4 },
    expiry: { method: 'clock' },
  };
}

async function recordsOf(
  url: string,
  profile: string,
  { select = [], timeoutSeconds = limits.short }: { readonly select?: readonly string[]; readonly timeoutSeconds?: number } = {},
): Promise<ReportRecord[]> {
  const records: ReportRecord[] = [];
  for await (const record of run({ target: target(url, profile, timeoutSeconds), specs, ...(select.length === 0 ? {} : { select }) }))
    records.push(record);
  figures.servers += 1;
  figures.requests += (records.at(-1) as FooterRecord).requests;
  return records;
}

function casesOf(records: readonly ReportRecord[]): CaseRecord[] {
  return records.filter((record): record is CaseRecord => record.type === 'case');
}

async function expectSoundReports(records: readonly ReportRecord[]): Promise<void> {
  for (const name of reporterNames) {
    const text = await render(name, records);
    figures.reports += 1;
    figures.bytes += text.length;
    expect(problemsOf(name, text)).toEqual([]);
  }
}

function exchangesOf(records: readonly ReportRecord[]) {
  return casesOf(records).flatMap(({ steps }) => steps.flatMap(({ exchanges }) => exchanges));
}

describe('a server that', () => {
  it.each(Object.entries(behaviours))(
    '%s gets verdicts within the limits, and sound reports',
    async (_, { script, ends }) => {
      await using server = await startHostile(script);
      const mayTimeOut = ends !== 'answer' && ends.includes('timeout');
      const timeoutSeconds = mayTimeOut ? limits.short : limits.long;
      const records = await recordsOf(server.url, 'hostile', { timeoutSeconds });
      expect(records.at(-1)?.type).toBe('footer');
      const cases = casesOf(records);
      expect(cases.filter(({ verdict }) => verdict === 'error').map(({ reason }) => reason)).toEqual([]);
      expect(cases).toHaveLength(3);
      const [first] = exchangesOf(records.filter((record) => record.type !== 'case' || record.address.endsWith('every-check')));
      if (ends === 'answer') expect(first?.response, JSON.stringify(first?.failure)).toBeDefined();
      else expect(ends, JSON.stringify(first?.failure ?? first?.response).slice(0, 300)).toContain(first?.failure?.kind);
      // Waiting for the processor counts as well: what matters is that no exchange goes on for ever.
      for (const { timing } of exchangesOf(records)) expect(timing.endedMs - timing.startedMs).toBeLessThan(timeoutSeconds * 1000 + 10_000);
      await expectSoundReports(records);
    },
    120_000,
  );

  it.each(['says nothing', 'sends endless headers', 'speaks something else', 'closes at once', 'sends deep arrays'])(
    '%s on its front page too is reported as what it is',
    async (name) => {
      await using server = await startHostile(behaviours[name]?.script ?? (() => undefined), true);
      const records = await recordsOf(server.url, 'hostile');
      const footer = records.at(-1) as FooterRecord;
      expect([1, 3]).toContain(footer.exitCode);
      expect(footer.cases.error).toBe(0);
      await expectSoundReports(records);
    },
  );

  it.each([
    'says nothing',
    'sends deep objects',
    'sends endless chunks',
    'puts markup into everything',
    'sends three thousand headers',
    'restarts at each second request',
    'sends invalid UTF-8',
  ])('%s is judged by a shipped profile', async (name) => {
    await using server = await startHostile(behaviours[name]?.script ?? (() => undefined));
    const records = await recordsOf(server.url, 'miniorange/oauth', {
      select: [
        'miniorange/oauth/password-grant/issues-token',
        'miniorange/oauth/token-errors/wrong-password',
        'miniorange/oauth/access-errors/missing-header',
      ],
    });
    const footer = records.at(-1) as FooterRecord;
    expect(casesOf(records).filter(({ verdict }) => verdict === 'error')).toEqual([]);
    expect([1, 3]).toContain(footer.exitCode);
    await expectSoundReports(records);
  });

  it('redirects to itself is asked once for each request, since no redirect is followed', async () => {
    await using server = await startHostile(behaviours['redirects to itself']?.script ?? (() => undefined));
    const records = await recordsOf(server.url, 'hostile');
    expect(server.requests).toBe(exchangesOf(records).length);
  });
});
