/**
 * The report stream on disk: one JSON record a line. Writing is one function; reading trusts nothing, and says where a stream is cut, edited,
 * foreign, doubled or from a newer version.
 *
 * @module
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { CaseRecord, FooterRecord, HeaderRecord, ReportRecord, Totals } from '../model/record.ts';
import { streamFormat } from '../model/record.ts';
import { verdicts } from '../model/verdict.ts';
import { ReportError } from '../support/error.ts';
import { jsonText } from '../support/json-text.ts';
import { checkRecord } from './guard.ts';

/** One record as its line. */
export function recordLine(record: ReportRecord): string {
  return `${jsonText(record)}\n`;
}

export interface ReadOptions {
  /** Name of the stream in messages: usually the path as the user typed it. */
  readonly name: string;
  /** Called instead of throwing when the stream ends without its footer; the cases read so far stand. */
  readonly onCut?: (message: string) => void;
}

/** Records of a report file, checked one by one. Opens the file when the first record is asked for. */
export async function* readReportFile(path: string, options: Partial<ReadOptions> = {}): AsyncGenerator<ReportRecord, void, undefined> {
  for await (const { record } of readPlacedFile(path, options)) yield record;
}

/** A record, and where its line stands in the file, in bytes. */
export interface PlacedRecord {
  readonly record: ReportRecord;
  readonly offset: number;
  readonly bytes: number;
}

/** The same with the place of each record, so that `openReport` can find it again. */
export async function* readPlacedFile(path: string, options: Partial<ReadOptions> = {}): AsyncGenerator<PlacedRecord, void, undefined> {
  const name = options.name ?? path;
  const source = createReadStream(path);
  try {
    yield* readPlaced(source, { ...options, name });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT')
      throw new ReportError(`${name}: no such file`, { cause: error, remedy: 'the path of a report.ndjson that a run wrote.' });
    if (code === 'EISDIR')
      throw new ReportError(`${name}: is a folder, expected a report file`, {
        cause: error,
        remedy: `${name.replace(/\/+$/, '')}/report.ndjson`,
      });
    if (code === 'EACCES' || code === 'EPERM')
      throw new ReportError(`${name}: may not be read (${code})`, { cause: error, remedy: 'changing its permissions.' });
    throw error;
  } finally {
    source.destroy();
  }
}

/** A report whose cases are read again one by one, by their places: nothing but the places need be kept. */
export interface OpenReport {
  readCase(place: Omit<PlacedRecord, 'record'>): Promise<CaseRecord>;
  close(): Promise<void>;
}

/** Opens a report that was read to its end before. */
export async function openReport(path: string): Promise<OpenReport> {
  const file = await open(path);
  return {
    async readCase({ offset, bytes }) {
      const buffer = Buffer.allocUnsafe(bytes);
      const { bytesRead } = await file.read(buffer, 0, bytes, offset);
      try {
        return JSON.parse(buffer.toString('utf8', 0, bytesRead)) as CaseRecord;
      } catch (error) {
        throw new ReportError(`${path}: changed while it was read, expected it to stay as it is`, {
          cause: error,
          remedy: 'the same command again.',
        });
      }
    },
    close: () => file.close(),
  };
}

/**
 * Records of a stream, each checked before it is handed on. Holds one line and the addresses seen, never the bodies.
 *
 * @throws {ReportError} with `name:line`, what was found, what was expected, and a remedy.
 */
export async function* readReport(
  source: AsyncIterable<Uint8Array | string>,
  options: ReadOptions,
): AsyncGenerator<ReportRecord, void, undefined> {
  for await (const { record } of readPlaced(source, options)) yield record;
}

async function* readPlaced(
  source: AsyncIterable<Uint8Array | string>,
  options: ReadOptions,
): AsyncGenerator<PlacedRecord, void, undefined> {
  const { name } = options;
  const seen = new Map<string, number>();
  const count = Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Record<(typeof verdicts)[number], number>;
  let header: HeaderRecord | undefined;
  let footer: FooterRecord | undefined;
  let cut: string | undefined;
  let line = 0;

  for await (const { text, ended, offset, bytes } of splitLines(source)) {
    line += 1;
    const place = `${name}:${line}`;
    if (text.trim() === '') continue;
    if (cut !== undefined) break;
    if (footer !== undefined)
      throw edited(
        `${place}: found more after the footer, expected the end of the report`,
        'the file as the run wrote it; join reports with dac merge, not by appending.',
      );

    let value: unknown;
    try {
      value = JSON.parse(line === 1 ? text.replace(/^\uFEFF/, '') : text);
    } catch (error) {
      if (header === undefined) throw foreign(place, 'text that is not JSON', error);
      if (!ended) {
        cut = `${place}: the last line breaks off in the middle of a record`;
        break;
      }
      throw edited(
        `${place}: is not JSON (${(error as Error).message}), expected one record a line`,
        'the file as the run wrote it: this one was changed or damaged.',
      );
    }

    if (header === undefined) {
      header = readHeader(value, place);
      yield { record: header, offset, bytes };
      continue;
    }
    const record = value as ReportRecord;
    const problem = checkRecord(value);
    if (problem !== undefined) {
      throw edited(
        `${place}: ${problem.at} is ${problem.found}, expected ${problem.expected}`,
        'the file as the run wrote it: this one was changed by hand or by another program.',
      );
    }
    if (record.type === 'header')
      throw edited(
        `${place}: found a second header, the first is in line 1`,
        'dac merge to join reports; they cannot be appended to each other.',
      );
    if (record.type === 'case') {
      const key = caseKey(record);
      const before = seen.get(key);
      if (before !== undefined)
        throw edited(
          `${place}: case ${record.address} of target "${record.target}" was recorded before, in line ${before}`,
          'dac merge to join a run with its rerun.',
        );
      seen.set(key, line);
      count[record.verdict] += 1;
    } else {
      footer = record;
      compareTotals(record.cases, count, place);
    }
    yield { record, offset, bytes };
  }

  if (header === undefined) {
    throw new ReportError(`${name}: is empty, expected a report`, { remedy: 'the run again: it ended before it wrote anything.' });
  }
  if (footer === undefined) {
    const message = `${cut ?? `${name}:${line}: the report has no footer`}: it is cut after ${seen.size} ${seen.size === 1 ? 'case' : 'cases'}`;
    if (options.onCut === undefined) {
      throw new ReportError(message, {
        remedy: 'the run again, or dac run --failed with it to do the rest: a cut report proves nothing about the cases that it lacks.',
      });
    }
    options.onCut(message);
  }
}

/** What makes a case record unique in a report. */
export function caseKey(record: Pick<CaseRecord, 'target' | 'address'>): string {
  return `${record.target}\n${record.address}`;
}

function readHeader(value: unknown, place: string): HeaderRecord {
  const format = typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { format?: unknown }).format : undefined;
  const [product = '', major = ''] = streamFormat.split('/');
  const match = typeof format === 'string' ? /^([a-z-]+)\/(\d+)(?:\.\d+)*$/.exec(format) : null;
  if (match === null || match[1] !== product) {
    throw foreign(place, typeof format === 'string' ? `format "${format.slice(0, 60)}"` : 'no header with a format');
  }
  if (Number(match[2]) > Number(major)) {
    throw new ReportError(`${place}: is format ${match[1]}/${match[2]}, this version reads up to ${streamFormat}`, {
      remedy: `a newer drupal-auth-conformance, such as the one that wrote it${suiteOf(value)}.`,
    });
  }
  const problem = checkRecord(value);
  if (problem !== undefined) {
    throw edited(
      `${place}: ${problem.at} is ${problem.found}, expected ${problem.expected}`,
      'the file as the run wrote it: this header was changed.',
    );
  }
  const record = value as ReportRecord;
  if (record.type !== 'header')
    throw edited(
      `${place}: found a ${record.type} record, expected the header`,
      'the file as the run wrote it: its first line is missing.',
    );
  return record;
}

function suiteOf(value: unknown): string {
  const version = (value as { suite?: { version?: unknown } }).suite?.version;
  return typeof version === 'string' && /^[\w.+-]{1,30}$/.test(version) ? ` (${version})` : '';
}

/** A waived failure may be counted under `fail` or only under `waived`; everything else must agree to the last case. */
function compareTotals(totals: Totals, count: Readonly<Record<string, number>>, place: string): void {
  for (const verdict of verdicts) {
    if (totals[verdict] === count[verdict]) continue;
    if (verdict === 'fail' && totals.fail + totals.waived === count[verdict]) continue;
    throw edited(
      `${place}: the footer counts ${totals[verdict]} cases with the verdict ${verdict}, the report holds ${count[verdict]}`,
      'the file as the run wrote it: cases were taken out, added or changed.',
    );
  }
}

function edited(message: string, remedy: string): ReportError {
  return new ReportError(message, { remedy });
}

function foreign(place: string, found: string, cause?: unknown): ReportError {
  return new ReportError(`${place}: found ${found}, expected the header of a report ("format": "${streamFormat}")`, {
    cause,
    remedy: 'a report.ndjson; other formats such as JUnit or JSON cannot be read back.',
  });
}

interface Line {
  readonly text: string;
  /** False for a last line without its line feed. */
  readonly ended: boolean;
  readonly offset: number;
  readonly bytes: number;
}

/** Lines at U+000A only: JSON may hold U+2028. */
async function* splitLines(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<Line, void, undefined> {
  let parts: Buffer[] = [];
  let offset = 0;
  const line = (ended: boolean): Line => {
    const whole = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    const made = { text: whole.toString('utf8'), ended, offset, bytes: whole.length };
    offset += whole.length + 1;
    parts = [];
    return made;
  };
  for await (const piece of source) {
    const chunk = typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    let from = 0;
    for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, from)) {
      parts.push(chunk.subarray(from, at));
      yield line(true);
      from = at + 1;
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
  }
  if (parts.length > 0) yield line(false);
}
