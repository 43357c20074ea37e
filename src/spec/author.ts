/**
 * A file of an author while it is compiled: its data, its problems, and what is checked in every string of it.
 *
 * @module
 */
import { escapeToken, readPointer } from '../support/pointer.ts';
import { didYouMean, listOf } from '../support/suggest.ts';
import { Problems } from './diagnose.ts';
import type { YamlDocument } from './read.ts';
import { parseTemplate, problemOfName, TemplateError, variablesOf } from './variables.ts';

/** A file that has the right shape. */
export class AuthorFile<T = unknown> {
  readonly document: YamlDocument;
  readonly problems: Problems;
  readonly data: T;

  constructor(document: YamlDocument, data: T, problems = new Problems(document)) {
    this.document = document;
    this.data = data;
    this.problems = problems;
  }

  get name(): string {
    return this.document.file;
  }

  lineOf(pointer: string): number {
    return this.document.locate(pointer, 'key').line;
  }

  /** Says that a name is none of the known ones; `what` is e.g. `request`. */
  unknown(pointer: string, what: string, name: string, known: Iterable<string>): void {
    const names = [...known];
    const hint = didYouMean(name, names) || (names.length > 0 && names.length <= 12 ? ` Known: ${listOf(names, 'and')}` : '');
    this.problems.within(pointer, name, `unknown ${what} "${name}"${hint === '' ? '' : `.${hint}`}`);
  }

  /** Checks the form and the names of every `${…}` in the strings of a value. Captures are checked where they are used. */
  checkTemplates(pointer: string, value: unknown, paths: Iterable<string>): void {
    for (const [at, text] of stringsWithPointers(value, pointer)) {
      if (!text.includes('${')) continue;
      try {
        parseTemplate(text);
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        this.problems.within(at, error.source, error.message);
        continue;
      }
      for (const name of variablesOf(text)) {
        const problem = problemOfName(name) ?? problemOfPath(name, paths);
        if (problem !== undefined) this.problems.within(at, name, problem);
      }
    }
  }

  /** The pointer of the first string that uses a variable, among the values at some pointers. */
  findVariable(name: string, pointers: readonly string[]): string | undefined {
    for (const pointer of pointers) {
      const read = readPointer(this.document.data, pointer);
      if (!read.found) continue;
      for (const [at, text] of stringsWithPointers(read.value, pointer)) {
        if (text.includes('${') && namesIn(text).includes(name)) return at;
      }
    }
    return undefined;
  }
}

function namesIn(text: string): string[] {
  try {
    return variablesOf(text);
  } catch {
    return [];
  }
}

/** A path that the profile does not name may still come from the target; only what looks like a slip is a problem. */
function problemOfPath(name: string, paths: Iterable<string>): string | undefined {
  if (!name.startsWith('paths.')) return undefined;
  const path = name.slice('paths.'.length);
  const known = [...paths];
  if (known.includes(path)) return undefined;
  const hint = didYouMean(path, known);
  return hint === '' ? undefined : `unknown path "${path}".${hint}`;
}

function* stringsWithPointers(value: unknown, pointer: string): Generator<[pointer: string, text: string]> {
  if (typeof value === 'string') yield [pointer, value];
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* stringsWithPointers(item, `${pointer}/${index}`);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) yield* stringsWithPointers(member, `${pointer}/${escapeToken(name)}`);
  }
}
