/**
 * YAML in, plain data and places out. YAML is data here: no custom tags, no merge keys, no duplicate keys, a limit on aliases.
 *
 * @module
 */
import type { Alias, Document, LineCounter, Node, Pair, YAMLError } from 'yaml';
import type { Diagnostic } from '../support/error.ts';
import { escapeToken } from '../support/pointer.ts';

/** Where something stands: line and column count from 1, `length` is that of the caret run. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly sourceLine: string;
}

/** A YAML document as plain data, with the place of every value. */
export interface YamlDocument {
  readonly file: string;
  readonly data: unknown;
  /** The place of the value at a JSON pointer, or of its key; of the nearest enclosing one when there is none. */
  locate(pointer: string, part?: 'key' | 'value'): Span;
  /** The text of a value as it stands in the file, quotes included. */
  sourceOf(pointer: string): string | undefined;
  /** The place of a piece of text inside a value; the place of the value when it is not found there. */
  locateWithin(pointer: string, piece: string): Span;
  /** Every line that a value stands on, from its first character to its last. */
  spansOf(pointer: string): Span[];
}

export interface ReadResult {
  readonly documents: readonly YamlDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ReadOptions {
  /** The file may hold secrets: problems are told without its text. */
  readonly isSecret?: boolean;
}

type Range = readonly [start: number, end: number];
interface Spot {
  readonly key?: Range;
  readonly value: Range;
}

const largestFileBytes = 2_000_000;
const mostAliases = 100;
const mostValues = 200_000;
const deepestNesting = 60;
const mostOpenBrackets = 500;

const longestShownLine = 200;

/** A problem at a place. Of a very long line only its beginning is shown, and nothing when the place lies beyond it. */
export function diagnosticAt(file: string, { line, column, length, sourceLine }: Span, message: string): Diagnostic {
  const place = { file, line, column };
  if (column > longestShownLine) return { place, message };
  const shown = sourceLine.length > longestShownLine ? `${sourceLine.slice(0, longestShownLine)}…` : sourceLine;
  return { place, message, sourceLine: shown, length };
}

/** Parses a file. Never throws for what the file holds: a problem becomes a diagnostic and leaves its document out. */
export async function readYaml(text: string, file: string, options: ReadOptions = {}): Promise<ReadResult> {
  const { isAlias, isMap, isScalar, isSeq, LineCounter: Lines, parseAllDocuments } = await import('yaml');
  const source = text.startsWith('\ufeff') ? text.slice(1) : text;
  const lines = new Lines();
  const map = new SourceMap(source, file, lines, options.isSecret === true);
  if (source.length > largestFileBytes) {
    return {
      documents: [],
      diagnostics: [map.diagnostic([0, 0], `the file has ${source.length} characters, expected at most ${largestFileBytes}`)],
    };
  }

  const tooDeep = findDeepNesting(source);
  if (tooDeep !== undefined) {
    return { documents: [], diagnostics: [map.diagnostic([tooDeep, tooDeep + 1], 'found a value that is nested too deeply to be read')] };
  }
  const result = parseAllDocuments(source, {
    lineCounter: lines,
    version: '1.2',
    schema: 'core',
    merge: false,
    // The parser compares each key with all others; Converter looks it up.
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
  });
  const parsed = Array.isArray(result) ? (result as Document.Parsed[]) : [];

  const documents: YamlDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const document of parsed) {
    const problems = withoutEchoes([...document.errors, ...document.warnings]).map((error) => map.explain(error));
    const converter = new Converter(document, map, { isAlias, isMap, isScalar, isSeq });
    const data = converter.convert();
    diagnostics.push(...problems, ...converter.diagnostics);
    if (problems.length + converter.diagnostics.length === 0) documents.push(map.document(data, converter.spots));
  }
  return { documents, diagnostics };
}

/** After one slip of syntax the parser stumbles over what follows: only the first is told. */
function withoutEchoes(errors: readonly YAMLError[]): YAMLError[] {
  const isTold = ({ code }: YAMLError) => code === 'TAG_RESOLVE_FAILED';
  const first = errors.find((error) => !isTold(error));
  return errors.filter((error) => isTold(error) || error === first);
}

/** Where brackets or list marks pile up so that a recursive parser would exhaust its stack; quotes are not looked at. */
function findDeepNesting(source: string): number | undefined {
  const marks = new RegExp(`(?:[-?:][ \\t]+){${mostOpenBrackets}}`).exec(source);
  if (marks !== null) return marks.index;
  let open = 0;
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at];
    if (char === '[' || char === '{') open += 1;
    else if ((char === ']' || char === '}') && open > 0) open -= 1;
    if (open > mostOpenBrackets) return at;
  }
  return undefined;
}

/** Turns offsets into places. */
class SourceMap {
  readonly #source: string;
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #isSecret: boolean;
  readonly #sourceLines: readonly string[];

  constructor(source: string, file: string, lines: LineCounter, isSecret: boolean) {
    this.#source = source;
    this.#file = file;
    this.#lines = lines;
    this.#isSecret = isSecret;
    this.#sourceLines = source.split(/\r\n|\n|\r/);
  }

  span([start, end]: Range): Span {
    const { line, col } = this.#lines.linePos(Math.min(start, this.#source.length));
    const sourceLine = this.#sourceLines[Math.max(line, 1) - 1] ?? '';
    const column = Math.max(col, 1);
    const length = Math.max(1, Math.min(end - start, sourceLine.length - column + 1));
    return { line: Math.max(line, 1), column, length, sourceLine };
  }

  diagnostic(range: Range, message: string): Diagnostic {
    const diagnostic = diagnosticAt(this.#file, this.span(range), message);
    return this.#isSecret ? { place: diagnostic.place, message } : diagnostic;
  }

  duplicateKey(range: Range, key: string): Diagnostic {
    return this.diagnostic(range, this.#isSecret ? 'this key stands twice' : `key "${key}" stands twice`);
  }

  /** The parser's own words are kept where they help, and replaced where the reader needs the remedy. */
  explain(error: YAMLError): Diagnostic {
    const [start, end] = error.pos;
    const range: Range = [start, Math.max(end, start + 1)];
    const { sourceLine } = this.span(range);
    switch (error.code) {
      case 'TAG_RESOLVE_FAILED':
        return this.diagnostic(range, 'found a tag ("!…"); tags are not allowed, quote the value if it begins with "!"');
      case 'TAB_AS_INDENT':
        return this.diagnostic([start, start + 1], 'found a tab in the indentation; indent with spaces');
      case 'BLOCK_AS_IMPLICIT_KEY':
        return this.diagnostic(range, 'not valid YAML: a value holds ": ", which begins a mapping; quote the value');
      case 'NON_STRING_KEY':
        return this.diagnostic(range, 'a key must be plain text');
      default: {
        const hint = /[{[,:]\s*\$\{/.test(sourceLine) ? '; inside { } and [ ] a value with ${…} must be quoted' : '';
        return this.diagnostic(range, `not valid YAML: ${lowerFirst(error.message.replace(/\.$/, ''))}${hint}`);
      }
    }
  }

  document(data: unknown, spots: ReadonlyMap<string, Spot>): YamlDocument {
    const nearestSpot = (pointer: string): { spot: Spot | undefined; exact: boolean } => {
      for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
        const spot = spots.get(at);
        if (spot !== undefined || at === '') return { spot, exact: at === pointer };
      }
    };
    const locate = (pointer: string, part: 'key' | 'value' = 'value'): Span => {
      const { spot, exact } = nearestSpot(pointer);
      if (spot === undefined) return this.span([0, 0]);
      const [start, end] = spot.value;
      const isBlock = /[\r\n]/.test(this.#source.slice(start, end));
      const wantsKey = part === 'key' || !exact || isBlock || start === end;
      return this.span(wantsKey && spot.key !== undefined ? spot.key : spot.value);
    };
    const sourceOf = (pointer: string): string | undefined => {
      const spot = spots.get(pointer);
      return spot === undefined ? undefined : this.#source.slice(...spot.value);
    };
    const locateWithin = (pointer: string, piece: string): Span => {
      const spot = spots.get(pointer);
      const offset = sourceOf(pointer)?.indexOf(piece) ?? -1;
      if (spot === undefined || offset < 0) return locate(pointer);
      const start = spot.value[0] + offset;
      return this.span([start, start + piece.length]);
    };
    const spansOf = (pointer: string): Span[] => {
      let [offset] = spots.get(pointer)?.value ?? [0];
      return (sourceOf(pointer) ?? '').split('\n').map((line) => {
        const span = this.span([offset, offset + line.length]);
        offset += line.length + 1;
        return span;
      });
    };
    return { file: this.#file, data, locate, sourceOf, locateWithin, spansOf };
  }
}

interface NodeTests {
  readonly isAlias: typeof import('yaml').isAlias;
  readonly isMap: typeof import('yaml').isMap;
  readonly isScalar: typeof import('yaml').isScalar;
  readonly isSeq: typeof import('yaml').isSeq;
}

/** Walks the nodes of one document: plain data, and the place of each value by its pointer. */
class Converter {
  readonly spots = new Map<string, Spot>();
  readonly diagnostics: Diagnostic[] = [];
  readonly #document: Document.Parsed;
  readonly #map: SourceMap;
  readonly #is: NodeTests;
  readonly #open = new Set<Node>();
  #aliases = 0;
  #values = 0;

  constructor(document: Document.Parsed, map: SourceMap, is: NodeTests) {
    this.#document = document;
    this.#map = map;
    this.#is = is;
  }

  convert(): unknown {
    return this.#convert(this.#document.contents, '', undefined, 0);
  }

  #convert(node: Node | null, pointer: string, key: Range | undefined, depth: number): unknown {
    const value = rangeOf(node) ?? key ?? ([0, 0] as const);
    this.spots.set(pointer, key === undefined ? { value } : { key, value });
    this.#values += 1;
    if (this.#values > mostValues) return this.#stop(value, `more than ${mostValues} values, aliases expanded`);
    if (depth > deepestNesting) return this.#stop(value, `nested more than ${deepestNesting} levels deep`);
    if (this.#is.isAlias(node)) return this.#follow(node, pointer, key, depth);
    if (this.#is.isMap(node)) return this.#inside(node, () => this.#mapping(node.items as Pair<Node, Node | null>[], pointer, depth));
    if (this.#is.isSeq(node)) {
      return this.#inside(node, () =>
        (node.items as Node[]).map((item, index) => this.#convert(item, `${pointer}/${index}`, undefined, depth + 1)),
      );
    }
    return this.#is.isScalar(node) ? (node.value ?? null) : null;
  }

  #mapping(pairs: readonly Pair<Node, Node | null>[], pointer: string, depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const { key, value } of pairs) {
      const keyRange = rangeOf(key) ?? ([0, 0] as const);
      const name = this.#is.isScalar(key) ? String(key.value ?? '') : '';
      if (name === '<<') this.#report(keyRange, 'found a merge key ("<<"); it is not supported, write the fields out or use extends');
      else if (Object.hasOwn(result, name)) this.diagnostics.push(this.#map.duplicateKey(keyRange, name));
      else if (name === '__proto__') this.#report(keyRange, 'the key "__proto__" is not allowed');
      else result[name] = this.#convert(value, `${pointer}/${escapeToken(name)}`, keyRange, depth + 1);
    }
    return result;
  }

  #follow(alias: Alias, pointer: string, key: Range | undefined, depth: number): unknown {
    const range = rangeOf(alias) ?? ([0, 0] as const);
    this.#aliases += 1;
    if (this.#aliases > mostAliases) return this.#stop(range, `more than ${mostAliases} aliases`);
    const anchored = alias.resolve(this.#document);
    if (anchored === undefined) {
      this.#report(range, 'found "*" with no anchor of that name before it; quote the value if it begins with "*"');
      return null;
    }
    if (this.#open.has(anchored)) return this.#stop(range, 'an alias inside the value that it stands for');
    const value = this.#convert(anchored, pointer, key, depth + 1);
    this.spots.set(pointer, key === undefined ? { value: range } : { key, value: range });
    return value;
  }

  #inside<T>(node: Node, convert: () => T): T {
    this.#open.add(node);
    const value = convert();
    this.#open.delete(node);
    return value;
  }

  #stop(range: Range, found: string): null {
    if (this.diagnostics.length === 0) this.#report(range, `found ${found}`);
    return null;
  }

  #report(range: Range, message: string): void {
    this.diagnostics.push(this.#map.diagnostic(range, message));
  }
}

function rangeOf(node: Node | null | undefined): Range | undefined {
  const range = node?.range;
  return range === undefined || range === null ? undefined : [range[0], range[1]];
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
