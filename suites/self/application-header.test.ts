/**
 * Before 2.1.0 AUTH-METHOD is ignored: a target file that names an application all the same must not make an old site fail.
 */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createDrupalMock, readSiteFile } from '../../mock-server/index.ts';
import { run } from '../../src/index.ts';

it('judges 2.0.18 without the application that its target file names', async () => {
  const profile = 'miniorange/basic';
  const site = await readSiteFile(fileURLToPath(new URL('../fidelity/sites/mo2018.yaml', import.meta.url)));
  await using mock = createDrupalMock({ profile, site });
  await mock.listen();
  const target = mock.target(profile);
  const named = { ...target, clients: { ...target.clients, main: { ...target.clients?.main, applicationId: 'an-application' } } };
  const red: string[] = [];
  let passed = 0;
  for await (const record of run({ target: { ...named, name: 'old' } })) {
    if (record.type !== 'case') continue;
    if (record.verdict === 'pass') passed += 1;
    else if (record.verdict !== 'skipped') red.push(`${record.verdict} ${record.address}`);
  }
  expect(red).toEqual([]);
  expect(passed).toBeGreaterThan(0);
});
