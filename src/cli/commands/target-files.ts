/**
 * `-t FILE` and `-t FOLDER`.
 *
 * @module
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../support/error.ts';

/** Files as they were named; a folder stands for its YAML files, by name. */
export function targetFilesOf(paths: readonly string[]): string[] {
  const files: string[] = [];
  for (const path of paths) {
    if (isFolder(path)) files.push(...filesIn(path));
    else files.push(path);
  }
  return files;
}

/** What cannot be looked at is read as a file, which says why it cannot be. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory() && /\.ya?ml$/.test(entry.name)).map(({ name }) => name);
  if (names.length === 0) {
    throw new UsageError(`${folder} holds no target file, expected files that end in .yaml`, { remedy: 'dac init --out FOLDER.' });
  }
  return names.sort().map((name) => join(folder, name));
}
