// M1 to M6: the mock beside a bare server over node:http, and beside the mocks and frameworks of others.
import { fileURLToPath } from 'node:url';
import { load } from './load.mjs';
import { median, memoryOf } from './measure.mjs';
import { goals, mockPeers } from './peers.mjs';
import { accessToken } from './peers/answers.mjs';
import { command } from './runner.mjs';

const target = fileURLToPath(new URL('target.mjs', import.meta.url));
const address = / at (http:\S+)\n/;
const asForm = { 'content-type': 'application/x-www-form-urlencoded' };

/** The same two requests at the reference server and at every peer. */
const referenceLoads = (base) => ({
  token: {
    base,
    method: 'POST',
    path: '/rest_api/access_token',
    headers: asForm,
    body: 'grant_type=client_credentials&client_id=client1&client_secret=s3cret-of-client1',
  },
  user: { base, method: 'GET', path: '/user/1?_format=json', headers: { authorization: `Bearer ${accessToken}` } },
});

async function ourLoads(base) {
  const facts = await (await fetch(base, { headers: { accept: 'application/json' } })).json();
  const [main] = facts.applications;
  const body = `grant_type=client_credentials&client_id=${main.clientId}&client_secret=${main.clientSecret}&username=api_user`;
  const token = { base, method: 'POST', path: '/rest_api/access_token', headers: asForm, body };
  const issued = await (await fetch(base + token.path, { method: 'POST', headers: asForm, body })).json();
  const headers = { 'auth-method': main.id, authorization: `Bearer ${issued.access_token}` };
  return { token, user: { base, method: 'GET', path: '/user/2?_format=json', headers } };
}

export async function benchMock({ bench, table, wants, peers, extra }) {
  // The first start compiles, and keeps at its end what it has compiled.
  const first = await bench.start([command, 'mock', '--port', '0'], address);
  await (await fetch(first.found)).text();
  await stop(first.child);
  const reference = await bench.start([target], /listening (\d+)/);
  const mock = await bench.start([command, 'mock', '--port', '0'], address);
  const loads = { reference: referenceLoads(`http://127.0.0.1:${reference.found}`), ours: await ourLoads(mock.found) };
  const children = [];
  try {
    const idle = [memoryOf(reference.child.pid), memoryOf(mock.child.pid)];
    if (wants('M5')) await noteStarts(bench, table);
    if (wants('M1') || wants('M2')) {
      for (const [name, line] of Object.entries({ ...mockPeers(peers), ...extra })) {
        const { child, base } = await bench.startPeer(line);
        children.push(child);
        loads[name] = referenceLoads(base);
      }
    }
    for (const [id, kind, what] of [
      ['M1', 'token', 'token POST'],
      ['M2', 'user', 'protected GET'],
    ]) {
      if (wants(id))
        await noteRates(bench, table, id, what, Object.fromEntries(Object.entries(loads).map(([who, own]) => [who, own[kind]])));
    }
    if (wants('M6') && idle[0] !== undefined && idle[1] !== undefined) {
      table.note('M6', 'resident memory, idle ÷ bare node:http', '<= 1.30', idle[1] / idle[0]);
      const peak = memoryOf(mock.child.pid, 'VmHWM') / memoryOf(reference.child.pid, 'VmHWM');
      table.note('M6', 'resident memory, peak under load ÷ bare node:http', '<= 1.30', peak);
    }
  } finally {
    for (const child of [reference.child, mock.child, ...children]) child.kill();
  }
}

async function noteRates(bench, table, id, what, contenders) {
  const rates = Object.fromEntries(Object.keys(contenders).map((who) => [who, []]));
  const tails = Object.fromEntries(Object.keys(contenders).map((who) => [who, []]));
  const counts = {};
  for (let round = -1; round < bench.rounds; round++) {
    for (const [who, at] of Object.entries(contenders)) {
      // A slow peer is asked for a second, not for minutes.
      const result = await load({ ...at, connections: 32, requests: counts[who] ?? 500, status: 200 });
      counts[who] ??= Math.round(Math.min(4000, Math.max(100, result.perSecond)));
      if (round < 0) continue;
      rates[who].push(result.perSecond);
      tails[who].push(result.p99Ms);
    }
  }
  const ratio = (who) => median(rates.ours.map((rate, round) => rate / rates[who][round]));
  table.note(id, `${what} per second ÷ bare node:http`, '>= 0.60', ratio('reference'));
  for (const who of Object.keys(contenders)) {
    if (who === 'ours' || who === 'reference') continue;
    const goal = goals[id][who];
    table.note(id, `${what} per second ÷ ${who}`, goal === undefined ? '' : `>= ${goal.toFixed(2)}`, ratio(who));
  }
  const tail = median(tails.ours.map((ms, round) => ms / tails.reference[round]));
  table.note('M4', `p99 of the ${what} ÷ bare node:http`, '<= 2.00', tail);
}

function stop(child) {
  return new Promise((resolve) => {
    child.removeAllListeners('exit').once('exit', resolve);
    child.kill();
  });
}

/** From spawn to the line that says where it listens. */
async function noteStarts(bench, table) {
  const ratios = [];
  const start = async (args, pattern) => {
    const at = performance.now();
    const { child } = await bench.start(args, pattern);
    const took = performance.now() - at;
    await stop(child);
    return took;
  };
  for (let round = -1; round < bench.rounds; round++) {
    const bare = await start([target], /listening (\d+)/);
    const ours = await start([command, 'mock', '--port', '0'], address);
    if (round >= 0) ratios.push(ours / bare);
  }
  table.note('M5', 'spawn to listening ÷ bare node:http', '<= 1.50', median(ratios));
}
