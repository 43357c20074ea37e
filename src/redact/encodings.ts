/**
 * The disguises in which a secret may stand in a text: escapes that a reader undoes (percent, JSON, HTML), and base64, whose letters depend on what
 * stands before.
 *
 * @module
 */

/** One escape, or a piece of one, and what it means. */
interface Piece {
  readonly text: string;
  readonly sourceLength: number;
}

interface Decoder {
  /** A character without which the text holds no such escape. */
  readonly mark: string;
  readonly escapes: RegExp;
  readonly decode: (escape: string) => Piece | readonly Piece[];
}

const decoders = {
  percent: { mark: '%', escapes: /(?:%[0-9A-Fa-f]{2})+/g, decode: decodePercent },
  /** application/x-www-form-urlencoded writes a space as a plus. */
  plus: { mark: '+', escapes: /\+/g, decode: () => ({ text: ' ', sourceLength: 1 }) },
  json: { mark: '\\', escapes: /\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|["'\\/bfnrt])/g, decode: decodeBackslash },
  html: { mark: '&', escapes: /&(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});/g, decode: decodeEntity },
} as const satisfies Record<string, Decoder>;

const maxDepth = 3;
const maxViews = 32;

/** A text as it reads after undoing some escapes, with the way back. */
export class View {
  readonly text: string;
  readonly #parent: View | undefined;
  readonly #decoder: Decoder | undefined;
  #starts: Uint32Array | undefined;

  constructor(text: string, parent?: View, decoder?: Decoder) {
    this.text = text;
    this.#parent = parent;
    this.#decoder = decoder;
  }

  /** Where a range of this view stands in the original text. */
  toSource(start: number, end: number): readonly [start: number, end: number] {
    const parent = this.#parent;
    if (parent === undefined) return [start, end];
    this.#starts ??= startsOf(parent.text, this.text.length, this.#decoder as Decoder);
    return parent.toSource(this.#starts[start] as number, this.#starts[end] as number);
  }
}

/**
 * The text itself, and every other reading of it that undoing escapes up to three times over gives.
 *
 * @param isPlusSpace whether a plus may stand for a space; only worth asking when a secret holds a space.
 */
export function viewsOf(text: string, isPlusSpace: boolean): readonly View[] {
  const views = [new View(text)];
  if (!/[%\\&+]/.test(text)) return views;
  const seen = new Set([text]);
  for (let at = 0, levelEnd = 1, depth = 0; at < views.length && views.length < maxViews; at += 1) {
    if (at === levelEnd) {
      depth += 1;
      levelEnd = views.length;
    }
    if (depth >= maxDepth) break;
    const view = views[at] as View;
    for (const [name, decoder] of Object.entries(decoders)) {
      if ((name === 'plus' && !isPlusSpace) || !view.text.includes(decoder.mark)) continue;
      const decoded = view.text.replace(decoder.escapes, (escape) => joined(decoder.decode(escape)));
      if (seen.has(decoded)) continue;
      seen.add(decoded);
      views.push(new View(decoded, view, decoder));
    }
  }
  return views;
}

/** For every character of the decoded text, and its end, where its source begins. */
function startsOf(source: string, decodedLength: number, decoder: Decoder): Uint32Array {
  const starts = new Uint32Array(decodedLength + 1);
  let to = 0;
  let from = 0;
  for (const match of source.matchAll(decoder.escapes)) {
    while (from < match.index) starts[to++] = from++;
    const pieces = decoder.decode(match[0]);
    for (const { text, sourceLength } of Array.isArray(pieces) ? (pieces as readonly Piece[]) : [pieces as Piece]) {
      for (let unit = 0; unit < text.length; unit += 1) starts[to++] = from;
      from += sourceLength;
    }
  }
  while (from < source.length) starts[to++] = from++;
  starts[decodedLength] = source.length;
  return starts;
}

function joined(pieces: Piece | readonly Piece[]): string {
  return 'text' in pieces ? pieces.text : pieces.map(({ text }) => text).join('');
}

/** UTF-8 where the bytes are valid, else byte by byte as latin1. */
function decodePercent(run: string): readonly Piece[] {
  const bytes: number[] = [];
  for (let at = 1; at < run.length; at += 3) bytes.push(Number.parseInt(run.slice(at, at + 2), 16));
  const pieces: Piece[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = utf8Length(bytes, at);
    const text = length === 1 ? String.fromCharCode(bytes[at] as number) : Buffer.from(bytes.slice(at, at + length)).toString('utf8');
    pieces.push({ text, sourceLength: length * 3 });
    at += length;
  }
  return pieces;
}

/** Length of the valid UTF-8 sequence at this place; 1 also for a byte that begins none. */
function utf8Length(bytes: readonly number[], at: number): number {
  const first = bytes[at] as number;
  const length = first >= 0xf0 && first <= 0xf4 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 1;
  for (let more = 1; more < length; more += 1) {
    if (((bytes[at + more] ?? 0) & 0xc0) !== 0x80) return 1;
  }
  return length;
}

const shortEscapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function decodeBackslash(escape: string): Piece {
  const letter = escape[1] as string;
  const text = escape.length > 2 ? String.fromCharCode(Number.parseInt(escape.slice(2), 16)) : (shortEscapes[letter] ?? letter);
  return { text, sourceLength: escape.length };
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntity(entity: string): Piece {
  const name = entity.slice(1, -1);
  const code = name[0] !== '#' ? undefined : /^#[xX]/.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  const text = code === undefined ? (entities[name] as string) : code <= 0x10ffff ? String.fromCodePoint(code) : entity;
  return { text, sourceLength: entity.length };
}

/** What a value looks like inside base64, wherever it begins: letters that depend on the value alone. */
export interface Base64Core {
  /** The last of these letters, 48 at most. */
  readonly text: string;
  /** So many letters before also hold bits of the value. */
  readonly before: number;
  /** So many letters after also hold bits of the value. */
  readonly after: number;
}

const longestCore = 48;

/** The three alignments of some bytes in base64, each also in the base64url alphabet where that differs. */
export function base64Cores(bytes: Uint8Array): readonly Base64Core[] {
  const cores: Base64Core[] = [];
  for (const skipped of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(skipped), bytes]).toString('base64');
    const first = Math.ceil((skipped * 8) / 6);
    const last = Math.floor(((skipped + bytes.byteLength) * 8) / 6);
    const from = Math.max(first, last - longestCore);
    const text = encoded.slice(from, last);
    const around = { before: from - first + (skipped > 0 ? 1 : 0), after: (skipped + bytes.byteLength) % 3 === 0 ? 0 : 1 };
    cores.push({ text, ...around });
    const url = text.replaceAll('+', '-').replaceAll('/', '_');
    if (url !== text) cores.push({ text: url, ...around });
  }
  return cores;
}

/** The byte sequences that a value may become before it is put into base64. */
export function bytesOf(value: string): readonly Uint8Array[] {
  const percent = encodeURIComponent(value.toWellFormed());
  const texts = new Set([value, percent, percent.replaceAll('%20', '+'), JSON.stringify(value).slice(1, -1)]);
  const all: Uint8Array[] = [...texts].map((text) => Buffer.from(text, 'utf8'));
  if (/[\x80-\xff]/.test(value) && /^[\0-\xff]*$/.test(value)) all.push(Buffer.from(value, 'latin1'));
  return all;
}

/** Bytes as text, a character a byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
