/**
 * The catalogue that a command works on: the shipped one, compiled at build, and the user's own specs on top of it.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Catalogue } from '../model/catalogue.ts';
import { HarnessError } from '../support/error.ts';

/** Where the build puts it, below the root of the package: in the sources, and in the packed package. */
const places = ['src/generated/catalogue.json', 'dist/src/generated/catalogue.json'];

/** Loads the compiled specs of this package. */
export async function loadShipped(): Promise<Catalogue> {
  const root = packageRoot(dirname(fileURLToPath(import.meta.url)));
  const file = places.map((place) => join(root, place)).find((path) => existsSync(path));
  if (file === undefined) {
    throw new HarnessError(`the compiled specs are missing below "${root}"`, {
      remedy: 'run "npm run build" in it, or install the package again',
    });
  }
  return JSON.parse(await readFile(file, 'utf8')) as Catalogue;
}

/**
 * Loads the compiled specs of this package and compiles the files and folders of the user on top of them.
 *
 * @throws SpecError with every problem of every file; UsageError when a path cannot be read.
 */
export async function loadWithUser(paths: readonly string[]): Promise<Catalogue> {
  const base = await loadShipped();
  if (paths.length === 0) return base;
  const [{ compile }, { readSources }] = await Promise.all([import('./compile.ts'), import('./files.ts')]);
  const sources = [];
  for (const path of paths) sources.push(...(await readSources(path)));
  return compile(sources, { base });
}

function packageRoot(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) return at;
    if (at === dirname(at)) return folder;
  }
}
