/**
 * The surface `graphql` against both recorded generations of the module, each with the schema that it was recorded with.
 */
import { describe, expect, it } from 'vitest';
import { createDrupalMock, type SiteFile } from '../../mock-server/index.ts';
import { run, type CaseRecord } from '../../src/index.ts';

function siteWith(graphql: string, simpleOauth: string, drupal: string): SiteFile {
  const { file } = createDrupalMock({ profile: 'graphql' }).site;
  if (file.products?.simpleOauth === undefined) throw new Error('the default site has no Simple OAuth');
  return {
    ...file,
    drupal: { ...file.drupal, version: drupal },
    products: {
      ...file.products,
      simpleOauth: { ...file.products.simpleOauth, version: simpleOauth },
      graphql: { version: graphql, server: 'demo' },
    },
  };
}

describe.each([
  ['8.x-4.7', '6.0.9', '10.5.5'],
  ['8.x-3.4', '5.2.2', '9.4.8'],
])('GraphQL %s with Simple OAuth %s', (graphql, simpleOauth, drupal) => {
  it.each([['graphql'], [['simple-oauth', 'graphql']]])('is called wrong by no case, as %s', async (profile) => {
    await using mock = createDrupalMock({ profile: 'graphql', site: siteWith(graphql, simpleOauth, drupal) });
    await mock.listen();
    const records: CaseRecord[] = [];
    for await (const record of run({ target: { ...mock.target(), profile }, select: ['graphql'] })) {
      if (record.type === 'case') records.push(record);
    }
    const noticed = records.filter(({ verdict }) => verdict !== 'pass');
    expect(noticed.map(({ address, verdict, reason }) => `${verdict} ${address} ${reason ?? ''}`)).toEqual([]);
    expect(records.length).toBeGreaterThan(50);
  });
});
