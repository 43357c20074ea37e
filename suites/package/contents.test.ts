/**
 * What is in the tarball, and that it hangs together without the repository. `npm run check:package` installs and runs it.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  bin: Record<string, string>;
  exports: Record<string, string | Record<string, string>>;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
};
let files: ReadonlySet<string>;
let ownBytes: number;
const importPattern =
  /^(?:import|export)\b[^'"()=;]*?\bfrom\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

beforeAll(() => {
  const build = spawnSync(process.execPath, ['src/build/build.mjs', '--quiet', '--clean', 'catalogue', 'bin', 'lib'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (build.status !== 0) throw new Error(build.stderr);
  // npm is a script of its own for every platform; node runs it everywhere when npm itself started this run.
  const npm = process.env.npm_execpath;
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=silent'];
  const pack = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, encoding: 'utf8' })
    : spawnSync('npm', args, { cwd: root, encoding: 'utf8' });
  const [listing] = JSON.parse(pack.stdout) as [{ files: { path: string }[]; unpackedSize: number }];
  ownBytes = listing.unpackedSize;
  files = new Set(listing.files.map((file) => file.path));
});

describe('the packed tarball', () => {
  it('holds every file that package.json names', () => {
    const named = [
      ...Object.values(manifest.bin),
      ...Object.values(manifest.exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry))),
    ];
    const missing = named.map((path) => path.replace(/^\.\//, '')).filter((path) => !path.includes('*') && !files.has(path));
    expect(missing).toEqual([]);
  });

  it('holds the licence, the compiled specs and the guards', () => {
    for (const file of [
      'LICENSE',
      'README.md',
      'dist/src/generated/guards.js',
      'dist/src/generated/catalogue.json',
      'dist/src/generated/cases.simple-oauth.json',
    ])
      expect(files).toContain(file);
  });

  it('holds no test, no source map, no draft, nothing of the build and no hidden file', () => {
    expect([...files].filter((file) => /\.test\.|\.map$|\.tmp$|(^|\/)\.|(^|\/)build\/|^suites\/|^reports\//.test(file))).toEqual([]);
  });

  it('names no folder of the machine that built it', () => {
    expect([...files].filter((file) => readFileSync(join(root, file), 'utf8').includes(root))).toEqual([]);
  });

  it('imports only files that it holds and packages that it depends on', () => {
    const known = new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)]);
    const slips: string[] = [];
    for (const file of files) {
      if (!/\.(js|d\.ts)$/.test(file) || file.startsWith('dist/bin/')) continue;
      for (const match of readFileSync(join(root, file), 'utf8').matchAll(importPattern)) {
        const specifier = match.slice(1).find((part) => part !== undefined) ?? '';
        if (specifier.startsWith('node:')) continue;
        const name = specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/');
        const path = posix.join(dirname(file), specifier);
        const isHere = specifier.startsWith('.')
          ? files.has(path) && (!file.endsWith('.d.ts') || !path.endsWith('.js') || files.has(path.replace(/\.js$/, '.d.ts')))
          : known.has(name);
        if (!isHere) slips.push(`${file}: ${specifier}`);
      }
    }
    expect(slips).toEqual([]);
  });

  it('has guards that stand alone and work', async () => {
    const guards = (await import(
      pathToFileURL(join(root, 'dist/src/generated/guards.js')).href
    )) as typeof import('../../src/generated/guards.js');
    expect(guards.target({ profile: 'oauth2', baseUrl: 'https://example.org/' })).toBe(true);
    expect(guards.target({ profile: 'oauth2', baseUrl: 'nowhere' })).toBe(false);
    expect(guards.target.errors?.[0]?.params).toEqual({ format: 'uri' });
  });

  it('has a command that may be executed', () => {
    const path = join(root, manifest.bin.dac ?? '');
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true);
  });

  it('brings no more packages and bytes than README.md says', () => {
    const [, packages, megabytes] = /As a dependency: (\d+) packages, (\d+) MB/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean; devOptional?: boolean; peer?: boolean; optional?: boolean }>;
    };
    const installed = Object.entries(lock.packages)
      .filter(([path, { dev, devOptional, peer, optional }]) => path !== '' && !dev && !devOptional && !peer && !optional)
      .map(([path]) => path);
    const bytes = installed.reduce((sum, path) => sum + bytesBelow(join(root, path)), ownBytes);
    // Ourselves counted in.
    expect(installed.length + 1).toBe(Number(packages));
    expect(Math.ceil(bytes / 1e6)).toBeLessThanOrEqual(Number(megabytes));
  });
});

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
