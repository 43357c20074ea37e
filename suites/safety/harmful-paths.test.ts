/**
 * Nothing that this package does asks for an address that harms a site: no case, no probe of the doctor, and no request of a whole embedded run.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createDrupalMock, supportsProfile } from '../../mock-server/index.ts';
import { canExamine, examine } from '../../src/doctor/doctor.ts';
import { probes } from '../../src/doctor/probes.ts';
import { run, type CaseRecord, type TargetFile } from '../../src/index.ts';
import type { WireRequest } from '../../src/model/exchange.ts';
import type { Target } from '../../src/model/target.ts';
import { recordExchange } from '../../src/redact/record-exchange.ts';
import { vaultFor } from '../../src/redact/target-secrets.ts';
import { createEffects } from '../../src/run/effects.ts';
import { loadShipped } from '../../src/spec/catalogue.ts';
import { harmOf } from '../../src/transport/guarded.ts';
import { createInProcessTransport } from '../../src/transport/in-process.ts';

const catalogue = await loadShipped();
const profiles = Object.keys(catalogue.profiles);
const imitated = profiles.filter(supportsProfile);
const forbidden = /feedback/i;

describe('the catalogue', () => {
  it('names such an address in no case, profile, fixture or surface', () => {
    const { cases, profiles: all } = catalogue;
    const named = [...cases, ...Object.values(all)].filter((one) => forbidden.test(JSON.stringify(one)));
    expect(named.map((one) => ('address' in one ? one.address : one.name))).toEqual([]);
  });
});

const targetFor = (profile: string, file: TargetFile): Target => ({ ...file, name: profile, profiles: [profile] });

describe.each(imitated)('on the mock of %s', (profile) => {
  it('no request of a whole run asks for it', async () => {
    await using mock = createDrupalMock({ profile, journal: true });
    await mock.listen();
    const paths: string[] = [];
    for await (const _ of run({ target: mock.target() })) {
      // It keeps the last thousand only.
      paths.push(...mock.journal.entries.map(({ path }) => path));
      mock.journal.clear();
    }
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => forbidden.test(path) || harmOf({ method: 'GET', path, headers: [] }) !== undefined)).toEqual([]);
  }, 60_000);

  it('no probe of the doctor asks for it', async () => {
    const mock = createDrupalMock({ profile });
    const target = targetFor(profile, mock.target());
    if (!canExamine(target, profile)) return;
    const sent: WireRequest[] = [];
    const vault = vaultFor(target);
    const transport = createInProcessTransport((request) => {
      sent.push(request);
      return mock.serve(request).response;
    });
    await examine(target, profile, transport, {
      secrets: {
        add: (label, value) => void vault.add(label, value),
        record: (exchange) => recordExchange(exchange, target.baseUrl, vault),
        mask: (text) => vault.mask(text),
      },
    });
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.filter((request) => harmOf(request) !== undefined)).toEqual([]);
  });
});

it('no probe of the doctor is written for it', () => {
  expect(probes.filter((probe) => forbidden.test(`${probe.name} ${probe.asks} ${probe.request.toString()}`))).toEqual([]);
});

describe('a spec of somebody else that asks for it', () => {
  it('is not sent, and is skipped with the reason', async () => {
    let asked = 0;
    const server = createServer((request, response) => {
      if (request.url !== '/') asked++;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const target: TargetFile = {
      profile: 'oauth2',
      baseUrl,
      clients: { main: { id: 'a-client', secret: 'a-secret-of-a-client-1' } },
      paths: { token: '/feedback', resource: '/%66eedback/' },
    };
    const records: CaseRecord[] = [];
    for await (const record of run({ target, select: ['oauth2/protected-request/no-credentials', 'oauth2/token-request/issues-token'] })) {
      if (record.type === 'case') records.push(record);
    }
    server.close();
    expect(records.map(({ verdict }) => verdict)).toEqual(['skipped', 'skipped']);
    expect(JSON.stringify(records)).toContain('never requested');
    expect(asked).toBe(0);
  });

  it('is not sent by any transport of a run', async () => {
    const target = targetFor('oauth2', { profile: 'oauth2', baseUrl: 'http://127.0.0.1:9' });
    const transport = await createEffects(vaultFor(target), { env: {} }).transportFor(target, { concurrency: 1 });
    const raw = Buffer.from('GET /feedback HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    const { failure } = await transport.send(
      { method: 'GET', path: '/', headers: [], raw },
      { timeoutMs: 1000, maxBodyBytes: 1, maxHeaderBytes: 1 },
    );
    expect(failure?.kind).toBe('unsendable');
    await transport.close();
  });
});
