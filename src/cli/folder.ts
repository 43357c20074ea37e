/**
 * Folders for what a command writes.
 *
 * @module
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it, one at a time: on a file system that refuses new folders with ENOENT (/proc), Node's own recursive `mkdir` tries
 * for ever.
 *
 * @throws the error of the file system; ENOENT where the folder above exists and still nothing can be made in it.
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await canMake(folder)) return;
  const above = dirname(folder);
  if (above !== folder) await makeFolder(above);
  if (!(await canMake(folder))) await mkdir(folder);
}

/** False when the folder above is missing. What stands there already may be no folder: writing into it will tell. */
async function canMake(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return true;
    if (code === 'ENOENT') return false;
    throw error;
  }
}
