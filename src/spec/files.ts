/**
 * Spec files on disk. References stay inside the folder: what a link leads out of it is not read.
 *
 * @module
 */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { SpecError, UsageError } from '../support/error.ts';
import type { SpecSource } from './compile.ts';

/** Reads every YAML file below a folder, or one file. Paths are shown as `shownAs` and what follows it. */
export async function readSources(path: string, shownAs = path): Promise<SpecSource[]> {
  const kind = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`cannot read specs from "${path}": ${reasonOf(error)}`, { cause: error });
  });
  if (!kind.isDirectory()) return [await readSource(path, shownAs)];
  const sources = await readFolder(path, shownAs, await realpath(path));
  if (sources.length === 0) throw new UsageError(`"${path}" holds no .yaml file`, { remedy: 'name a folder with spec files' });
  return sources;
}

async function readFolder(folder: string, shownAs: string, root: string): Promise<SpecSource[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const sources: SpecSource[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    const shown = `${shownAs.split(sep).join('/').replace(/\/$/, '')}/${entry.name}`;
    if (entry.isDirectory()) sources.push(...(await readFolder(path, shown, root)));
    else if (/\.ya?ml$/.test(entry.name) && (entry.isFile() || (await leadsInside(path, root))))
      sources.push(await readSource(path, shown));
  }
  return sources;
}

async function leadsInside(link: string, root: string): Promise<boolean> {
  const target = await realpath(link).catch(() => undefined);
  return target !== undefined && !relative(root, target).startsWith('..');
}

/** A text file in UTF-8; `shownAs` is how messages call it. */
export async function readSource(path: string, shownAs = path): Promise<SpecSource> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`cannot read "${shownAs}": ${reasonOf(error)}`, { cause: error });
  });
  try {
    return { path: shownAs, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    throw new SpecError([
      { place: { file: shownAs, line: lineOfInvalid(bytes), column: 1 }, message: 'the file is not UTF-8; save it as UTF-8' },
    ]);
  }
}

function lineOfInvalid(bytes: Uint8Array): number {
  const valid = new TextDecoder('utf-8').decode(bytes).split('\ufffd', 1)[0] ?? '';
  return valid.split('\n').length;
}

/** The system's reason as a sentence part. */
export function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return 'there is no such file or folder';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    case 'ENOTDIR':
      return 'a part of the path is a file';
    default:
      return error.code ?? error.message;
  }
}
