/**
 * `dac run --from`: what was recorded is judged again, and comes out as it did.
 */
import { describe, expect, it } from 'vitest';
import { createDrupalMock } from '../../mock-server/index.ts';
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
  it.each(['simple-oauth', 'miniorange/oauth', 'miniorange/basic', 'oauth2'])(
    'comes out as it did for %s',
    async (profile) => {
      const mock = createDrupalMock({ profile });
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
        expect(await troubleIn(workshop, 'again')).toEqual(await troubleIn(workshop, 'first'));
        expect([first.code, again.code]).toEqual([0, 0]);
      } finally {
        await mock.close();
      }
    },
    240_000,
  );
});
