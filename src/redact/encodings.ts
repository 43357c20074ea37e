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
  /** Global; of escapes whose meaning cannot matter as few as may be. */
  readonly escapes: (isRelevant: Relevance) => RegExp;
  readonly decode: (escape: string) => readonly Piece[];
  /** Undone whatever it stands for. */
  readonly always?: boolean;
  /** Whether the text may hold one, where the mark alone says little. */
  readonly mayStandIn?: (text: string) => boolean;
}

/** Tells whether undoing an escape is worth it: whether the character may belong to a secret. */
export type Relevance = (unit: number) => boolean;

const decoders: readonly Decoder[] = [
  { mark: '%', escapes: () => /(?:%[0-9A-Fa-f]{2})+/g, decode: decodePercent },
  // application/x-www-form-urlencoded writes a space as a plus.
  { mark: '+', escapes: (isRelevant) => (isRelevant(32) ? /\+/g : never), decode: () => [{ text: ' ', sourceLength: 1 }] },
  { mark: '\\', escapes: backslashesBefore, decode: decodeBackslashes },
  // A line break inside base64, as MIME and PEM wrap it, also where JSON has escaped it. What stands before is looked at last, since breaks are few.
  {
    mark: '\n',
    escapes: () => /\r?\n(?<=[A-Za-z0-9+/_-]{40}\r?\n)(?=[A-Za-z0-9+/_-])/g,
    decode: (escape) => [{ text: '', sourceLength: escape.length }],
    always: true,
    mayStandIn: (text) => isBetweenLetters(text, '\n', '\r'),
  },
  {
    mark: '\\n',
    escapes: () => /(?:\\r)?\\n(?<=[A-Za-z0-9+/_-]{40}(?:\\r)?\\n)(?=[A-Za-z0-9+/_-])/g,
    decode: (escape) => [{ text: '', sourceLength: escape.length }],
    always: true,
    mayStandIn: (text) => isBetweenLetters(text, '\\n', '\\r'),
  },
  // The same, escaped more than once: undone until it is escaped once.
  {
    mark: '\\\\',
    escapes: () => /(?:\\\\)+(?=[rn])(?<=[A-Za-z0-9+/_-]{40}(?:\\+r)?(?:\\\\)+)/g,
    decode: decodeBackslashes,
    always: true,
    mayStandIn: (text) => /[A-Za-z0-9+/_-](?:\\\\)+[rn]/.test(text),
  },
  { mark: '&', escapes: () => /&(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});/g, decode: decodeEntity },
];

const never = /(?!)/g;

/** What begins another escape, once undone. */
const marks = new Set([...'%\\&'].map((mark) => mark.charCodeAt(0)));

const maxDepth = 3;
const maxViews = 32;

/** A text as it reads after undoing some escapes, with the way back. */
export class View {
  readonly text: string;
  readonly #origin: { readonly view: View; readonly decoder: Decoder; readonly isRelevant: Relevance } | undefined;
  #starts: Uint32Array | undefined;

  constructor(text: string, origin?: { readonly view: View; readonly decoder: Decoder; readonly isRelevant: Relevance }) {
    this.text = text;
    this.#origin = origin;
  }

  /** Where a range of this view stands in the original text. */
  toSource(start: number, end: number): readonly [start: number, end: number] {
    if (this.#origin === undefined) return [start, end];
    const { view, decoder, isRelevant } = this.#origin;
    this.#starts ??= startsOf(view.text, this.text.length, decoder, isRelevant);
    return view.toSource(this.#starts[start] as number, this.#starts[end] as number);
  }
}

/** The text itself, and every other reading of it that undoing escapes up to three times over gives, as far as it can matter. */
export function viewsOf(text: string, isRelevant: Relevance): readonly View[] {
  const views = [new View(text)];
  if (!/[%\\&+\n]/.test(text)) return views;
  /** Made when there is something to put in: most texts have a mark and read no differently for it. */
  let seen: Set<string> | undefined;
  for (let at = 0, levelEnd = 1, depth = 0; at < views.length && views.length < maxViews; at += 1) {
    if (at === levelEnd) {
      depth += 1;
      levelEnd = views.length;
    }
    if (depth >= maxDepth) break;
    const view = views[at] as View;
    for (const decoder of decoders) {
      if (!(decoder.mayStandIn?.(view.text) ?? view.text.includes(decoder.mark))) continue;
      const decoded = view.text.replace(decoder.escapes(isRelevant), (escape) => undo(escape, decoder, isRelevant));
      if (decoded === view.text || decoded === text || seen?.has(decoded) === true) continue;
      (seen ??= new Set()).add(decoded);
      views.push(new View(decoded, { view, decoder, isRelevant }));
    }
  }
  return views;
}

/** Whether a break stands between two letters of base64 somewhere, and another one far enough before: quicker to tell than by the expression. */
function isBetweenLetters(text: string, lineFeed: string, carriageReturn: string): boolean {
  for (let at = text.indexOf(lineFeed); at >= 0; at = text.indexOf(lineFeed, at + lineFeed.length)) {
    const before = text.startsWith(carriageReturn, at - carriageReturn.length) ? at - carriageReturn.length : at;
    if (
      isBase64Letter(text.charCodeAt(at + lineFeed.length)) &&
      isBase64Letter(text.charCodeAt(before - 1)) &&
      isBase64Letter(text.charCodeAt(before - 40))
    )
      return true;
  }
  return false;
}

/** Of either alphabet. */
function isBase64Letter(unit: number): boolean {
  return (
    (unit >= 97 && unit <= 122) ||
    (unit >= 65 && unit <= 90) ||
    (unit >= 48 && unit <= 57) ||
    unit === 43 ||
    unit === 47 ||
    unit === 45 ||
    unit === 95
  );
}

/** What an escape stands for, or the escape itself where that cannot matter. */
function undo(escape: string, decoder: Decoder, isRelevant: Relevance): string {
  const pieces = decoder.decode(escape);
  return decoder.always === true || isWorthIt(pieces, isRelevant) ? pieces.map(({ text }) => text).join('') : escape;
}

function isWorthIt(pieces: readonly Piece[], isRelevant: Relevance): boolean {
  return pieces.some(({ text }) => {
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      if (isRelevant(unit) || marks.has(unit)) return true;
    }
    return false;
  });
}

/** For every character of the decoded text, and its end, where its source begins. */
function startsOf(source: string, decodedLength: number, decoder: Decoder, isRelevant: Relevance): Uint32Array {
  const starts = new Uint32Array(decodedLength + 1);
  let to = 0;
  let from = 0;
  for (const match of source.matchAll(decoder.escapes(isRelevant))) {
    const pieces = decoder.decode(match[0]);
    if (decoder.always !== true && !isWorthIt(pieces, isRelevant)) continue;
    while (from < match.index) starts[to++] = from++;
    for (const { text, sourceLength } of pieces) {
      for (let unit = 0; unit < text.length; unit += 1) starts[to++] = from;
      from += sourceLength;
    }
  }
  while (from < source.length) starts[to++] = from++;
  starts[decodedLength] = source.length;
  return starts;
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
/** After a backslash, each for itself or for what `shortEscapes` says. */
const shortLetters = ['"', "'", '/', ...Object.keys(shortEscapes)];
const backslash = 92;
const backslashPatterns = new Map<string, RegExp>();

/**
 * Runs of backslashes before something that may matter. JSON in JSON is full of others, before quotation marks and line breaks that stand in no secret: they
 * are left as they are, which spares most texts another reading.
 */
function backslashesBefore(isRelevant: Relevance): RegExp {
  const letters = shortLetters.filter((letter) => isRelevant((shortEscapes[letter] ?? letter).charCodeAt(0))).join('');
  const key = isRelevant(backslash) ? `${letters}\\` : letters;
  let pattern = backslashPatterns.get(key);
  if (pattern === undefined) {
    const meant = letters === '' ? '' : `|[${letters}]`;
    const alone = isRelevant(backslash) ? '|\\\\{2,}' : '';
    pattern = new RegExp(`\\\\+(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}${meant})${alone}`, 'g');
    backslashPatterns.set(key, pattern);
  }
  return pattern;
}

/** Of a run each two are one; an odd one goes with what follows it, where anything does. */
function decodeBackslashes(escape: string): readonly Piece[] {
  const run = /^\\+/.exec(escape)?.[0].length ?? 0;
  const rest = escape.slice(run);
  const pieces: Piece[] = Array.from({ length: Math.floor(run / 2) }, () => ({ text: '\\', sourceLength: 2 }));
  if (run % 2 === 0 || rest === '') {
    for (const unit of run % 2 === 0 ? rest : '\\') pieces.push({ text: unit, sourceLength: 1 });
    return pieces;
  }
  const text = rest.length > 1 ? String.fromCharCode(Number.parseInt(rest.slice(1), 16)) : (shortEscapes[rest] ?? rest);
  return [...pieces, { text, sourceLength: 1 + rest.length }];
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntity(entity: string): readonly Piece[] {
  const name = entity.slice(1, -1);
  const code = name[0] !== '#' ? undefined : /^#[xX]/.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  const text = code === undefined ? (entities[name] as string) : code <= 0x10ffff ? String.fromCodePoint(code) : entity;
  return [{ text, sourceLength: entity.length }];
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
/** Bytes that make more than 48 letters, in whole groups of three. */
export const tailBytes = 39;

/** The three alignments of some bytes in base64, each also in the base64url alphabet where that differs. */
export function base64Cores(bytes: Uint8Array): readonly Base64Core[] {
  const isLong = bytes.byteLength > tailBytes;
  const tail = isLong ? bytes.subarray(bytes.byteLength - tailBytes) : bytes;
  const cores: Base64Core[] = [];
  for (const skipped of [0, 1, 2]) {
    const first = Math.ceil((skipped * 8) / 6);
    const last = Math.floor(((skipped + bytes.byteLength) * 8) / 6);
    // Only the end of a long value is put into base64; how many bytes stand before it counts, not which.
    const lead = isLong ? (skipped + bytes.byteLength) % 3 : skipped;
    const encoded = Buffer.concat([Buffer.alloc(lead), tail]).toString('base64');
    const end = Math.floor(((lead + tail.byteLength) * 8) / 6);
    // A copy: a slice would keep the whole.
    const text = Buffer.from(encoded, 'latin1').toString('latin1', Math.max(Math.ceil((lead * 8) / 6), end - longestCore), end);
    const around = { before: last - first - text.length + (skipped > 0 ? 1 : 0), after: (skipped + bytes.byteLength) % 3 === 0 ? 0 : 1 };
    cores.push({ text, ...around });
    const url = text.replaceAll('+', '-').replaceAll('/', '_');
    if (url !== text) cores.push({ text: url, ...around });
  }
  return cores;
}

/** All letters of bytes with which base64 begins, however many: where only the end is the same, something else stands before. */
export function base64Whole(bytes: Uint8Array): Base64Core {
  const whole = Math.floor((bytes.byteLength * 8) / 6);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64').slice(0, whole);
  return { text, before: 0, after: bytes.byteLength % 3 === 0 ? 0 : 1 };
}

/** The byte sequences that a value may become before it is put into base64. */
export function bytesOf(value: string): readonly Uint8Array[] {
  if (/^[\w.-]*$/.test(value)) return [Buffer.from(value, 'latin1')];
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
