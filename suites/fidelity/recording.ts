/**
 * Reads the recordings: exchanges of real sites, one a line, and lays those that hold only differences over their reference.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HeaderLine } from '../../src/model/exchange.ts';

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly HeaderLine[];
  /** Text; bytes beyond ASCII are UTF-8. A body ending in "…" was abbreviated; `bodyLength` says how long it was. */
  readonly body?: string;
  readonly bodyLength?: number;
  /** Sent as these bytes; then the other fields only describe it. */
  readonly raw?: string;
}

export interface RecordedResponse {
  /** Null: the connection was dropped without an answer. */
  readonly status: number | null;
  readonly headers: readonly HeaderLine[];
  readonly body: string;
  /** Only the beginning of the body was kept. */
  readonly cut?: true;
}

export interface RecordedExchange {
  /** Without the name of the site, e.g. `token/ok-body`. */
  readonly id: string;
  readonly request: RecordedRequest;
  readonly response: RecordedResponse;
  /** The token of the answer, decoded; random values are as recorded. */
  readonly jwt?: { readonly header: Readonly<Record<string, unknown>>; readonly claims: Readonly<Record<string, unknown>> };
  /** When the answer came, in seconds relative to the `exp` of the token that was sent, and that `exp`. */
  readonly timing?: { readonly answered: number; readonly exp: number };
  /** Not recorded on this site: taken from the reference because the difference file does not mention it. */
  readonly assumed?: true;
}

export interface Recording {
  /** File name without extensions, e.g. `simple_oauth-6.0.9_drupal-10.5.5_php-S`. */
  readonly name: string;
  /** Short name of the site, e.g. `so609-phps`. */
  readonly key: string;
  /** `http://127.0.0.1:8801` */
  readonly base: string;
  readonly exchanges: readonly RecordedExchange[];
}

interface RecordingFile {
  readonly key: string;
  readonly base: string;
  readonly reference?: string;
  readonly exchanges: readonly RecordedExchange[];
}

export const recordingsFolder = join(dirname(fileURLToPath(import.meta.url)), 'recordings');

/** Every recording of a folder, by name. */
export function readRecordings(folder = recordingsFolder): Recording[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.jsonl'))
    .map((file) => file.replace(/(\.diff)?\.jsonl$/, ''))
    .sort()
    .map((name) => readRecording(name, folder));
}

/** One recording; one that holds only differences is completed from its reference. */
export function readRecording(name: string, folder = recordingsFolder): Recording {
  const file = readFile(name, folder);
  if (file.reference === undefined) return { name, key: file.key, base: file.base, exchanges: file.exchanges };
  const reference = readRecording(file.reference, folder);
  const exchanges = layOver(file.exchanges, reference.exchanges, (exchange) => moveTo(file.base, reference.base, exchange));
  return { name, key: file.key, base: file.base, exchanges };
}

function readFile(name: string, folder: string): RecordingFile {
  const path = [join(folder, `${name}.jsonl`), join(folder, `${name}.diff.jsonl`)].find((file) => existsSync(file));
  if (path === undefined) throw new Error(`${folder} has no recording "${name}"`);
  const [head = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  return {
    ...(JSON.parse(head) as Omit<RecordingFile, 'exchanges'>),
    exchanges: lines.map((line) => JSON.parse(line) as RecordedExchange),
  };
}

/**
 * The reference in its order, with each exchange that differed in its place. One that the reference lacks follows its predecessor in
 * the difference file if that is of its group, and the rest of its group otherwise.
 */
function layOver(
  differing: readonly RecordedExchange[],
  reference: readonly RecordedExchange[],
  move: (exchange: RecordedExchange) => RecordedExchange,
): RecordedExchange[] {
  const lastOfGroup = new Map(reference.map(({ id }) => [folderOf(id), id]));
  const known = new Set(reference.map(({ id }) => id));
  const own = new Map(differing.map((exchange) => [exchange.id, exchange]));
  const after = new Map<string, RecordedExchange[]>();
  let previous = '';
  for (const exchange of differing) {
    if (known.has(exchange.id)) {
      previous = exchange.id;
      continue;
    }
    const place = folderOf(previous) === folderOf(exchange.id) ? previous : (lastOfGroup.get(folderOf(exchange.id)) ?? previous);
    after.set(place, [...(after.get(place) ?? []), exchange]);
  }
  const placed = (id: string): readonly RecordedExchange[] => after.get(id) ?? [];
  return [...placed(''), ...reference.flatMap((exchange) => [own.get(exchange.id) ?? move(exchange), ...placed(exchange.id)])];
}

function folderOf(id: string): string {
  return id.slice(0, id.lastIndexOf('/'));
}

/** The reference's exchange as the other site would have had it: its own address in requests and answers. */
function moveTo(base: string, from: string, exchange: RecordedExchange): RecordedExchange {
  const host = new URL(base).host;
  const text = JSON.stringify(exchange).replaceAll(new URL(from).host, host);
  return { ...(JSON.parse(text) as RecordedExchange), assumed: true };
}

/** A body as it was sent: what the recorder abbreviated to "…" written out again. */
export function bodyOf({ body, bodyLength }: RecordedRequest): string | undefined {
  if (body === undefined || bodyLength === undefined) return body;
  const start = body.slice(0, -1);
  const run = /(.)\1{20}$/.exec(start)?.[1];
  if (run !== undefined) return start.padEnd(bodyLength, run);
  const parameters = Array.from({ length: 1500 }, (_, index) => `p${index}=1`).join('&');
  const credentials = 'grant_type=client_credentials&client_id=lab-cc&client_secret=lab-cc-secret';
  return start.startsWith('p0=') ? `${parameters}&${credentials}` : `${credentials}&${parameters}`;
}

/** A header value as it was sent. */
export function headerValueOf(value: string): string {
  const [, start, length] = /^(.*)…\((\d+) chars\)$/s.exec(value) ?? [];
  return start === undefined ? value : start.padEnd(Number(length), start.at(-1) ?? 'a');
}
