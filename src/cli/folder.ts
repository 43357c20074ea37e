/**
 * Folders for what a command writes.
 *
 * @module
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it, one at a time: on a file system that refuses new folders with ENOENT (/proc), Node's own recursive `mkdir` tries
 * for ever.
 *
 * @throws the error of the file system; ENOENT where the folder above exists and still nothing can be made in it.
 */
export function makeFolder(folder: string): void {
  if (canMake(folder)) return;
  const above = dirname(folder);
  if (above !== folder) makeFolder(above);
  if (!canMake(folder)) mkdirSync(folder);
}

/** False when the folder above is missing. What stands there already may be no folder: writing into it will tell. */
function canMake(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return true;
    if (code === 'ENOENT') return false;
    throw error;
  }
}
