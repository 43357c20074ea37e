/**
 * Entry of the build: the specs of this package, compiled.
 *
 * @module
 */
import type { Catalogue } from '../model/catalogue.ts';
import { compile } from './compile.ts';
import { readSources } from './files.ts';

/**
 * Compiles the folder of the shipped specs.
 *
 * @throws SpecError with every problem of every file.
 */
export async function compileShipped(folder: string): Promise<Catalogue> {
  return compile(readSources(folder, 'specs'));
}
