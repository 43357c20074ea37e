/**
 * What a reporter is, and the register of names. A reporter reads verdicts and never computes one; it writes only through its context.
 *
 * @module
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CaseRecord, FooterRecord, HeaderRecord } from '../model/record.ts';
import { DacError, UsageError } from '../support/error.ts';
import { checkArgument, filledText } from '../support/options.ts';

export type { CaseRecord, FooterRecord, HeaderRecord };

type Done = void | Promise<void>;

/**
 * Renders the stream of a run. Every hook is optional; they are called in the order header, cases, footer, close, never two at a
 * time. `onStatus` may come at any moment: a line that says what is being waited for, `undefined` to clear it. After a run that was cut
 * there is no footer, but always a `close`.
 */
export interface Reporter {
  onHeader?(header: HeaderRecord): Done;
  onCase?(record: CaseRecord): Done;
  onFooter?(footer: FooterRecord): Done;
  onStatus?(line: string | undefined): void;
  close?(): Done;
}

/** What a reporter is given. The only way out is `write`: a reporter opens no file and touches no process stream. */
export interface ReporterContext {
  /** Appends text to the reporter's own output. A returned promise resolves when there is room for more. */
  readonly write: (text: string) => Done;
  /** Appends Markdown to the summary page of the CI job, where there is one (GitHub Actions). */
  readonly writeSummary?: (markdown: string) => Done;
  readonly isTTY: boolean;
  /** Width to wrap at, in columns. */
  readonly columns: number;
  readonly color: boolean;
  /** False where the output cannot show more than ASCII. Default true. */
  readonly unicode?: boolean;
  readonly now: () => Date;
}

/** The default export of a reporter's module. */
export type ReporterFactory = (context: ReporterContext) => Reporter | Promise<Reporter>;

interface Entry {
  /** Name of its file under `--out`. */
  readonly file: string;
  /** True when it is meant for standard output unless a file is named. */
  readonly stdout: boolean;
  readonly says: string;
  readonly load: () => Promise<ReporterFactory>;
}

const register = {
  terminal: {
    file: 'report.txt',
    stdout: true,
    says: 'for a person: a line per file, failures in full, one summary',
    load: async () => (await import('./reporters/terminal.ts')).terminalReporter,
  },
  ndjson: {
    file: 'report.ndjson',
    stdout: false,
    says: 'the stream itself; every other format is made from it',
    load: async () => (await import('./reporters/ndjson.ts')).ndjsonReporter,
  },
  json: {
    file: 'report.json',
    stdout: false,
    says: 'the whole run as one JSON document',
    load: async () => (await import('./reporters/json.ts')).jsonReporter,
  },
  junit: {
    file: 'junit.xml',
    stdout: false,
    says: 'JUnit XML, as Jenkins and GitLab read it',
    load: async () => (await import('./reporters/junit.ts')).junitReporter,
  },
  html: {
    file: 'report.html',
    stdout: false,
    says: 'one page for a browser, with every case, its exchanges and clauses',
    load: async () => (await import('./reporters/html.ts')).htmlReporter,
  },
  markdown: {
    file: 'report.md',
    stdout: false,
    says: 'Markdown, for a pull request',
    load: async () => (await import('./reporters/markdown.ts')).markdownReporter,
  },
  github: {
    file: 'github.txt',
    stdout: true,
    says: 'GitHub Actions: annotations, and a page of the job summary',
    load: async () => (await import('./reporters/github.ts')).githubReporter,
  },
  sarif: {
    file: 'report.sarif',
    stdout: false,
    says: 'SARIF 2.1.0, for code scanning',
    load: async () => (await import('./reporters/sarif.ts')).sarifReporter,
  },
  ctrf: {
    file: 'ctrf.json',
    stdout: false,
    says: 'CTRF, for dashboards',
    load: async () => (await import('./reporters/ctrf.ts')).ctrfReporter,
  },
  har: {
    file: 'report.har',
    stdout: false,
    says: 'HAR 1.2: every exchange, for the network panel of a browser',
    load: async () => (await import('./reporters/har.ts')).harReporter,
  },
} as const satisfies Record<string, Entry>;

export type ReporterName = keyof typeof register;
export const reporterNames = Object.keys(register) as readonly ReporterName[];

/** What is known about a reporter of ours; undefined for one that the user brings. */
export function describeReporter(name: string): Omit<Entry, 'load'> | undefined {
  checkArgument('describeReporter', 'name', name, filledText);
  return Object.hasOwn(register, name) ? (register[name as ReporterName] satisfies Entry) : undefined;
}

/**
 * Makes a reporter: one of ours by name, else a module of the user by path (`./mine.js`) or package name, looked up from `folder`.
 *
 * @throws {UsageError} when there is no such module, or its default export is not a function.
 */
export async function createReporter(name: string, folder: string, context: ReporterContext): Promise<Reporter> {
  checkArgument('createReporter', 'name of the reporter', name, filledText);
  const factory = Object.hasOwn(register, name) ? await register[name as ReporterName].load() : await loadForeign(name, folder);
  let reporter: unknown;
  try {
    reporter = await factory(context);
  } catch (error) {
    if (error instanceof DacError) throw error;
    throw new UsageError(`reporter ${name}: its factory failed with "${messageOf(error)}", expected it to return a reporter`, {
      cause: error,
      remedy: 'repairing the reporter, or leave it out of --reporter.',
    });
  }
  if (typeof reporter !== 'object' || reporter === null) {
    throw new UsageError(
      `reporter ${name}: its factory returned ${kindOf(reporter)}, expected an object with onHeader, onCase, onFooter or close`,
    );
  }
  return reporter as Reporter;
}

async function loadForeign(name: string, folder: string): Promise<ReporterFactory> {
  const looksLikePath = isAbsolute(name) || /^\.{1,2}[\\/]/.test(name) || /\.[cm]?[jt]s$/.test(name);
  const file = looksLikePath ? findFile(resolve(folder, name)) : findPackage(name, folder);
  if (file === undefined) {
    throw new UsageError(
      looksLikePath
        ? `reporter "${name}": no such file below ${folder}`
        : `reporter "${name}" is not one of ours (${reporterNames.join(', ')}) and no package of that name is installed in ${folder}`,
      {
        remedy: looksLikePath
          ? 'a path relative to the folder you are in.'
          : `${closest(name)}a path such as ./my-reporter.js, or npm install ${name}.`,
      },
    );
  }
  let module: { default?: unknown };
  try {
    module = (await import(pathToFileURL(file).href)) as { default?: unknown };
  } catch (error) {
    throw new UsageError(`reporter "${name}": ${file} cannot be loaded: ${messageOf(error)}`, {
      cause: error,
      remedy: 'node with that file alone, to see where it fails.',
    });
  }
  const factory = module.default;
  if (typeof factory !== 'function') {
    throw new UsageError(
      `reporter "${name}": ${file} has ${factory === undefined ? 'no default export' : `${kindOf(factory)} as default export`}, expected a function that takes a context and returns a reporter`,
      { remedy: 'export default (context) => ({ onCase(record) { context.write(record.address + "\\n") } })' },
    );
  }
  return factory as ReporterFactory;
}

function findFile(path: string): string | undefined {
  return existsSync(path) && statSync(path).isFile() ? path : undefined;
}

/** Entry module of an installed package, by the `import` condition, from `folder` upwards. */
function findPackage(name: string, folder: string): string | undefined {
  const match = /^(@[\w.-]+\/[\w.-]+|[\w][\w.-]*)(\/.+)?$/.exec(name);
  if (match === null) return undefined;
  const [, id = '', rest = ''] = match;
  for (let at = resolve(folder); ; at = dirname(at)) {
    const root = join(at, 'node_modules', id);
    if (existsSync(join(root, 'package.json'))) {
      const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
        exports?: unknown;
        module?: string;
        main?: string;
      };
      const target = manifest.exports === undefined ? undefined : exported(manifest.exports, `.${rest}`);
      const plain = rest === '' ? (manifest.main ?? 'index.js') : rest;
      return findFile(join(root, target ?? (extname(plain) === '' ? `${plain}.js` : plain)));
    }
    if (dirname(at) === at) return undefined;
  }
}

function exported(exports: unknown, subpath: string): string | undefined {
  if (typeof exports === 'string') return subpath === '.' ? exports : undefined;
  if (typeof exports !== 'object' || exports === null) return undefined;
  const map = exports as Record<string, unknown>;
  if (Object.keys(map).some((key) => key.startsWith('.'))) return map[subpath] === undefined ? undefined : exported(map[subpath], '.');
  for (const condition of Object.keys(map)) {
    if (!['node', 'import', 'module-sync', 'default'].includes(condition)) continue;
    const found = exported(map[condition], subpath);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `"json"? Or ` when one of our names is one slip away. */
function closest(name: string): string {
  const near = reporterNames.find((known) => slips(known, name.toLowerCase()) <= 2 && known.length > 3);
  return near === undefined ? '' : `"${near}", if that was meant, or `;
}

function slips(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' || typeof value === 'undefined'
    ? `${typeof value === 'object' ? 'an object' : 'nothing'}`
    : `a ${typeof value}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
