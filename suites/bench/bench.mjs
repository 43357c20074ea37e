// `npm run bench`: our runner and mock beside the bare limits, interleaved, as ratios of medians. Absolute times are this machine's business.
//
//   npm run bench -- [--rounds N] [--sizes 300,3000,30000] [--markdown FILE] [--only R1,M1]
//                    [--runner 'NAME=COMMAND with {base} and {cases}'] [--mock 'NAME=COMMAND that prints: listening PORT']
//
// A runner or a mock of others is pointed at by its command and measured in the same rounds; a mock answers like target.mjs.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { writeCases } from './cases.mjs';
import { load } from './load.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    sizes: { type: 'string', default: '300,3000' },
    markdown: { type: 'string' },
    only: { type: 'string' },
    runner: { type: 'string', multiple: true, default: [] },
    mock: { type: 'string', multiple: true, default: [] },
  },
});
const rounds = Number(values.rounds);
const sizes = values.sizes.split(',').map(Number);
const wanted = values.only?.split(',');
const here = fileURLToPath(new URL('.', import.meta.url));
const command = fileURLToPath(new URL('../../dist/bin/main.cjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'dac-bench-'));
const rows = [];

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const wants = (id) => wanted === undefined || wanted.includes(id);

/** Wall milliseconds of a process: arguments of Node, or a command line of a peer. */
function measure(args) {
  const [program, list] = typeof args === 'string' ? ['/bin/sh', ['-c', args]] : [process.execPath, args];
  const started = performance.now();
  const done = spawnSync(program, list, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
    cwd: folder,
    maxBuffer: 2 ** 28,
  });
  if (done.status !== 0) throw new Error(`${list.join(' ')} ended with ${done.status}:\n${done.stdout}\n${done.stderr}`);
  return performance.now() - started;
}

/** Peak of resident memory of a whole Node process by GNU time, in KiB; the median of three. */
function measurePeak(args) {
  const file = join(folder, 'peak');
  const peaks = Array.from({ length: 3 }, () => {
    measure(`/usr/bin/time -f %M -o ${file} ${[process.execPath, ...args].map((one) => `'${one}'`).join(' ')}`);
    return Number(readFileSync(file, 'utf8'));
  });
  return median(peaks);
}

const peers = (list) => list.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]);

/** Runs contenders in turn, round after round, and returns the median of each. */
function interleave(contenders) {
  const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, args] of Object.entries(contenders)) {
      const ms = measure(args);
      if (round >= 0) times[name].push(ms);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
}

function note(id, what, goal, ratio, isMet, more = '') {
  rows.push({ id, what, goal, ratio: typeof ratio === 'number' ? ratio.toFixed(2) : ratio, met: isMet ? 'met' : 'missed', more });
  const row = rows.at(-1);
  console.log(
    `${id.padEnd(4)} ${what.padEnd(58)} ${row.ratio.padStart(8)}  goal ${goal.padEnd(9)} ${row.met}${more === '' ? '' : `  ${more}`}`,
  );
}

/** Starts a file of ours, or the command line of a peer. */
function startServer(file, args = [], pattern = /listening (\d+)/) {
  const [program, list] =
    /\.[cm]?js$/.test(file) && !file.includes(' ') ? [process.execPath, [file, ...args]] : ['/bin/sh', ['-c', `exec ${file}`]];
  const child = spawn(program, list, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      const match = pattern.exec(text);
      if (match !== null) resolve({ child, found: match[1] });
    });
    child.on('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
  });
}

/** Resident memory of a process in KiB, from /proc; undefined elsewhere. */
function memoryOf(pid, key = 'VmRSS') {
  try {
    return Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

async function benchRunner() {
  const { child, found: port } = await startServer(join(here, 'target.mjs'));
  const base = `http://127.0.0.1:${port}`;
  const limit = (cases, inFlight) => [join(here, 'limit.mjs'), String(cases), String(inFlight), base];
  const ours = (cases, inFlight) => {
    const at = join(folder, `n${cases}`);
    writeCases(at, cases, base);
    return [
      command,
      'run',
      '-t',
      join(at, 'target.yaml'),
      '--specs',
      join(at, 'specs'),
      '--concurrency',
      String(inFlight),
      '--out',
      join(at, 'report'),
      '--reporter',
      'junit',
    ];
  };
  try {
    if (wants('R1')) {
      const t = interleave({ empty: ['-e', '0'], ours: [command, '--version'] });
      note('R1', '--version ÷ node -e 0', '<= 1.25', t.ours / t.empty, t.ours / t.empty <= 1.25);
    }
    if (wants('R2')) {
      const t = interleave({ limit: limit(1, 1), ours: ours(1, 1) });
      note('R2', 'one-case run ÷ bare undici loop', '<= 0.60', t.ours / t.limit, t.ours / t.limit <= 0.6);
    }
    const medians = {};
    for (const size of sizes) {
      if (!wants('R3') && !wants('R4') && !(wants('R8') && sizes.length > 2)) break;
      const others = peers(values.runner).map(([name, line]) => [
        name,
        line.replaceAll('{base}', base).replaceAll('{cases}', String(size)),
      ]);
      medians[size] = interleave({ limit: limit(size, 8), ours: ours(size, 8), ...Object.fromEntries(others) });
      for (const [name] of others)
        note(
          'R5',
          `${size} cases, 8 in flight ÷ ${name}`,
          '< 1.00',
          medians[size].ours / medians[size][name],
          medians[size].ours < medians[size][name],
        );
      if (size === 300)
        note(
          'R3',
          '300 cases, 8 in flight ÷ bare undici loop',
          '<= 1.50',
          medians[size].ours / medians[size].limit,
          medians[size].ours / medians[size].limit <= 1.5,
        );
    }
    const [small, large] = [sizes[0], sizes[1] ?? sizes[0]];
    if (wants('R4') && small !== large) {
      const slope = (who) => medians[large][who] - medians[small][who];
      note(
        'R4',
        `slope ${small} to ${large} cases ÷ bare undici loop`,
        '<= 2.00',
        slope('ours') / slope('limit'),
        slope('ours') / slope('limit') <= 2,
      );
    }
    if (wants('R6') && small !== large) {
      const [low, high] = [small, large].map((size) => interleave({ limit: limit(size, 1), ours: ours(size, 1) }));
      const ratio = (high.ours - low.ours) / (high.limit - low.limit);
      note('R6', `slope ${small} to ${large}, one case at a time ÷ bare undici loop`, '<= 1.80', ratio, ratio <= 1.8);
    }
    if (wants('R7') && existsSync('/usr/bin/time')) {
      const one = measurePeak(ours(1, 1)) / measurePeak(limit(1, 1));
      note('R7', 'peak memory of a one-case run ÷ bare undici loop', '<= 0.75', one, one <= 0.75);
      const peak = measurePeak(ours(large, 8));
      const many = peak / measurePeak(limit(large, 8));
      note('R7', `peak memory of ${large} cases ÷ bare undici loop`, '<= 1.50', many, many <= 1.5);
      if (sizes[2] !== undefined) {
        const growth = (measurePeak(ours(sizes[2], 8)) - peak) / (sizes[2] - large);
        note('R7', `memory for each case from ${large} to ${sizes[2]}, KiB`, '<= 8.00', growth, growth <= 8);
      }
    }
    if (wants('R8') && sizes[2] !== undefined) {
      const slope = (from, to) => (medians[to].ours - medians[from].ours) / (to - from);
      const ratio = slope(large, sizes[2]) / slope(small, large);
      note('R8', `slope ${large} to ${sizes[2]} ÷ slope ${small} to ${large}`, '<= 1.20', ratio, ratio <= 1.2);
    }
    if (wants('R9')) {
      const before = await (await fetch(`${base}/__stats`)).json();
      measure(ours(300, 8));
      const after = await (await fetch(`${base}/__stats`)).json();
      const [connections, requests] = [after.connections - before.connections, after.served - before.served];
      note(
        'R9',
        '300 cases: connections at 8 in flight',
        '<= 10',
        String(connections),
        connections <= 10,
        `${requests} requests (900 and one look at the front page)`,
      );
    }
    if (wants('R11')) {
      const size = large;
      measure(ours(size, 8));
      const xml = readFileSync(join(folder, `n${size}`, 'report', 'junit.xml'), 'utf8');
      const cases = xml.split('<testcase ').length - 1;
      note('R11', `JUnit of ${size} cases`, 'all', `${cases}`, cases === size && !xml.includes('<failure'));
    }
  } finally {
    child.kill();
  }
}

async function benchMock() {
  const reference = await startServer(join(here, 'target.mjs'));
  const others = [];
  for (const [name, line] of peers(values.mock)) others.push([name, await startServer(line)]);
  const mock = await startServer(command, ['mock', '--port', '0'], / at (http:\S+)\n/);
  const facts = await (await fetch(mock.found, { headers: { accept: 'application/json' } })).json();
  const [main] = facts.applications;
  const form = `grant_type=client_credentials&client_id=${main.clientId}&client_secret=${main.clientSecret}&username=api_user`;
  const issued = await (
    await fetch(`${mock.found}/rest_api/access_token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form,
    })
  ).json();
  const loads = {
    token: {
      reference: {
        base: `http://127.0.0.1:${reference.found}`,
        method: 'POST',
        path: '/rest_api/access_token',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'grant_type=client_credentials&client_id=client1&client_secret=s3cret-of-client1',
      },
      ours: {
        base: mock.found,
        method: 'POST',
        path: '/rest_api/access_token',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: form,
      },
    },
    user: {
      reference: {
        base: `http://127.0.0.1:${reference.found}`,
        method: 'GET',
        path: '/user/1?_format=json',
        headers: { authorization: `Bearer eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.${'a'.repeat(180)}.${'b'.repeat(86)}` },
      },
      ours: {
        base: mock.found,
        method: 'GET',
        path: '/user/2?_format=json',
        headers: { 'auth-method': main.id, authorization: `Bearer ${issued.access_token}` },
      },
    },
  };
  try {
    const idle = [memoryOf(reference.child.pid), memoryOf(mock.child.pid)];
    for (const [id, name] of [
      ['M1', 'token'],
      ['M2', 'user'],
    ]) {
      if (!wants(id)) continue;
      const contenders = { reference: loads[name].reference, ours: loads[name].ours };
      for (const [peer, { found }] of others) contenders[peer] = { ...loads[name].reference, base: `http://127.0.0.1:${found}` };
      const rates = Object.fromEntries(Object.keys(contenders).map((who) => [who, []]));
      const tails = Object.fromEntries(Object.keys(contenders).map((who) => [who, []]));
      for (let round = -1; round < rounds; round++) {
        for (const [who, at] of Object.entries(contenders)) {
          const result = await load({ ...at, connections: 32, requests: 4000, status: 200 });
          if (round < 0) continue;
          rates[who].push(result.perSecond);
          tails[who].push(result.p99Ms);
        }
      }
      for (const [peer] of others) {
        const ratio = median(rates.ours) / median(rates[peer]);
        note(id, `${name === 'token' ? 'token POST' : 'protected GET'} per second ÷ ${peer}`, '>= 1.00', ratio, ratio >= 1);
      }
      const ratio = median(rates.ours) / median(rates.reference);
      note(id, `${name === 'token' ? 'token POST' : 'protected GET'} per second ÷ bare node:http`, '>= 0.60', ratio, ratio >= 0.6);
      const tail = median(tails.ours) / median(tails.reference);
      note('M4', `p99 of the ${name === 'token' ? 'token POST' : 'protected GET'} ÷ bare node:http`, '<= 2.00', tail, tail <= 2);
    }
    if (wants('M6') && idle[0] !== undefined && idle[1] !== undefined) {
      note('M6', 'resident memory, idle ÷ bare node:http', '<= 1.30', idle[1] / idle[0], idle[1] / idle[0] <= 1.3);
      const peak = memoryOf(mock.child.pid, 'VmHWM') / memoryOf(reference.child.pid, 'VmHWM');
      note('M6', 'resident memory, peak under load ÷ bare node:http', '<= 1.30', peak, peak <= 1.3);
    }
    if (wants('M5')) {
      const starts = { bare: [], ours: [] };
      for (let round = 0; round < rounds; round++) {
        for (const [who, start] of [
          ['bare', () => startServer(join(here, 'target.mjs'))],
          ['ours', () => startServer(command, ['mock', '--port', '0'], / at (http:\S+)\n/)],
        ]) {
          const at = performance.now();
          const { child } = await start();
          starts[who].push(performance.now() - at);
          child.kill();
        }
      }
      const ratio = median(starts.ours) / median(starts.bare);
      note('M5', 'spawn to listening ÷ bare node:http', '<= 1.50', ratio, ratio <= 1.5);
    }
  } finally {
    reference.child.kill();
    mock.child.kill();
    for (const [, { child }] of others) child.kill();
  }
}

/** The mock as a library: signed tokens beside the signature alone, and without a socket beside a socket. */
async function benchLibrary() {
  const { createDrupalMock } = await import('../../dist/mock-server/index.js');
  const { createSign, generateKeyPairSync } = await import('node:crypto');
  const perSecond = async (count, once) => {
    for (let i = 0; i < count / 10; i++) await once();
    const started = performance.now();
    for (let i = 0; i < count; i++) await once();
    return (count * 1000) / (performance.now() - started);
  };
  const compare = async (first, second, count) => {
    const ratios = [];
    for (let round = 0; round < rounds; round++) ratios.push((await perSecond(count, first)) / (await perSecond(count, second)));
    return median(ratios);
  };
  if (wants('M3')) {
    const mock = createDrupalMock({ profile: 'simple-oauth' });
    const { main } = mock.target().clients;
    const { token = '/oauth/token' } = mock.target().paths ?? {};
    const fields = {
      grant_type: 'client_credentials',
      client_id: main.id,
      client_secret: main.secret,
      ...(main.scope && { scope: main.scope }),
    };
    const request = {
      method: 'POST',
      path: token,
      headers: [['Content-Type', 'application/x-www-form-urlencoded']],
      body: Buffer.from(String(new URLSearchParams(fields))),
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
    note('M3', 'signed tokens per second ÷ bare crypto.sign', '>= 0.75', ratio, ratio >= 0.75);
  }
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
    note('M7', 'time without a socket ÷ time over loopback', '<= 0.30', ratio, ratio <= 0.3);
  }
}

try {
  await benchRunner();
  if (wanted === undefined || wanted.some((id) => ['M1', 'M2', 'M4', 'M5', 'M6'].includes(id))) await benchMock();
  if (wants('M3') || wants('M7')) await benchLibrary();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (values.markdown !== undefined) {
  const table = rows.map(
    ({ id, what, goal, ratio, met, more }) =>
      `| ${id} | ${what}${more === '' ? '' : ` (${more})`} | ${ratio} | ${goal.replace('<=', '≤').replace('>=', '≥')} | ${met} |`,
  );
  writeFileSync(values.markdown, `| id | what | measured | goal | |\n|---|---|---|---|---|\n${table.join('\n')}\n`);
}
