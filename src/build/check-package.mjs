// Checks the package as it would be published: linted, typed, installed by a stranger, imported, run.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { heading, manifest, pack, root, run, stranger, weigh } from './pack.mjs';

heading('pack');
const { tarball, listing } = pack();
console.log(
  `${listing.filename}: ${listing.entryCount} files, ${kilobytes(listing.size)} packed, ${kilobytes(listing.unpackedSize)} unpacked`,
);
const unwanted = listing.files.map((file) => file.path).filter((path) => /\.test\.|\.map$|\.tmp$|(^|\/)\.(?!d\b)|\.mjs$/.test(path));
if (unwanted.length > 0) throw new Error(`These files do not belong into the package: ${unwanted.join(', ')}`);

heading('publint');
console.log(run(bin('publint'), ['run', tarball, '--strict']).trim());

heading('are the types wrong');
// The package is ESM only: CommonJS resolves to ESM, which Node 20.19 and newer can require().
console.log(
  run(bin('attw'), [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji', '--exclude-entrypoints', 'package.json']).trim(),
);

heading('install as a stranger: ordinary user, empty home, a space in the path');
const home = stranger('package');
home.run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', tarball]);
const { bytes, packages } = weigh(home.folder);
console.log(`${packages} packages, ${kilobytes(bytes)} installed`);

heading('import every entry');
const peers = Object.keys(manifest.peerDependencies);
for (const entry of Object.keys(manifest.exports)) {
  if (entry.includes('*')) continue;
  const specifier = entry === '.' ? manifest.name : `${manifest.name}/${entry.slice(2)}`;
  const attributes = entry.endsWith('.json') ? `, { with: { type: 'json' } }` : '';
  const peer = peers.find((name) => entry === `./${name}`);
  const code = `
    try { const m = await import(${JSON.stringify(specifier)}${attributes}); console.log('  exports ' + Object.keys(m).sort().join(', ')); }
    catch (error) { console.log('  ' + error.message); process.exitCode = 3; }`;
  console.log(`${specifier}${peer ? `, ${peer} not installed` : ''}`);
  const said = home.run(process.execPath, ['--input-type=module', '-e', code], { code: peer ? 3 : 0 });
  console.log(said.trimEnd());
}
for (const name of listing.files.map((file) => file.path).filter((path) => path.startsWith('specs/schema/'))) {
  const file = `${manifest.name}/schema/${name.slice('specs/schema/'.length)}`;
  home.run(process.execPath, [
    '--input-type=module',
    '-e',
    `import { createRequire } from 'node:module'; createRequire(process.cwd() + '/x.js')(${JSON.stringify(file)})`,
  ]);
  console.log(`${file}`);
}

heading('compile against the declarations, without skipLibCheck');
const typed = Object.entries(manifest.exports).filter(([entry, value]) => !entry.includes('*') && typeof value === 'object');
if (typed.length > 0) {
  home.run('npm', [
    'install',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    ...['typescript', '@types/node', ...peers].map((name) => `${name}@${installed(name)}`),
  ]);
  home.write(
    'index.ts',
    typed
      .map(
        ([entry], index) =>
          `import * as e${index} from '${entry === '.' ? manifest.name : `${manifest.name}/${entry.slice(2)}`}';\nexport type T${index} = typeof e${index};`,
      )
      .join('\n'),
  );
  const options = { strict: true, noEmit: true, target: 'es2023', types: ['node'], module: 'nodenext', exactOptionalPropertyTypes: true };
  home.write('tsconfig.json', JSON.stringify({ compilerOptions: options, files: ['index.ts'] }));
  home.run(process.execPath, ['node_modules/typescript/bin/tsc']);
  console.log(`${typed.length} entries compile`);
}

heading('run the command');
for (const name of Object.keys(manifest.bin)) {
  const version = home.run('npx', ['--no-install', name, '--version']).trim();
  if (version !== manifest.version) throw new Error(`npx ${name} --version printed "${version}", expected ${manifest.version}`);
  console.log(`${name} --version: ${version}`);
}
const said = home.run('npx', ['--no-install', 'dac', 'run']);
console.log(said.trim().split('\n').slice(-6).join('\n'));

function bin(name) {
  return join(root, 'node_modules', '.bin', name);
}

function installed(name) {
  const file = join(root, 'node_modules', name, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : 'latest';
}

function kilobytes(bytes) {
  return bytes > 2_000_000 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.round(bytes / 1000)} kB`;
}
