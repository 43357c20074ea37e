/**
 * The profile `oauth2` against a certified server that shares no line with us: nothing of it is called wrong, and the report says how it differs from
 * Drupal.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDrupalMock } from '../../mock-server/index.ts';
import { compare, digestRun } from '../../src/compare/compare.ts';
import { run, type CaseRecord, type ReportRecord, type TargetFile } from '../../src/index.ts';
import { startCertifiedServer, type CertifiedServer } from './certified-server.ts';

const isWrong = ({ verdict }: CaseRecord) => verdict === 'fail' || verdict === 'error' || verdict === 'blocked';

async function recordsOf(target: TargetFile, select?: readonly string[]): Promise<ReportRecord[]> {
  const records: ReportRecord[] = [];
  for await (const record of run({ target, ...(select === undefined ? {} : { select }) })) records.push(record);
  return records;
}

const casesOf = (records: readonly ReportRecord[]) => records.filter((record) => record.type === 'case');

describe('a certified OAuth server', () => {
  let server: CertifiedServer;
  let records: readonly ReportRecord[];
  let cases: readonly CaseRecord[];

  beforeAll(async () => {
    server = await startCertifiedServer();
    records = await recordsOf(server.target);
    cases = casesOf(records);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('is called wrong by no case', () => {
    expect(cases.filter(isWrong).map(complaint)).toEqual([]);
  });

  it('is asked everything but what needs its clock', () => {
    expect(cases.filter(({ verdict }) => verdict === 'skipped').map(({ address }) => address)).toEqual(['oauth2/expiry/lives-and-dies']);
    expect(cases.length).toBeGreaterThan(100);
  });

  it('leaves only recommendations aside', () => {
    expect(cases.filter(({ verdict }) => verdict === 'warn').map(({ address }) => address)).toEqual([
      'oauth2/token-request/unauthorized-client',
      'oauth2/token-response/not-cached-by-old-caches',
    ]);
  });

  it('keeps to the RFCs where Simple OAuth does not', async () => {
    await using mock = createDrupalMock({ profile: 'simple-oauth', now: () => Date.UTC(2026, 0, 1) });
    await mock.listen();
    const own = mock.target('simple-oauth');
    const target: TargetFile = { ...own, profile: 'oauth2', paths: { token: '/oauth/token', resource: '/user/2?_format=json' } };
    const drupal = await recordsOf(target);
    const { fixed } = compare(await digestRun(drupal), await digestRun(records));
    const differences = new Map<string, Set<string>>();
    for (const { title, checks } of fixed) {
      const found = differences.get(title) ?? new Set();
      for (const { name, mismatches } of checks) {
        if (name !== 'nothing-given') for (const { at, actual } of mismatches) found.add(`  - ${at}: ${actual}`);
      }
      differences.set(title, found);
    }
    const lines = [...differences].flatMap(([title, found]) => [`- ${title}`, ...found]);
    await expect(
      `# Where the certified server keeps to an RFC and Simple OAuth 6.0.9 does not\n\n${lines.join('\n')}\n`,
    ).toMatchFileSnapshot('./drupal-differs.md');
  });
});

describe('a certified OAuth server with short lifetimes', () => {
  it('is followed to the end of a token', async () => {
    await using server = await startCertifiedServer(4);
    const cases = casesOf(await recordsOf(server.target, ['oauth2/expiry']));
    expect(cases.map(({ address, verdict }) => `${verdict} ${address}`)).toEqual([
      'pass oauth2/expiry/given-expired-token',
      'pass oauth2/expiry/lives-and-dies',
    ]);
  });
});

function complaint({ address, verdict, reason, steps }: CaseRecord): string {
  const checks = steps.flatMap((step) => step.checks).filter((check) => check.verdict === 'fail' || check.verdict === 'blocked');
  return `${verdict} ${address}: ${reason ?? ''} ${checks.map(({ name, mismatches }) => `#${name} ${JSON.stringify(mismatches)}`).join(' ')}`;
}
