/**
 * The profile `oauth-server` against every generation of the module that the mock knows, each with its own paths, words and statuses.
 */
import { describe, expect, it } from 'vitest';
import { createDrupalMock, type SiteFile } from '../../mock-server/index.ts';
import { run, type CaseRecord } from '../../src/index.ts';

function siteWith(version: string): SiteFile {
  const { file } = createDrupalMock({ profile: 'oauth-server' }).site;
  const { products } = file;
  if (products?.oauthServer === undefined) throw new Error('the default site has no OAuth Server');
  return { ...file, products: { ...products, oauthServer: { ...products.oauthServer, version } } };
}

describe.each(['8.x-1.0', '8.x-1.21', '2.0'])('OAuth Server %s', (version) => {
  it('is called wrong by no case, and gives its token to the REST API', async () => {
    await using mock = createDrupalMock({ profile: 'oauth-server', site: siteWith(version) });
    await mock.listen();
    const records: CaseRecord[] = [];
    for await (const record of run({ target: mock.target() })) if (record.type === 'case') records.push(record);
    const wrong = records.filter(({ verdict }) => verdict === 'fail' || verdict === 'error' || verdict === 'blocked');
    expect(wrong.map(({ address, verdict, reason }) => `${verdict} ${address} ${reason ?? ''}`)).toEqual([]);
    expect(records.filter(({ verdict }) => verdict === 'skipped').map(({ address, reason }) => `${address} ${reason}`)).toEqual([]);
    expect(records.find(({ address }) => address === 'oauth-server/rest-api/opens-api')?.verdict).toBe('pass');
  });
});
