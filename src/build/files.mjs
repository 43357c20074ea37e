// What every step needs: the files of the repository, and a way to run a source of ours before it is built.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const cache = join(root, '.cache', 'build');
export const dist = join(root, 'dist');

/** Every file below a folder, as full paths in order. */
export function walk(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** Files below a folder of the repository, as paths with "/" relative to its root. */
export function files(folder, extension) {
  return walk(join(root, folder))
    .filter((file) => file.endsWith(extension) && !file.endsWith('.test.ts'))
    .map((file) => relative(root, file).split(sep).join('/'));
}

export const sources = () =>
  [
    ...files('src', '.ts'),
    ...files('src', '.eta'),
    ...files('src', '.css'),
    ...files('mock-server', '.ts'),
    ...files('mock-server', '.json'),
  ].filter((file) => !file.startsWith('src/generated/'));
export const generatedFiles = () => ['.js', '.d.ts', '.json'].flatMap((extension) => files('src/generated', extension));

/** Writes a file of the repository in one step, and only when its content changes. */
export function write(file, text, mode = 0o644) {
  const path = join(root, file);
  if (existsSync(path) && readFileSync(path, 'utf8') === text && (statSync(path).mode & 0o777) === mode) return;
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, path);
}

/** Bundles a source of ours with esbuild and imports the result; packages stay where they are. */
export async function importBundled(stdin) {
  const { build } = await import('esbuild');
  const result = await build({
    stdin,
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'silent',
  });
  mkdirSync(cache, { recursive: true });
  const file = join(cache, `run-${process.pid}-${createHash('sha256').update(result.outputFiles[0].text).digest('hex').slice(0, 8)}.mjs`);
  writeFileSync(file, result.outputFiles[0].text);
  try {
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(file);
  }
}

/** Imports a source file that must export `name`; undefined, with a message, while the file does not exist. */
export async function importSource(file, name) {
  if (!existsSync(join(root, file))) {
    console.log(`  skipped, ${file} does not exist`);
    return undefined;
  }
  const module = await importBundled({ contents: `export * from './${file}';`, resolveDir: root, loader: 'ts' });
  if (typeof module[name] !== 'function')
    throw new Error(`${file} must export a function ${name}, found ${Object.keys(module).join(', ') || 'no exports'}`);
  return module;
}
