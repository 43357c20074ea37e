/**
 * Reading and comparing reports from a program: the public functions, which check what they are given before they work on it.
 *
 * @module
 */
import { compare as compareDigests, digestRun as digest, type Comparison, type RunDigest } from './compare/compare.ts';
import { digestFlows as digestWalks, migrate as migrateDigests, type FlowDigest, type Migration } from './compare/migrate.ts';
import { renderComparison as renderCompared, renderMigration as renderMigrated, type ComparisonFormat } from './compare/render.ts';
import type { ReportRecord } from './model/record.ts';
import { readReportFile, type ReadOptions } from './report/stream.ts';
import { callback, checkArgument, checkOptions, filledText, objectWith, oneOf, text, type Rule } from './support/options.ts';

type Records = AsyncIterable<ReportRecord> | Iterable<ReportRecord>;

// A string can be iterated too, and a path is what is given by mistake.
const records: Rule = {
  expected: 'the records that run(…) or readReport(path) yields',
  holds: (value) => typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value),
};
const runDigest = objectWith('what digestRun(…) resolves to', 'header', 'cases');
const flowDigest = objectWith('what digestFlows(…) resolves to', 'header', 'walks');
const format = oneOf(['terminal', 'markdown', 'json', 'html']);

/**
 * Records of a report file, each checked before it is yielded.
 *
 * @param path of a `report.ndjson`
 * @throws ReportError when the file is missing, cut, edited or not a report, with its line.
 */
export function readReport(path: string, options: Partial<ReadOptions> = {}): AsyncGenerator<ReportRecord, void, undefined> {
  checkArgument('readReport', 'path', path, filledText);
  checkOptions('readReport', options, { name: text, onCut: callback });
  return readReportFile(path, options);
}

/** Takes from a record stream what `compare` needs. */
export async function digestRun(stream: Records): Promise<RunDigest> {
  checkArgument('digestRun', 'records', stream, records);
  return await digest(stream);
}

/** Compares two runs. With one target on each side its name does not matter; else targets are matched by name. */
export function compare(base: RunDigest, head: RunDigest): Comparison {
  checkArgument('compare', 'base', base, runDigest);
  checkArgument('compare', 'head', head, runDigest);
  return compareDigests(base, head);
}

/** Takes from a record stream the cases that walk a flow, which `migrate` needs. */
export async function digestFlows(stream: Records): Promise<FlowDigest> {
  checkArgument('digestFlows', 'records', stream, records);
  return await digestWalks(stream);
}

/** Joins two reports by their flows: what a client of one product must change for the other. */
export function migrate(base: FlowDigest, head: FlowDigest): Migration {
  checkArgument('migrate', 'base', base, flowDigest);
  checkArgument('migrate', 'head', head, flowDigest);
  return migrateDigests(base, head);
}

/** A comparison as text. What a target sent is escaped in every format. */
export function renderComparison(comparison: Comparison, as: ComparisonFormat): string {
  checkArgument('renderComparison', 'comparison', comparison, objectWith('what compare(…) returns', 'base', 'head', 'broken'));
  checkArgument('renderComparison', 'format', as, format);
  return renderCompared(comparison, as);
}

/** A migration as text. What a target sent is escaped in every format. */
export function renderMigration(migration: Migration, as: ComparisonFormat): string {
  checkArgument('renderMigration', 'migration', migration, objectWith('what migrate(…) returns', 'base', 'head', 'steps'));
  checkArgument('renderMigration', 'format', as, format);
  return renderMigrated(migration, as);
}
