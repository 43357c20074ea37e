// M3 and M7: the mock as a library. Signed tokens beside the signature alone and beside another server that signs; without a socket beside a socket.
import { createSign, generateKeyPairSync } from 'node:crypto';
import { load } from './load.mjs';
import { median } from './measure.mjs';
import { goals, signingPeer } from './peers.mjs';

async function perSecond(count, once) {
  for (let i = 0; i < count / 10; i++) await once();
  const started = performance.now();
  for (let i = 0; i < count; i++) await once();
  return (count * 1000) / (performance.now() - started);
}

export async function benchLibrary({ bench, table, wants, peers }) {
  const { createDrupalMock } = await import('../../dist/mock-server/index.js');
  const compare = async (first, second, count) => {
    const ratios = [];
    for (let round = 0; round < bench.rounds; round++) ratios.push((await perSecond(count, first)) / (await perSecond(count, second)));
    return median(ratios);
  };
  if (wants('M3')) await benchSigning({ bench, table, peers, compare, mock: createDrupalMock({ profile: 'simple-oauth' }) });
  if (wants('M7')) {
    const mock = createDrupalMock({ profile: 'miniorange/oauth' });
    const { url } = await mock.listen();
    const path = '/user/2?_format=json';
    const ratio = await compare(
      async () => (await fetch(url + path)).text(),
      async () => (await mock.fetch(url + path)).text(),
      1000,
    );
    await mock.close();
    table.note('M7', 'time without a socket ÷ time over loopback', '<= 0.30', ratio);
  }
}

async function benchSigning({ bench, table, peers, compare, mock }) {
  const { clients, paths = {} } = mock.target();
  const { id, secret, scope } = clients.main;
  const path = paths.token ?? '/oauth/token';
  const fields = { grant_type: 'client_credentials', client_id: id, client_secret: secret, ...(scope && { scope }) };
  const body = String(new URLSearchParams(fields));
  const request = {
    method: 'POST',
    path,
    headers: [['Content-Type', 'application/x-www-form-urlencoded']],
    body: Buffer.from(body),
  };
  const { status } = mock.serve(request).response;
  if (status !== 200) throw new Error(`the mock of simple-oauth answered ${status} to a token request`);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const text = 'a'.repeat(400);
  const ratio = await compare(
    () => mock.serve(request),
    () => createSign('RSA-SHA256').update(text).sign(privateKey),
    300,
  );
  table.note('M3', 'signed tokens per second ÷ bare crypto.sign', '>= 0.75', ratio);

  if (!peers.has('oauth2-mock-server')) return;
  const { url } = await mock.listen();
  const { child, base } = await bench.startPeer(signingPeer);
  try {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const rate = async (at) => (await load({ ...at, method: 'POST', headers, connections: 8, requests: 400, status: 200 })).perSecond;
    const ratios = [];
    for (let round = -1; round < bench.rounds; round++) {
      const ours = await rate({ base: url, path, body });
      const theirs = await rate({ base, path: '/token', body: 'grant_type=client_credentials' });
      if (round >= 0) ratios.push(ours / theirs);
    }
    const goal = goals.M3['oauth2-mock-server'];
    table.note('M3', 'signed token POST per second ÷ oauth2-mock-server', `>= ${goal.toFixed(2)}`, median(ratios));
  } finally {
    child.kill();
    await mock.close();
  }
}
