// What the package checks share: the tarball that would be published, and folders to try it in as a stranger would.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const base = mkdtempSync(join(tmpdir(), 'dac package '));
chmodSync(base, 0o755);
process.on('exit', () => rmSync(base, { recursive: true, force: true }));

process.on('uncaughtException', (error) => {
  console.error(`\n${error.message}`);
  process.exit(1);
});

export function heading(text) {
  console.log(`\n── ${text}`);
}

/** Runs a program and returns its standard output; a failure ends the check with all that it printed. */
export function run(command, args, { cwd = root, env = {}, user, code = 0, input } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 300_000,
    input: input ?? '',
    ...user,
  });
  if (result.status !== code) {
    const why = result.error?.message ?? `exit code ${result.status ?? result.signal}, expected ${code}`;
    throw new Error(`${command} ${args.join(' ')}: ${why}\n${result.stdout ?? ''}${result.stderr ?? ''}`);
  }
  return result.stdout;
}

/** Builds and packs; returns the path of the tarball and npm's list of what is in it. */
export function pack() {
  run(process.execPath, ['src/build/build.mjs', '--quiet', '--clean', 'catalogue', 'bin', 'lib']);
  const [listing] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', base]));
  return { tarball: join(base, listing.filename), listing };
}

/** Identity of an ordinary user, for spawn: nobody when this runs as root, else undefined (already ordinary). */
export const ordinaryUser = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;

/** A new project in a folder with a space in its path, an empty home beside it, owned by the ordinary user. */
export function stranger(name) {
  const folder = join(base, name, 'a project');
  const home = join(base, name, 'home');
  for (const path of [folder, home]) mkdirSync(path, { recursive: true });
  const write = (file, text) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  write('package.json', JSON.stringify({ name: 'a-project', private: true, type: 'module' }));
  // The registry is that of whoever runs the check; everything else of their configuration stays out.
  const registry = run('npm', ['config', 'get', 'registry']).trim();
  const env = {
    HOME: home,
    npm_config_cache: join(home, '.npm'),
    npm_config_registry: registry,
    npm_config_userconfig: join(home, '.npmrc'),
    NO_COLOR: '1',
  };
  const giveAway = () => {
    if (ordinaryUser) run('chown', ['-R', `${ordinaryUser.uid}:${ordinaryUser.gid}`, join(base, name)]);
  };
  return {
    folder,
    write,
    run: (command, args, options = {}) => {
      giveAway();
      return run(command, args, { cwd: folder, user: ordinaryUser, ...options, env: { ...env, ...options.env } });
    },
  };
}

/** Bytes and packages below node_modules. */
export function weigh(folder) {
  let bytes = 0;
  let packages = 0;
  for (const entry of readdirSync(join(folder, 'node_modules'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    bytes += statSync(join(entry.parentPath, entry.name)).size;
    if (entry.name === 'package.json' && /node_modules[/\\](@[^/\\]+[/\\])?[^/\\]+$/.test(entry.parentPath)) packages += 1;
  }
  return { bytes, packages };
}
