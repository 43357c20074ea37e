// `npm run bench`: our runner and mock beside the bare limits and beside others, in turns, as ratios. Absolute times are this machine's business.
//
//   npm run bench -- [--rounds N] [--sizes 300,3000,30000] [--markdown FILE] [--only R1,M1] [--peers FOLDER]
//                    [--runner 'NAME=COMMAND with {base} and {cases}'] [--mock 'NAME=COMMAND with {port}']
//
// --peers names a folder with node_modules, where some of newman, vitest, js-yaml, hono with @hono/node-server, fastify, express, msw,
// @stoplight/prism-cli, @mockoon/cli and oauth2-mock-server are installed. Another runner or mock is pointed at by its command; a mock answers like target.mjs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchLibrary } from './library.mjs';
import { Bench, Table } from './measure.mjs';
import { benchMock } from './mock.mjs';
import { preparePeers } from './peers.mjs';
import { benchRunner } from './runner.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    sizes: { type: 'string', default: '300,3000' },
    markdown: { type: 'string' },
    only: { type: 'string' },
    peers: { type: 'string' },
    runner: { type: 'string', multiple: true, default: [] },
    mock: { type: 'string', multiple: true, default: [] },
  },
});
const commands = (list) => Object.fromEntries(list.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]));
const only = values.only?.split(',');
const wants = (id) => only === undefined || only.includes(id);
const folder = mkdtempSync(join(tmpdir(), 'dac-bench-'));
const table = new Table();

try {
  const peers = preparePeers(folder, values.peers);
  const common = { bench: new Bench(folder, Number(values.rounds)), table, wants, peers };
  await benchRunner({ ...common, sizes: values.sizes.split(',').map(Number), extra: commands(values.runner) });
  if (['M1', 'M2', 'M5', 'M6'].some(wants)) await benchMock({ ...common, extra: commands(values.mock) });
  if (['M3', 'M7'].some(wants)) await benchLibrary(common);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (values.markdown !== undefined) table.write(values.markdown);
