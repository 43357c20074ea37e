/**
 * `describeConformance` on our own mock, as a user's suite would call it.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { createDrupalMock } from '../../mock-server/index.ts';
import { run } from '../../src/index.ts';
import { describeFailure } from '../../src/report/failure.ts';
import { describeConformance } from '../../src/vitest.ts';

const mock = createDrupalMock({ profile: 'miniorange/oauth' });
afterAll(() => mock.close());

await describeConformance(
  {
    profile: 'miniorange/oauth',
    make: async () => {
      await mock.listen();
      return mock.target('miniorange/oauth');
    },
  },
  { select: ['miniorange/oauth/password-grant', 'miniorange/oauth/access-errors', 'miniorange/oauth/expiry'] },
);

describe('a failure', () => {
  it('names check and clause, and gives a curl line without secrets', async () => {
    await using wrong = createDrupalMock({ profile: 'miniorange/oauth' });
    await wrong.listen();
    wrong.faults.add({ path: '/rest_api/access_token', status: 418, count: 1000 });
    const failures = [];
    for await (const record of run({
      target: wrong.target('miniorange/oauth'),
      select: ['miniorange/oauth/token-errors/wrong-password/generated'],
    })) {
      if (record.type === 'case') failures.push(describeFailure(record));
    }
    expect(failures).toHaveLength(1);
    expect(failures[0]?.message).toContain('#status (miniorange-oauth/invalid-credentials/status-line)');
    expect(failures[0]?.message).toContain('curl ');
    expect([failures[0]?.expected['#status status'], failures[0]?.actual['#status status']]).toEqual(['401', '418']);
  });
});

it('refuses a selection that matches nothing', async () => {
  await expect(
    describeConformance({ profile: 'miniorange/oauth', baseUrl: 'http://127.0.0.1:9' }, { select: ['nothing/here'] }),
  ).rejects.toThrow(/nothing\/here/);
});
