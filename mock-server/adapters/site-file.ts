/**
 * Reads a site file, YAML or JSON, with every problem at its line.
 *
 * @module
 */
import { SpecError, UsageError, type Diagnostic } from '../../src/support/error.ts';
import { checkSite, type Problem } from '../site-check.ts';
import type { SiteFile } from '../site-file.ts';

/** Throws a UsageError when the file cannot be read, a SpecError with all problems when it is wrong. */
export async function readSiteFile(file: string): Promise<SiteFile> {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
    throw new UsageError(`The site file ${file} cannot be read: ${reason}.`, { cause, remedy: 'check the path after --site.' });
  });
  return parseSiteFile(text, file);
}

/** Most problems told of one file. */
const mostProblems = 20;

export async function parseSiteFile(text: string, file: string): Promise<SiteFile> {
  const { isNode, LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const source = text.split('\n');
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: '1.2' });
  const diagnosticAt = (offset: number, message: string, length?: number): Diagnostic => {
    const { line, col } = lines.linePos(offset);
    return {
      place: { file, line, column: col },
      message,
      sourceLine: (source[line - 1] ?? '').replace(/\r$/, ''),
      ...(length === undefined ? {} : { length }),
    };
  };
  if (document.errors.length > 0) {
    throw new SpecError(
      document.errors.slice(0, mostProblems).map((error) => diagnosticAt(error.pos[0], error.message.split('\n', 1)[0] ?? error.message)),
    );
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new SpecError([diagnosticAt(0, `the file cannot be read as data: ${error instanceof Error ? error.message : String(error)}`)]);
  }
  const problems = checkSite(value ?? {});
  if (problems.length === 0) return (value ?? {}) as SiteFile;
  throw new SpecError(
    problems.slice(0, mostProblems).map(({ path, message }: Problem) => {
      for (let length = path.length; length >= 0; length--) {
        const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
        if (isNode(node) && node.range) return diagnosticAt(node.range[0], message, node.range[1] - node.range[0]);
      }
      return diagnosticAt(0, message);
    }),
  );
}
