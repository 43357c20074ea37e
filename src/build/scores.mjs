// Writes the block of scores into README.md: what the cases notice, what they cover, how like the recordings the mock is. Takes a minute.
//
//   node src/build/scores.mjs
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = join(root, 'README.md');
const command = join(root, JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).bin.dac);

// Exit code 1 says that something was missed, which the figures show.
const dac = (...words) =>
  JSON.parse(spawnSync(process.execPath, [command, ...words, '--json'], { encoding: 'utf8', maxBuffer: 1 << 28 }).stdout);
const ratio = (part, whole) => (whole === 0 ? '–' : `${part}/${whole} (${Math.floor((1000 * part) / whole) / 10} %)`);

const made = new Map();
for (const { id, killedBy } of dac('mutants')) {
  const profile = id.slice(0, id.lastIndexOf('/'));
  const score = made.get(profile) ?? { killed: 0, total: 0 };
  made.set(profile, { killed: score.killed + (killedBy.length > 0 ? 1 : 0), total: score.total + 1 });
}
const derived = new Map();
for (const { profile, killedBy, because } of dac('mutants', '--derived')) {
  const score = derived.get(profile) ?? { killed: 0, total: 0, free: 0 };
  const isKilled = killedBy !== undefined;
  if (because !== undefined) score.free++;
  else score.total++;
  derived.set(profile, { ...score, killed: score.killed + (isKilled ? 1 : 0) });
}
const none = { killed: 0, total: 0, free: 0 };
const rows = [...new Set([...made.keys(), ...derived.keys()])].sort().map((profile) => {
  const [own, leaves] = [made.get(profile) ?? none, derived.get(profile) ?? none];
  return [profile, ratio(own.killed, own.total), ratio(leaves.killed, leaves.total), String(leaves.free)];
});
const sum = (scores, key) => [...scores.values()].reduce((total, score) => total + score[key], 0);
rows.push([
  'all',
  ratio(sum(made, 'killed'), sum(made, 'total')),
  ratio(sum(derived, 'killed'), sum(derived, 'total')),
  String(sum(derived, 'free')),
]);

const registers = dac('coverage').filter(({ isRegister }) => isRegister);
const clauses = registers.flatMap((register) => register.clauses);
const open = clauses.filter(({ state }) => state !== 'checked' && state !== 'excluded').length;
const checked = clauses.filter(({ state }) => state === 'checked').length;

const fidelity = { recorded: { matching: 0, sendable: 0 }, assumed: { matching: 0, sendable: 0 } };
for (const site of Object.values(JSON.parse(readFileSync(join(root, 'suites/fidelity/scores.json'), 'utf8')))) {
  for (const kind of ['recorded', 'assumed']) {
    for (const { matching, sendable } of Object.values(site[kind])) {
      fidelity[kind].matching += matching;
      fidelity[kind].sendable += sendable;
    }
  }
}

const head = ['profile', 'wrong sites noticed', 'changed answers noticed', 'free'];
const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
const block = [
  '<!-- scores -->',
  '',
  line(head),
  line(widths.map((width) => '-'.repeat(width))),
  ...rows.map(line),
  '',
  `Clauses of the documents with a check or a stated reason for none: ${ratio(clauses.length - open, clauses.length)}, ${checked} of them checked. Exchanges of real sites that the`,
  `mock answers alike: ${ratio(fidelity.recorded.matching, fidelity.recorded.sendable)}. Written by \`npm run scores\`; \`dac mutants\` and \`dac mutants --derived\` tell more.`,
  '',
  '<!-- /scores -->',
].join('\n');

const text = readFileSync(readme, 'utf8');
const written = text.replace(/<!-- scores -->[\s\S]*<!-- \/scores -->/, () => block);
if (!written.includes(block)) throw new Error('README.md has no <!-- scores --> and <!-- /scores --> to write between');
writeFileSync(readme, written);
console.log(block);
