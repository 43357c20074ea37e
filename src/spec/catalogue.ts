/**
 * The catalogue that a command works on: the shipped one, compiled at build, and the user's own specs on top of it.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Catalogue, CatalogueCase } from '../model/catalogue.ts';
import { HarnessError } from '../support/error.ts';

/** Where the build puts it, below the root of the package: in the sources, and in the packed package. */
const places = ['src/generated/catalogue.json', 'dist/src/generated/catalogue.json'];

/** What the build writes: everything but the cases, and for each profile the file that holds them. */
interface ShippedIndex extends Omit<Catalogue, 'cases'> {
  readonly cases: Readonly<Record<string, string>>;
}

/**
 * Loads the compiled specs of this package.
 *
 * @param profiles whose cases are wanted; of the others there is everything else. All, when left out.
 */
export async function loadShipped(profiles?: readonly string[]): Promise<Catalogue> {
  return openShipped().load(profiles);
}

/**
 * Loads the compiled specs of this package and compiles the files and folders of the user on top of them.
 *
 * @param profiles as in `loadShipped`; the user's own cases are always there.
 * @throws SpecError with every problem of every file; UsageError when a path cannot be read.
 */
export async function loadWithUser(paths: readonly string[], profiles?: readonly string[]): Promise<Catalogue> {
  const shipped = openShipped();
  const base = shipped.load(profiles);
  if (paths.length === 0) return base;
  const [{ compile }, { readSources }] = await Promise.all([import('./compile.ts'), import('./files.ts')]);
  const sources = [];
  for (const path of paths) sources.push(...readSources(path));
  return compile(sources, { base, ...(profiles === undefined ? {} : { casesOf: shipped.casesOf }) });
}

/** A catalogue that was loaded without cases of its own, with those of some shipped profiles before the user's. */
export async function withShippedCases(catalogue: Catalogue, profiles: readonly string[]): Promise<Catalogue> {
  const { cases } = await loadShipped(profiles);
  return { ...catalogue, cases: [...cases, ...catalogue.cases] };
}

type Shipped = ReturnType<typeof readShipped>;
let shipped: Shipped | undefined;

function openShipped(): Shipped {
  shipped ??= readShipped();
  return shipped;
}

function readShipped() {
  const root = packageRoot(dirname(fileURLToPath(import.meta.url)));
  const file = places.map((place) => join(root, place)).find((path) => existsSync(path));
  if (file === undefined) {
    throw new HarnessError(`the compiled specs are missing below "${root}"`, {
      remedy: 'run "npm run build" in it, or install the package again',
    });
  }
  const { cases: files, ...rest } = JSON.parse(readFileSync(file, 'utf8')) as ShippedIndex;
  const casesOf = (profile: string): readonly CatalogueCase[] => {
    const name = Object.hasOwn(files, profile) ? files[profile] : undefined;
    return name === undefined ? [] : (JSON.parse(readFileSync(join(dirname(file), name), 'utf8')) as CatalogueCase[]);
  };
  const load = (profiles?: readonly string[]): Catalogue => {
    const wanted = Object.keys(files).filter((name) => profiles === undefined || profiles.includes(name));
    return { ...rest, cases: wanted.flatMap(casesOf) };
  };
  return { load, casesOf };
}

function packageRoot(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) return at;
    if (at === dirname(at)) return folder;
  }
}
