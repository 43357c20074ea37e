// Runs the packed command on every Node that `engines` admits; npm's `node` package brings them.
//
//   node src/build/check-nodes.mjs [VERSION…]
import { delimiter, join } from 'node:path';
import { heading, manifest, pack, stranger } from './pack.mjs';

const versions = process.argv.length > 2 ? process.argv.slice(2) : ['20.19', '22', '24'];
const { tarball } = pack();
for (const version of versions) {
  heading(`Node ${version}`);
  const home = stranger(`node-${version}`);
  // npm's package puts its binary in place with an install script.
  home.run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts=false', `node@${version}`]);
  home.run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', tarball]);
  const node = join(home.folder, 'node_modules', '.bin', 'node');
  const command = join(home.folder, 'node_modules', manifest.name, manifest.bin.dac);
  console.log(home.run(node, ['--version']).trim());
  const printed = home.run(node, [command, '--version']).trim();
  if (printed !== manifest.version) throw new Error(`--version printed "${printed}", expected ${manifest.version}`);
  console.log(home.run(node, [command, 'run']).trim().split('\n').slice(-6).join('\n'));
  // As most people meet it: npx, an empty cache, nothing installed. npx and the command itself run on this Node, by the PATH.
  const bins = join(home.folder, 'node_modules', '.bin');
  const empty = stranger(`npx-${version}`);
  const env = { PATH: `${bins}${delimiter}${process.env.PATH}` };
  const said = empty.run('npx', ['--yes', '--loglevel=error', '--package', tarball, 'dac', 'run', 'miniorange/oauth/password-grant'], {
    env,
  });
  console.log(`npx: ${/^\d+ cases: .*$/m.exec(said)?.[0]}`);
  if (manifest.exports['.']) home.run(node, ['--input-type=module', '-e', `await import('${manifest.name}')`]);
}
