/**
 * What the page of the HTML report keeps of every case, so that the list, the filters and the coverage need no exchange. The rest of a case is
 * read from its own line when it is opened.
 *
 * @module
 */
import type { ExpiryRecord, FooterRecord } from '../../model/record.ts';
import type { Level } from '../../model/verdict.ts';
import type { Standing } from '../digest.ts';

export interface PageCheck {
  readonly name: string;
  readonly standing: Standing;
  readonly level: Level;
  /** Positions in `PageIndex.clauses`. */
  readonly clauses: readonly number[];
  /** Clauses of alternatives that the target was compared with, beside those above. */
  readonly compared?: readonly number[];
  /** Of a warning: what it says, so that equal ones are told once. */
  readonly message?: string;
}

export interface PageCase {
  /** Position in `header.targets`. */
  readonly target: number;
  readonly address: string;
  readonly profile: string;
  readonly file: string;
  readonly title: string;
  readonly standing: Standing;
  readonly durationMs: number;
  readonly clauses: readonly number[];
  readonly checks: readonly PageCheck[];
  /** The first difference, or why it was skipped or blocked. */
  readonly summary?: string;
  readonly expiry?: ExpiryRecord;
}

export interface PageIndex {
  /** Ids of every clause that is cited. */
  readonly clauses: readonly string[];
  /** In the order of the lines that hold the cases in full. */
  readonly cases: readonly PageCase[];
  /** Null when the run was cut before its end. */
  readonly footer: FooterRecord | null;
}

/** Ids of the data elements of the page. */
export const elementIds = { header: 'dac-header', cases: 'dac-cases', index: 'dac-index' } as const;
