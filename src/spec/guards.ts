/**
 * The guards of the author-side schemas, compiled at build. Loaded only where an author's file is read.
 *
 * @module
 */
import type * as generated from '../generated/guards.js';

export type Guards = Pick<typeof generated, 'spec' | 'profile' | 'clauses' | 'target'>;

/** Loads the compiled guards. */
export async function loadGuards(): Promise<Guards> {
  return import('../generated/guards.js');
}
