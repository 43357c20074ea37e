// Newman runs an exported collection against the mock, right and wrong, and must come to our verdicts. `npm run test:peers`; newman is fetched
// by npx when it is asked for, since it is too big for a development dependency (66 MB).
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
spawnSync(process.execPath, ['src/build/build.mjs', '--quiet', 'catalogue', 'bin', 'lib'], { cwd: root, stdio: 'inherit' });
const binary = join(root, 'dist', 'bin', 'main.cjs');
const { createDrupalMock, findMutant } = await import(pathToFileURL(join(root, 'dist', 'mock-server', 'index.js')).href);
const folder = mkdtempSync(join(tmpdir(), 'dac-peers-'));
const newman = process.env.DAC_NEWMAN ? [process.env.DAC_NEWMAN] : ['npx', '--yes', 'newman@6'];
const profiles =
  process.argv.length > 2 ? process.argv.slice(2) : ['miniorange/oauth', 'miniorange/basic', 'miniorange/api-key', 'simple-oauth'];
/** With each profile, its mock as it is and with mistakes that the cases notice. */
const mistakes = (process.env.DAC_MUTANTS ?? 'miniorange/oauth/wrong-password-accepted').split(',').filter((id) => id !== '');

async function run(command, args, env = {}) {
  return await new Promise((resolve) => {
    execFile(command, args, { cwd: folder, env: { ...process.env, ...env }, maxBuffer: 1e9 }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

/** Writes the target file of a mock with its secrets left out; returns them by their path, and as variables. */
function writeTarget(mock) {
  const secrets = {};
  const leaveOut = (value, path) => {
    if (typeof value === 'object' && value !== null)
      return Array.isArray(value)
        ? value
        : Object.fromEntries(Object.entries(value).map(([key, one]) => [key, leaveOut(one, [...path, key])]));
    if (typeof value !== 'string' || !(/^(password|secret|apiKey)$/.test(path.at(-1)) || path[0] === 'tokens')) return value;
    secrets[path.join('.')] = value;
    return `\${env:S_${path.join('_')}}`;
  };
  writeFileSync(join(folder, 'target.yaml'), JSON.stringify(leaveOut({ ...mock.target(), name: 'peers' }, [])));
  return { secrets, env: Object.fromEntries(Object.entries(secrets).map(([path, value]) => [`S_${path.replaceAll('.', '_')}`, value])) };
}

/** `address` of the case → its verdict. */
async function ours(profile, { env }) {
  await run(process.execPath, [binary, 'run', profile, '-t', 'target.yaml', '--out', 'ours', '--reporter', 'ndjson'], env);
  const records = readFileSync(join(folder, 'ours', 'report.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return new Map(records.filter(({ type }) => type === 'case').map(({ address, verdict }) => [address, verdict]));
}

/** `address` of the case → tests that newman judged, and those that failed. */
async function theirs(profile, { secrets, env }) {
  const made = await run(process.execPath, [binary, 'export', 'postman', profile, '-t', 'target.yaml', '-o', 'all.json'], env);
  if (made.code !== 0) throw new Error(made.stderr);
  const values = Object.entries(secrets).flatMap(([name, value]) => ['--env-var', `${name}=${value}`]);
  const [command, ...first] = newman;
  const flags = ['-e', 'all.postman_environment.json', ...values, '--reporters', 'json', '--reporter-json-export', 'theirs.json'];
  const ran = await run(command, [...first, 'run', 'all.json', ...flags]);
  const verdicts = new Map();
  let text;
  try {
    text = readFileSync(join(folder, 'theirs.json'), 'utf8');
  } catch {
    throw new Error(`newman wrote nothing:\n${ran.stdout.slice(-2000)}${ran.stderr.slice(-2000)}`);
  }
  for (const { item, assertions = [], requestError } of JSON.parse(text).run.executions) {
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
  for (const profile of profiles) {
    for (const mistake of [undefined, ...mistakes.filter((id) => id.startsWith(`${profile}/`))]) {
      const results = [];
      for (const judge of [ours, theirs]) {
        const mock = createDrupalMock({ profile, ...(mistake === undefined ? {} : { mutant: await findMutant(mistake) }) });
        await mock.listen();
        results.push(await judge(profile, writeTarget(mock)));
        await mock.close();
      }
      const [own, other] = results;
      let same = 0;
      for (const [address, { judged, failed }] of other) {
        const verdict = own.get(address);
        if ((verdict === 'fail') === failed > 0 && (verdict !== 'skipped' || judged === 0)) same++;
        else {
          differences++;
          console.log(`${mistake ?? profile}: ${address}: ours ${verdict}, newman ${failed} of ${judged} tests failed`);
        }
      }
      const failing = [...own.values()].filter((one) => one === 'fail').length;
      console.log(`${mistake ?? profile}: ${same} of ${other.size} cases judged alike, ${own.size} in all; ${failing} of ours fail`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = differences === 0 ? 0 : 1;
