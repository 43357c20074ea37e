/**
 * An implementation that shares no line with the mock passes every case, in every dialect that the vendor's page allows.
 */
import { describe, expect, it } from 'vitest';
import { run, type CaseRecord } from '../../src/index.ts';
import { dialects } from './independent/dialects.ts';
import { AccessTokenServer, listen } from './independent/server.ts';

describe.each(dialects)('a correct server, dialect $name', (dialect) => {
  it('is called wrong by no case', async () => {
    await using site = await listen(new AccessTokenServer(dialect, { seed: dialect.name }));
    const wrong: string[] = [];
    for await (const record of run({ target: site.target })) {
      if (record.type === 'case') wrong.push(...complaintsOf(record));
    }
    expect(wrong).toEqual([]);
  });
});

/** What the record holds against the server; a warning is none. */
function complaintsOf(record: CaseRecord): string[] {
  if (record.verdict === 'pass' || record.verdict === 'warn' || record.verdict === 'skipped') return [];
  const checks = record.steps.flatMap((step) => step.checks).filter(({ verdict }) => verdict === 'fail' || verdict === 'blocked');
  const details = checks.map(({ name, mismatches }) => `#${name} ${JSON.stringify(mismatches)}`);
  return [`${record.verdict} ${record.address}: ${[record.reason ?? '', ...details].join(' ')}`];
}
