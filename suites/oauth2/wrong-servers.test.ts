/**
 * A certified server behind a proxy that makes it wrong in one way: each is noticed by a check that cites what is broken.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/index.ts';
import { startCertifiedServer, type CertifiedServer } from './certified-server.ts';
import { mistakes } from './mistakes.ts';
import { startWrongProxy } from './wrong-proxy.ts';

let server: CertifiedServer;

beforeAll(async () => {
  server = await startCertifiedServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Clauses that the checks cite which did not pass. */
async function clausesBroken(baseUrl: string, ...addresses: string[]): Promise<string[]> {
  const broken: string[] = [];
  for await (const record of run({ target: { ...server.target, baseUrl }, select: addresses })) {
    if (record.type !== 'case') continue;
    for (const check of record.steps.flatMap(({ checks }) => checks)) {
      if (check.verdict !== 'fail' && check.verdict !== 'warn') continue;
      broken.push(...check.clauses, ...(check.alternatives ?? []).flatMap(({ clauses }) => clauses));
    }
  }
  return broken;
}

describe('a server that', () => {
  it.each(mistakes)('$title is noticed', async ({ case: address, clause, ...bend }) => {
    await using proxy = await startWrongProxy(server.url, bend);
    expect(await clausesBroken(proxy.url, address)).toContain(clause);
  });
});

it('passes through a proxy that bends nothing', async () => {
  await using proxy = await startWrongProxy(server.url, {});
  const addresses = [...new Set(mistakes.map((mistake) => mistake.case))];
  expect(await clausesBroken(proxy.url, ...addresses)).toEqual([]);
}, 60_000);
