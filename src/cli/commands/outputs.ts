/**
 * Where reporters write: standard output, files named with `--reporter NAME=FILE`, or the folder of `--out`.
 *
 * @module
 */
import { accessSync, constants, createWriteStream, existsSync, realpathSync, statSync, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { dirname, join, relative, resolve } from 'node:path';
import { scanFile } from '../../redact/scan.ts';
import { Vault } from '../../redact/vault.ts';
import { multiplex, type Multiplexer } from '../../report/multiplex.ts';
import { createReporter, describeReporter, type Reporter } from '../../report/reporter.ts';
import { UsageError } from '../../support/error.ts';
import { print, tellLostOutput } from '../console.ts';
import { makeFolder } from '../folder.ts';

export interface Outputs {
  readonly reporters: Multiplexer;
  /** Files written, as a person would type them. */
  readonly files: readonly string[];
  /** Those of them that stood there before. */
  readonly replaced: readonly string[];
  readonly onStatus: (line: string | undefined) => void;
  close(): Promise<void>;
  /** Looks through every written byte for secrets; a hit is masked and named. */
  scan(): Promise<readonly { readonly file: string; readonly labels: readonly string[] }[]>;
}

interface Wanted {
  readonly name: string;
  /** Undefined: standard output. */
  readonly file: string | undefined;
}

/** Opens every output before the first request is sent, so that a folder that cannot be written costs nothing. */
export async function openOutputs(
  names: readonly string[],
  folder: string,
  { vault = new Vault(), keep = [] }: { readonly vault?: Vault; readonly keep?: readonly string[] } = {},
): Promise<Outputs> {
  const wanted = planOutputs(names, folder);
  refuseToReplace(
    keep,
    wanted.flatMap(({ file }) => file ?? []),
  );
  const sinks = new Map<string, Opened>();
  const replaced = wanted.flatMap(({ file }) => (file !== undefined && existsSync(file) ? [shortName(file)] : []));
  const reporters: { name: string; reporter: Reporter }[] = [];
  const leaks = new Map<string, Set<string>>();
  /** What cannot be called back once it is written is looked through before. */
  const guarded = (place: string, text: string): string => {
    const found = vault.find(text);
    if (found.length > 0) leaks.set(place, new Set([...(leaks.get(place) ?? []), ...found.map(({ label }) => label)]));
    return found.length === 0 ? text : vault.mask(text);
  };
  for (const { name, file } of wanted) {
    const opened = file === undefined ? undefined : await openFile(file);
    const sink = opened?.sink;
    const place = file === undefined ? 'standard output' : shortName(file);
    if (file !== undefined && opened !== undefined) {
      sinks.set(file, opened);
      opened.sink.on('error', (error) => tellLostOutput(place, error));
    }
    const summary = process.env['GITHUB_STEP_SUMMARY'];
    reporters.push({
      name,
      reporter: await createReporter(name, process.cwd(), {
        write: (text) =>
          sink === undefined ? print(guarded(place, text)) : writeTo(sink, opened?.canBeReadAgain === true ? text : guarded(place, text)),
        ...(summary === undefined
          ? {}
          : { writeSummary: (markdown: string) => appendSummary(summary, guarded('the job summary', markdown)) }),
        isTTY: file === undefined && process.stdout.isTTY === true,
        columns: file === undefined ? (process.stdout.columns ?? 80) : 80,
        color: file === undefined && wantsColor(),
        unicode: file !== undefined || wantsUnicode(),
        now: () => new Date(),
      }),
    });
  }
  const all = multiplex(reporters);
  const files = [...sinks.keys()].map(shortName);
  return {
    reporters: all,
    files,
    replaced,
    onStatus: (line) => all.onStatus(line),
    async close() {
      await all.close();
      for (const { sink } of sinks.values()) {
        sink.end();
        // Without `once`, which would reject where the disk is full.
        if (!sink.closed) await new Promise<void>((resolve) => sink.once('close', () => resolve()));
      }
    },
    async scan() {
      const hits = [...leaks].map(([file, labels]) => ({ file, labels: [...labels] }));
      for (const [file, { canBeReadAgain }] of sinks) {
        if (!canBeReadAgain) continue;
        const found = await scanFile(file, vault);
        if (found.length > 0) hits.push({ file: relative(process.cwd(), file), labels: [...new Set(found.map(({ label }) => label))] });
      }
      return hits;
    },
  };
}

/** The stream is always kept; a run that would print nothing gets the terminal reporter, one that asks for nothing a page as well. */
function planOutputs(names: readonly string[], folder: string): Wanted[] {
  const wanted = names.map((text): Wanted => {
    const [name = '', file] = splitOnce(text, '=');
    if (name === '') throw new UsageError(`--reporter "${text}" names no reporter`, { remedy: '--reporter junit=report.xml' });
    if (file !== undefined) return { name, file: resolve(file) };
    const known = describeReporter(name);
    return { name, file: known === undefined || known.stdout ? undefined : join(folder, known.file) };
  });
  if (names.length === 0) wanted.push({ name: 'html', file: join(folder, 'report.html') });
  if (wanted.every(({ file }) => file !== undefined)) wanted.unshift({ name: 'terminal', file: undefined });
  if (!wanted.some(({ name }) => name === 'ndjson')) wanted.push({ name: 'ndjson', file: join(folder, 'report.ndjson') });
  const doubled = wanted.find(({ file }, index) => file !== undefined && wanted.findIndex((other) => other.file === file) !== index);
  if (doubled !== undefined)
    throw new UsageError(`two reporters would write to ${doubled.file}`, { remedy: 'another file for one of them.' });
  return wanted;
}

/** What is read must not be written over: it would be gone, and read while it goes. */
export function refuseToReplace(read: readonly string[], written: readonly string[]): void {
  const real = (path: string) => (existsSync(path) ? realpathSync(path) : resolve(path));
  const lost = read.find((path) => written.some((file) => real(file) === real(path)));
  if (lost === undefined) return;
  throw new UsageError(`${lost} is read by this command, which would also write it`, { remedy: 'another folder or file with --out.' });
}

/** As a person in this folder would type it. */
function shortName(file: string): string {
  return relative(process.cwd(), file) || file;
}

/** The line that says where the report is, and what had to give way to it. */
export function reportLine({ files, replaced }: Outputs): string {
  if (replaced.length === 0) return `Report: ${files.join(', ')}\n`;
  return `Report: ${files.join(', ')} (${replaced.length === files.length ? 'replacing the earlier one' : `replacing ${replaced.join(', ')}`})\n`;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

interface Opened {
  readonly sink: WriteStream;
  /** A file, and no device or pipe: it can be looked through once it is written. */
  readonly canBeReadAgain: boolean;
}

async function openFile(file: string): Promise<Opened> {
  try {
    makeFolder(dirname(file));
    accessSync(dirname(file), constants.W_OK);
    const sink = createWriteStream(file);
    await once(sink, 'open');
    return { sink, canBeReadAgain: statSync(file).isFile() };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${file} cannot be written (${code ?? String(error)})`, {
      cause: error,
      remedy: 'another folder with --out, or --reporter NAME=FILE.',
    });
  }
}

/** How long a written text may stay in memory, so that many short ones go to the disk at once (a tenth of the time of a long run). */
const flushAfterMs = 50;

/** A promise when there is no room for more: it resolves when there is. */
function writeTo(sink: WriteStream, text: string): void | Promise<void> {
  if (sink.writableCorked === 0) {
    sink.cork();
    // The end of the stream writes what is left; a run need not wait for that moment.
    setTimeout(() => sink.uncork(), flushAfterMs).unref();
  }
  if (sink.destroyed || sink.write(text)) return;
  sink.uncork();
  // Where the disk is full there will be no room, and the end is all that comes.
  return new Promise((resolve) => {
    const done = () => {
      sink.off('drain', done).off('close', done);
      resolve();
    };
    sink.on('drain', done).on('close', done);
  });
}

async function appendSummary(file: string, markdown: string): Promise<void> {
  const { appendFile } = await import('node:fs/promises');
  await appendFile(file, markdown);
}

function wantsColor(): boolean {
  if (process.env['NO_COLOR'] !== undefined && process.env['NO_COLOR'] !== '') return false;
  if (process.env['FORCE_COLOR'] !== undefined && process.env['FORCE_COLOR'] !== '0') return true;
  return process.stdout.isTTY === true && process.env['TERM'] !== 'dumb';
}

function wantsUnicode(): boolean {
  if (process.platform === 'win32') return true;
  const locale = process.env['LC_ALL'] || process.env['LC_CTYPE'] || process.env['LANG'] || '';
  return locale === '' || /utf-?8/i.test(locale);
}
