/**
 * `-t FILE` and `-t FOLDER`.
 *
 * @module
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../support/error.ts';

/** Files as they were named; a folder stands for its YAML files, by name. */
export async function targetFilesOf(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const isFolder = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!isFolder) files.push(path);
    else files.push(...(await filesIn(path)));
  }
  return files;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory() && /\.ya?ml$/.test(entry.name)).map(({ name }) => name);
  if (names.length === 0) {
    throw new UsageError(`${folder} holds no target file, expected files that end in .yaml`, { remedy: 'dac init --out FOLDER.' });
  }
  return names.sort().map((name) => join(folder, name));
}
