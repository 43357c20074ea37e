// Newman runs an exported collection against the mock, right and wrong, and must come to our verdicts. `npm run test:peers`; newman is fetched
// by npx when it is asked for, since it is too big for a development dependency (66 MB).
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const binary = fileURLToPath(new URL('../../dist/bin/main.cjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'dac-peers-'));
const newman = process.env.DAC_NEWMAN ? [process.env.DAC_NEWMAN] : ['npx', '--yes', 'newman@6'];
const selectors = process.argv.slice(2);
const wanted = selectors.length > 0 ? selectors : ['miniorange/oauth'];

const secrets = { S1: 'main-secret-81d5e0b3c6f2a947', S2: 'other-secret-5c2f9e6a1b8d4073', P1: 'api_user-pass-1', P2: 'bob-pass-1' };

async function run(command, args, env = {}) {
  return await new Promise((resolve) => {
    execFile(command, args, { cwd: folder, env: { ...process.env, ...env }, maxBuffer: 1e9 }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

async function startMock(mutant) {
  const args = ['mock', '--port', '0', ...(mutant === undefined ? [] : ['--mutant', mutant])];
  const child = spawn(process.execPath, [binary, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => {
      const found = /at (http\S+)/.exec(String(text));
      if (found !== null) resolve(found[1]);
    });
    child.on('exit', (code) => reject(new Error(`the mock ended with ${code}`)));
  });
  return { url, stop: () => child.kill() };
}

/** `address` of the case → its verdict. */
async function ours(file) {
  await run(process.execPath, [binary, 'run', ...wanted, '-t', file, '--out', 'ours', '--reporter', 'ndjson'], secrets);
  const records = readFileSync(join(folder, 'ours', 'report.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return new Map(records.filter(({ type }) => type === 'case').map(({ address, verdict }) => [address, verdict]));
}

async function theirs(file) {
  const made = await run(process.execPath, [binary, 'export', 'postman', ...wanted, '-t', file, '-o', 'all.json'], secrets);
  if (made.code !== 0) throw new Error(made.stderr);
  const values = {
    'users.main.password': secrets.P1,
    'users.other.password': secrets.P2,
    'clients.main.secret': secrets.S1,
    'clients.other.secret': secrets.S2,
  };
  const flags = Object.entries(values).flatMap(([name, value]) => ['--env-var', `${name}=${value}`]);
  const [command, ...first] = newman;
  await run(command, [
    ...first,
    'run',
    'all.json',
    '-e',
    'all.postman_environment.json',
    ...flags,
    '--reporters',
    'json',
    '--reporter-json-export',
    'theirs.json',
  ]);
  const verdicts = new Map();
  for (const { item, assertions = [], requestError } of JSON.parse(readFileSync(join(folder, 'theirs.json'), 'utf8')).run.executions) {
    const address = item.id.replace(/\/\d+$/, '');
    const before = verdicts.get(address) ?? { judged: 0, failed: 0 };
    const judged = assertions.filter(({ skipped }) => skipped !== true);
    const failed = judged.filter(({ error }) => error !== undefined).length + (requestError ? 1 : 0);
    verdicts.set(address, { judged: before.judged + judged.length, failed: before.failed + failed });
  }
  return verdicts;
}

let differences = 0;
try {
  const mutants = (process.env.DAC_MUTANTS ?? '').split(',').filter((id) => id !== '');
  for (const mutant of [undefined, ...mutants]) {
    const site = `profile: miniorange/oauth
name: peers
version: "2.1.0"
baseUrl: URL
clients:
  main: { id: main-client-4f1c9a7be2d0, secret: "\${env:S1}", applicationId: 0a070001 }
  other: { id: other-client-77ab03c5d19e, secret: "\${env:S2}", applicationId: 0a070002 }
users:
  main: { name: api_user, password: "\${env:P1}", id: 2 }
  other: { name: bob, password: "\${env:P2}", id: 4 }
`;
    const results = [];
    for (const judge of [ours, theirs]) {
      const mock = await startMock(mutant);
      writeFileSync(join(folder, 'target.yaml'), site.replace('URL', mock.url));
      results.push(await judge('target.yaml'));
      mock.stop();
    }
    const [own, other] = results;
    let same = 0;
    for (const [address, { judged, failed }] of other) {
      const verdict = own.get(address);
      if ((verdict === 'fail') === failed > 0 && (verdict !== 'skipped' || judged === 0)) same++;
      else {
        differences++;
        console.log(`${mutant ?? 'as it is'}: ${address}: ours ${verdict}, newman ${failed} of ${judged} tests failed`);
      }
    }
    console.log(
      `${mutant ?? 'the mock as it is'}: ${same} of ${other.size} cases judged alike; ${[...own.values()].filter((one) => one === 'fail').length} of ours fail`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = differences === 0 ? 0 : 1;
