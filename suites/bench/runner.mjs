// R1 to R11 and the whole job: the command beside a bare loop over undici, and beside the runners of others.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeCases } from './cases.mjs';
import { goals, runnerPeers, yamlPeer } from './peers.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
export const command = here('../../dist/bin/main.cjs');

export async function benchRunner({ bench, table, wants, sizes, peers, extra }) {
  const { child, found: port } = await bench.start([here('target.mjs')], /listening (\d+)/);
  const base = `http://127.0.0.1:${port}`;
  const at = (cases) => join(bench.folder, `n${cases}`);
  const limit = (cases, inFlight) => [here('limit.mjs'), String(cases), String(inFlight), base];
  const ours = (cases, inFlight, url = base) => {
    writeCases(at(cases), cases, url);
    const [target, specs, out] = ['target.yaml', 'specs', 'report'].map((name) => join(at(cases), name));
    return [command, 'run', '-t', target, '--specs', specs, '--concurrency', String(inFlight), '--out', out, '--reporter', 'junit'];
  };
  const others = (cases) => ({
    ...runnerPeers(peers, bench.folder, base, cases),
    ...Object.fromEntries(
      Object.entries(extra).map(([name, line]) => [name, line.replaceAll('{base}', base).replaceAll('{cases}', String(cases))]),
    ),
  });
  const noteOthers = (id, what, times, names) => {
    for (const name of names) {
      const goal = goals[id]?.[name];
      table.note(id, `${what} ÷ ${name}`, goal === undefined ? '' : `<= ${goal.toFixed(2)}`, times.ours / times[name]);
    }
  };

  try {
    if (wants('R1')) {
      const times = bench.interleave({ empty: ['-e', '0'], ours: [command, '--version'] });
      table.note('R1', '--version ÷ node -e 0', '<= 1.25', times.ours / times.empty);
    }
    if (wants('R2')) {
      const beside = others(1);
      const times = bench.interleave({ limit: limit(1, 1), ours: ours(1, 1), ...beside });
      table.note('R2', 'one-case run ÷ bare undici loop', '<= 0.60', times.ours / times.limit);
      noteOthers('R2', 'one-case run', times, Object.keys(beside));
    }
    const [small, large, huge] = sizes;
    const medians = {};
    for (const size of sizes) {
      if (!(wants('R3') && size === small) && !wants('R4') && !(wants('R5') && size === large) && !(wants('R8') && huge !== undefined))
        continue;
      const beside = size === huge ? {} : others(size);
      medians[size] = bench.interleave({ limit: limit(size, 8), ours: ours(size, 8), ...beside });
      if (size === small)
        table.note('R3', `${size} cases, 8 in flight ÷ bare undici loop`, '<= 1.50', medians[size].ours / medians[size].limit);
      if (size !== huge) noteOthers(size === small ? 'R3' : 'R5', `${size} cases, 8 in flight`, medians[size], Object.keys(beside));
    }
    if (wants('R4') && large !== undefined) {
      const slope = (who) => medians[large][who] - medians[small][who];
      table.note('R4', `slope ${small} to ${large} cases ÷ bare undici loop`, '<= 2.00', slope('ours') / slope('limit'));
      for (const name of ['vitest', 'hurl']) {
        if (medians[large][name] === undefined) continue;
        const goal = name === 'hurl' ? '<= 0.70' : '';
        table.note('R4', `slope ${small} to ${large} cases ÷ ${name}`, goal, slope('ours') / slope(name));
      }
    }
    if (wants('R6') && large !== undefined) {
      const [low, high] = [small, large].map((size) => bench.interleave({ limit: limit(size, 1), ours: ours(size, 1) }));
      const ratio = (high.ours - low.ours) / (high.limit - low.limit);
      table.note('R6', `slope ${small} to ${large}, one case at a time ÷ bare undici loop`, '<= 1.80', ratio);
    }
    if (wants('R7') && existsSync('/usr/bin/time')) {
      table.note('R7', 'peak memory of a one-case run ÷ bare undici loop', '<= 0.75', bench.peak(ours(1, 1)) / bench.peak(limit(1, 1)));
      const most = large ?? small;
      const peak = bench.peak(ours(most, 8));
      table.note('R7', `peak memory of ${most} cases ÷ bare undici loop`, '<= 1.50', peak / bench.peak(limit(most, 8)));
      if (huge !== undefined) {
        const growth = (bench.peak(ours(huge, 8)) - peak) / (huge - large);
        table.note('R7', `memory for each case from ${large} to ${huge}, KiB`, '<= 8.00', growth);
      }
    }
    if (wants('R8') && huge !== undefined) {
      const slope = (from, to) => (medians[to].ours - medians[from].ours) / (to - from);
      table.note('R8', `slope ${large} to ${huge} ÷ slope ${small} to ${large}`, '<= 1.20', slope(large, huge) / slope(small, large));
    }
    if (wants('R9')) {
      const stats = async () => (await fetch(`${base}/__stats`)).json();
      const before = await stats();
      bench.measure(ours(300, 8));
      const after = await stats();
      const requests = after.served - before.served;
      // One for the look at our own statistics.
      const connections = after.connections - before.connections - 1;
      table.note(
        'R9',
        '300 cases: connections at 8 in flight',
        '<= 9',
        connections,
        `${requests} requests: 900, and one look at the front page`,
      );
    }
    if (wants('R10') && peers.has('js-yaml')) {
      const specs = writeFiles(join(bench.folder, 'files'), base, 200);
      const times = bench.interleave({ reference: yamlPeer(bench.folder, specs), ours: [command, 'check', specs] });
      table.note('R10', '200 spec files checked, cold ÷ js-yaml + standalone Ajv', '<= 1.20', times.ours / times.reference);
    }
    if (wants('R11')) {
      const size = large ?? small;
      bench.measure(ours(size, 8));
      const xml = readFileSync(join(at(size), 'report', 'junit.xml'), 'utf8');
      const cases = xml.includes('<failure') ? 0 : xml.split('<testcase ').length - 1;
      table.note('R11', `cases in the JUnit report of ${size}, without a failure`, `>= ${size}`, cases);
    }
    if (wants('W1')) {
      const times = bench.interleave({ ours: [command, 'run', '--out', join(bench.folder, 'whole')] });
      table.note('W1', 'the whole job against the embedded mock, expiry included, seconds', '', times.ours / 1000);
    }
    if (wants('W2')) await benchSlowSite({ bench, table, ours });
  } finally {
    child.kill();
  }
}

/** How much of the wall time of a run is ours when every answer takes 200 ms. */
async function benchSlowSite({ bench, table, ours }) {
  const [cases, inFlight, delayMs] = [120, 8, 200];
  const { child, found: port } = await bench.start([here('target.mjs'), '0', String(delayMs)], /listening (\d+)/);
  try {
    const times = bench.interleave({ ours: ours(cases, inFlight, `http://127.0.0.1:${port}`) });
    // Three answers for each case, and the look at the front page before them.
    const itsMs = (cases / inFlight) * 3 * delayMs + delayMs;
    table.note('W2', `our share of the time of ${cases} cases on a site that takes ${delayMs} ms`, '', (times.ours - itsMs) / times.ours);
  } finally {
    child.kill();
  }
}

/** The case in so many files, beside the document and the profile that they need. */
function writeFiles(folder, base, count) {
  mkdirSync(folder, { recursive: true });
  writeCases(folder, 1, base);
  const specs = join(folder, 'specs');
  const text = readFileSync(join(specs, 'cases.yaml'), 'utf8');
  for (let index = 1; index < count; index++) writeFileSync(join(specs, `cases-${index}.yaml`), text);
  return specs;
}
