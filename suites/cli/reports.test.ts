/**
 * What is done with reports: parts and reruns joined, broken ones recognised, nothing lost on the way.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDrupalMock, findMutant, type DrupalMock } from '../../mock-server/index.ts';
import { compare, digestRun } from '../../src/compare/compare.ts';
import type { CaseRecord, FooterRecord, HeaderRecord, ReportRecord } from '../../src/model/record.ts';
import { readReportFile } from '../../src/report/stream.ts';
import { openWorkshop, type Workshop } from './_run.ts';

const select = ['miniorange/oauth/password-grant', 'miniorange/oauth/token-errors', 'miniorange/oauth/client-credentials-grant'];

async function readAll(workshop: Workshop, folder: string) {
  const records: ReportRecord[] = [];
  for await (const record of readReportFile(`${workshop.folder}/${folder}/report.ndjson`)) records.push(record);
  const cases = records.filter((record): record is CaseRecord => record.type === 'case');
  return { header: records[0] as HeaderRecord, cases, footer: records.at(-1) as FooterRecord };
}

/** What must not depend on how a run was divided: who obtained a shared token, and times, do. */
function essence({ header, cases, footer }: Awaited<ReturnType<typeof readAll>>) {
  const verdicts = cases
    .toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map(({ order, address, target, verdict, reason, steps }) => ({
      order,
      address,
      target,
      verdict,
      reason,
      checks: steps
        .filter(({ kind }) => kind !== 'fixture')
        .flatMap(({ checks }) => checks.map(({ name, verdict: own, mismatches }) => [name, own, ...mismatches.map(({ at }) => at)])),
    }));
  const { cases: totals, checks, findings, exitCode, cut } = footer;
  return {
    header: { ...header, startedAt: '' },
    verdicts,
    footer: { totals, checks, exitCode, cut, findings: findings.map(({ id, title }) => [id, title]) },
  };
}

describe('parts of a run', () => {
  let wrong: DrupalMock;
  let right: DrupalMock;
  beforeAll(async () => {
    wrong = createDrupalMock({ profile: 'miniorange/oauth', mutant: await findMutant('miniorange/oauth/http-code-missing') });
    right = createDrupalMock({ profile: 'miniorange/oauth' });
    await Promise.all([wrong.listen(), right.listen()]);
  });
  afterAll(() => Promise.all([wrong.close(), right.close()]));

  const open = () => {
    const workshop = openWorkshop();
    for (const [name, mock] of Object.entries({ wrong, right }))
      workshop.write(`${name}.yaml`, JSON.stringify({ ...mock.target(), name: 'site' }));
    return workshop;
  };
  const run = (workshop: Workshop, target: string, out: string, ...flags: string[]) =>
    workshop.run(['run', ...select, '-t', `${target}.yaml`, '-r', 'ndjson', '-o', out, ...flags], { timeoutSeconds: 100 });
  const file = (folder: string) => `${folder}/report.ndjson`;

  it('joined, are the report of the whole: shards, and after a rerun of what failed', async () => {
    using workshop = open();
    const { code } = await run(workshop, 'wrong', 'whole');
    expect(code).toBe(1);
    const whole = await readAll(workshop, 'whole');
    expect(whole.footer.cases.fail).toBeGreaterThan(20);
    expect(whole.footer.findings.length).toBeGreaterThan(0);

    for (const index of [1, 2, 3]) await run(workshop, 'wrong', `part-${index}`, '--shard', `${index}/3`, '--timings', file('whole'));
    const joined = await workshop.run(['merge', file('part-2'), file('part-3'), file('part-1'), '-o', 'joined']);
    expect(joined.code).toBe(1);
    expect(essence(await readAll(workshop, 'joined'))).toEqual(essence(whole));

    await run(workshop, 'wrong', 'again', '--failed', file('joined'));
    const again = await readAll(workshop, 'again');
    expect(again.cases.map(({ address }) => address).sort()).toEqual(
      whole.cases
        .filter(({ verdict }) => verdict === 'fail')
        .map(({ address }) => address)
        .sort(),
    );
    await workshop.run(['merge', file('part-1'), file('part-2'), file('part-3'), file('again'), '-o', 'joined-again']);
    expect(essence(await readAll(workshop, 'joined-again'))).toEqual(essence(whole));

    // The site was repaired: what failed passes, and the whole is green.
    expect((await run(workshop, 'right', 'repaired', '--failed', file('whole'))).code).toBe(0);
    const mended = await workshop.run(['merge', file('whole'), file('repaired'), '-o', 'mended']);
    expect(mended.code).toBe(0);
    const all = await readAll(workshop, 'mended');
    expect(all.cases.map(({ address }) => address)).toEqual(essence(whole).verdicts.map(({ address }) => address));
    expect(all.footer.cases).toMatchObject({ fail: 0, blocked: 0 });
    const fixed = compare(
      await digestRun(readReportFile(`${workshop.folder}/whole/report.ndjson`)),
      await digestRun(readReportFile(`${workshop.folder}/mended/report.ndjson`)),
    );
    expect(fixed.fixed).toHaveLength(whole.footer.cases.fail);
  }, 120_000);

  it('with a shard missing are not green, and say which', async () => {
    using workshop = open();
    for (const index of [1, 3]) await run(workshop, 'right', `part-${index}`, '--shard', `${index}/3`);
    const { code, stdout } = await workshop.run(['merge', file('part-1'), file('part-3'), '-o', 'joined', '-r', 'terminal']);
    expect(code).toBe(3);
    expect(stdout).toContain('shard 2/3 is missing');
  }, 120_000);

  it('of a cut run are found and done by --failed, and joined to a whole one', async () => {
    using workshop = open();
    await run(workshop, 'right', 'whole');
    const lines = workshop.read(file('whole')).trimEnd().split('\n');
    workshop.write('cut/report.ndjson', `${lines.slice(0, 40).join('\n')}\n${lines[40]?.slice(0, 99)}`);
    const rest = await run(workshop, 'right', 'rest', '--failed', file('cut'));
    expect(rest.code).toBe(0);
    expect((await readAll(workshop, 'rest')).cases).toHaveLength(lines.length - 2 - 39);
    const { code, stderr } = await workshop.run(['merge', file('cut'), file('rest'), '-o', 'joined']);
    expect(stderr).toContain('cut/report.ndjson:41: the last line breaks off');
    expect(code).toBe(0);
    expect(essence(await readAll(workshop, 'joined'))).toEqual(essence(await readAll(workshop, 'whole')));
    const alone = await workshop.run(['merge', file('cut'), '-o', 'alone']);
    expect(alone.code).toBe(3);
    expect(alone.stdout).toContain(`${lines.length - 2 - 39} cases are missing`);
  }, 120_000);

  it('are never written over by the command that reads them', async () => {
    using workshop = open();
    await run(workshop, 'wrong', 'dac-report');
    const before = workshop.read(file('dac-report'));
    const commands = [
      ...['--failed', '--from', '--baseline', '--timings'].map((flag) => ['run', '-t', 'wrong.yaml', flag, file('dac-report')]),
      ['merge', file('dac-report'), file('dac-report')],
      ['compare', file('dac-report'), file('dac-report'), '--out', file('dac-report')],
    ];
    for (const args of commands) {
      const { code, stderr } = await workshop.run(args);
      expect({ args, code, stderr }).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/report\.ndjson is read by this command.*--out/s),
      });
    }
    expect(workshop.read(file('dac-report'))).toBe(before);
  }, 120_000);

  it('that give way to new ones are named', async () => {
    using workshop = open();
    await run(workshop, 'wrong', 'one', '--write-waivers', 'waivers.yaml');
    const again = await run(workshop, 'wrong', 'one', '--write-waivers', 'waivers.yaml');
    expect(again.stdout).toContain('Report: one/report.ndjson (replacing the earlier one)');
    expect(again.stdout).toMatch(/waivers in waivers\.yaml, replacing the earlier ones/);
    const compared = () => workshop.run(['compare', file('one'), file('one'), '--out', 'new/folder/changes.md', '--format', 'markdown']);
    expect((await compared()).stdout).toBe('Comparison: new/folder/changes.md\n');
    expect((await compared()).stdout).toBe('Comparison: new/folder/changes.md (replacing the earlier one)\n');
  }, 120_000);

  describe('that are no reports', () => {
    // Every kind is told apart in src/report/stream.test.ts; here that each command minds what it is told.
    const broken: [string, (lines: string[]) => string, RegExp][] = [
      ['cut', (lines) => lines.join('\n').slice(0, -300), /breaks off in the middle of a record/],
      ['hand-edited', (lines) => [...lines.slice(0, 3), ...lines.slice(4)].join('\n') + '\n', /the footer counts/],
      ['foreign', () => '<testsuites/>\n', /:1: found text that is not JSON, expected the header of a report/],
      ['newer', (lines) => lines.join('\n').replace('conformance/1"', 'conformance/2"') + '\n', /:1: is format drupal-auth-conformance\/2/],
    ];
    const readers: Record<string, (bad: string, good: string) => string[]> = {
      '--failed': (bad) => ['run', '-t', 'wrong.yaml', '--failed', bad],
      '--from': (bad) => ['run', '-t', 'wrong.yaml', '--from', bad],
      '--baseline': (bad) => ['run', '-t', 'wrong.yaml', '--baseline', bad],
      '--timings': (bad) => ['run', '-t', 'wrong.yaml', '--shard', '1/2', '--timings', bad],
      merge: (bad, good) => ['merge', good, bad],
      'compare as base': (bad, good) => ['compare', bad, good],
      'compare as head': (bad, good) => ['compare', good, bad],
      'compare --migration': (bad, good) => ['compare', good, bad, '--migration'],
    };
    /** What makes use of what a cut report has. */
    const takesCut = new Set(['--failed', 'merge']);

    let good = '';
    beforeAll(async () => {
      using workshop = open();
      await workshop.run(['run', 'miniorange/oauth/token-errors/wrong-password', '-t', 'wrong.yaml', '-r', 'ndjson', '-o', 'good']);
      good = workshop.read(file('good'));
    });

    it.each(Object.entries(readers))(
      'are refused by %s, which says what is wrong with them',
      async (name, args) => {
        using workshop = open();
        workshop.write(file('good'), good);
        const lines = good.trimEnd().split('\n');
        for (const [kind, spoil, message] of broken) {
          if (kind === 'cut' && takesCut.has(name)) continue;
          workshop.write('bad.ndjson', spoil(lines));
          const { code, stderr } = await workshop.run(args('bad.ndjson', file('good')));
          expect({ kind, code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
          expect(stderr).toMatch(/^bad\.ndjson.*\nTry: /);
        }
        expect(workshop.files().filter((path) => path.startsWith('dac-report'))).toEqual([]);
      },
      120_000,
    );
  });
});
