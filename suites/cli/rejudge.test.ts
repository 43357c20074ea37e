/**
 * `dac run --from`: what was recorded is judged again, and comes out as it did.
 */
import { describe, expect, it } from 'vitest';
import { createDrupalMock, findMutant } from '../../mock-server/index.ts';
import type { CaseRecord } from '../../src/model/record.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { readReportFile } from '../../src/report/stream.ts';
import { openWorkshop, type Workshop } from './_run.ts';

/** What is not simply passed or left out: a report holds placeholders, whose values cannot be judged again, and no clock. */
async function troubleIn(workshop: Workshop, folder: string): Promise<string[]> {
  const trouble: string[] = [];
  for await (const record of readReportFile(`${workshop.folder}/${folder}/report.ndjson`)) {
    if (record.type === 'case') trouble.push(...troubleOf(record));
  }
  return trouble.sort();
}

function troubleOf({ address, verdict, steps }: CaseRecord): string[] {
  const isTrouble = (one: Verdict) => one !== 'pass' && one !== 'skipped';
  const checks = steps.flatMap(({ kind, checks: own }) => (kind === 'fixture' ? [] : own)).filter((check) => isTrouble(check.verdict));
  return [...(isTrouble(verdict) ? [`${address} ${verdict}`] : []), ...checks.map((check) => `${address}#${check.name} ${check.verdict}`)];
}

describe('a report that is judged again', () => {
  it.each([
    ['simple-oauth', 'the right mock', undefined, 0],
    ['miniorange/oauth', 'the right mock', undefined, 0],
    ['miniorange/basic', 'the right mock', undefined, 0],
    ['oauth2', 'the right mock', undefined, 0],
    ['miniorange/oauth', 'a wrong one', 'miniorange/oauth/http-code-missing', 1],
  ])(
    'comes out as it did for %s on %s',
    async (profile, _which, wrong, code) => {
      const mutant = wrong === undefined ? undefined : await findMutant(wrong);
      const mock = createDrupalMock({ profile, ...(mutant && { mutant }) });
      const { url } = await mock.listen();
      using workshop = openWorkshop();
      try {
        workshop.write('t.yaml', JSON.stringify({ ...mock.target(), baseUrl: url }));
        const first = await workshop.run(['run', '-t', 't.yaml', '-r', 'ndjson', '-o', 'first', '--max-wait', '0'], {
          timeoutSeconds: 100,
        });
        const again = await workshop.run(
          ['run', '-t', 't.yaml', '-r', 'ndjson', '-o', 'again', '--from', 'first/report.ndjson', '--max-wait', '0'],
          {
            timeoutSeconds: 100,
          },
        );
        const trouble = await troubleIn(workshop, 'first');
        expect(await troubleIn(workshop, 'again')).toEqual(trouble);
        expect(trouble.some((one) => one.endsWith(' fail'))).toBe(code === 1);
        expect([first.code, again.code]).toEqual([code, code]);
      } finally {
        await mock.close();
      }
    },
    240_000,
  );
});
