/**
 * Spec files on disk. References stay inside the folder: what a link leads out of it is not read. Read at once: whoever reads specs waits for nothing else then.
 *
 * @module
 */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { SpecError, UsageError } from '../support/error.ts';
import type { SpecSource } from './compile.ts';

/** Reads every YAML file below a folder, or one file. Paths are shown as `shownAs` and what follows it. */
export function readSources(path: string, shownAs = path): SpecSource[] {
  if (!isFolder(path)) return [readSource(path, shownAs)];
  const sources = readFolder(path, shownAs, realpathSync(path));
  if (sources.length === 0) throw new UsageError(`"${path}" holds no .yaml file`, { remedy: 'name a folder with spec files' });
  return sources;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new UsageError(`cannot read specs from "${path}": ${reasonOf(error as NodeJS.ErrnoException)}`, { cause: error });
  }
}

function readFolder(folder: string, shownAs: string, root: string): SpecSource[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const sources: SpecSource[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    const shown = `${shownAs.split(sep).join('/').replace(/\/$/, '')}/${entry.name}`;
    if (entry.isDirectory()) sources.push(...readFolder(path, shown, root));
    else if (/\.ya?ml$/.test(entry.name) && (entry.isFile() || leadsInside(path, root))) sources.push(readSource(path, shown));
  }
  return sources;
}

function leadsInside(link: string, root: string): boolean {
  try {
    return !relative(root, realpathSync(link)).startsWith('..');
  } catch {
    return false;
  }
}

/** A text file in UTF-8; `shownAs` is how messages call it. */
export function readSource(path: string, shownAs = path): SpecSource {
  const bytes = readBytes(path, shownAs);
  try {
    return { path: shownAs, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    throw new SpecError([
      { place: { file: shownAs, line: lineOfInvalid(bytes), column: 1 }, message: 'the file is not UTF-8; save it as UTF-8' },
    ]);
  }
}

function readBytes(path: string, shownAs: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`cannot read "${shownAs}": ${reasonOf(error as NodeJS.ErrnoException)}`, { cause: error });
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
