/**
 * The only place that knows secret values. Puts a placeholder wherever one stands in a text, in whatever spelling: raw, percent- or form-encoded, JSON- or
 * HTML-escaped (also one inside another), base64 or base64url at any position (also wrapped into lines), hexadecimal, upper or lower case.
 *
 * @module
 */
import type { HeaderLine } from '../model/exchange.ts';
import { parseShallowJson } from '../support/json-depth.ts';
import { base64Cores, base64Whole, bytesOf, latin1, tailBytes, viewsOf, type View } from './encodings.ts';
import { FieldMask, isPlainWord } from './fields.ts';
import { anchorLength, PatternIndex } from './pattern-index.ts';

/** `secret`: of the target file (a password, a client secret); `token`: opens something for a while; `header`: sent with every request. */
export type SecretKind = 'secret' | 'token' | 'header';

/** Where a secret was found. */
export interface Hit {
  readonly label: string;
  readonly kind: SecretKind;
  /** The placeholder for it. */
  readonly placeholder: string;
  /** How it is written there. */
  readonly encoding: 'raw' | 'escaped' | 'base64' | 'hex';
  /** Range in the text. */
  readonly start: number;
  readonly end: number;
}

/** Header and claims of a JWT; secrets in them masked. */
export interface DecodedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

interface Secret {
  readonly label: string;
  readonly kind: SecretKind;
  readonly value: string;
  readonly placeholder: string;
  readonly decoded?: DecodedToken;
}

/** What a pattern of the index stands for. */
interface Form {
  readonly secret: Secret;
  readonly placeholder: string;
  readonly isBase64: boolean;
  readonly isHex?: boolean;
  /** Letters around the pattern that belong to it, where they are letters of base64. */
  readonly before: number;
  readonly after: number;
  /** Only part of the value, so that an altered token is recognised by the half that is left. */
  readonly isPart: boolean;
}

interface Found extends Omit<Hit, 'end'> {
  end: number;
  /** Of two in the same place the lower one names it. */
  readonly rank: number;
}

/** What may have been cut off in the middle of a secret: nothing, or the text. */
type Cut = 'nothing' | 'text';

/** Values shorter than this are masked in known fields only. */
const shortestMasked = anchorLength;
/** Of values as long as this, each half is looked for as well. */
const shortestHalved = 32;
/** Longer values are looked for piece by piece: a token of a megabyte must not cost more than its length. */
const longestPiece = 4096;
/** A beginning of a secret gives it away when it has this many characters and is half of it, or has eight. */
const shortestCut = 5;
/** Texts as long as this are looked through once and remembered, as long as no secret is added: a run sends and gets the same ones again and again. */
const longestRemembered = 16_384;
const mostRemembered = 128;
const noHits: readonly Hit[] = [];
const placeholderLike = /\{\{[A-Za-z][^{}\n]{0,200}\}\}/g;
const base64Letter = /[A-Za-z0-9+/_-]/;

export class Vault {
  readonly #byValue = new Map<string, Secret>();
  readonly #counts = new Map<string, number>();
  readonly #placeholders = new Set<string>();
  readonly #index = new PatternIndex<Form>();
  /** Which characters a secret begins with; those beyond ASCII are folded into it. */
  readonly #firstUnits = new Uint8Array(128);
  /** Secrets by their first characters. */
  readonly #beginnings = new Map<string, { readonly secret: Secret; readonly value: string }[]>();
  readonly #fields = new FieldMask();
  readonly #publicWords = new Set<string>();
  readonly #warnings: string[] = [];
  readonly #decoded = new Map<string, DecodedToken>();
  /** What was found in the last texts. */
  readonly #remembered: Readonly<Record<Cut, Map<string, readonly Hit[]>>> = { nothing: new Map(), text: new Map() };
  #longestValue = 0;

  /** One sentence for each secret that cannot be masked everywhere. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** More characters than any one secret takes in a text, however it is escaped: what a reader in pieces has to keep back. */
  get longestSpan(): number {
    return this.#longestValue * 12 + 64;
  }

  /**
   * Makes a value secret from here on; a value that is known already keeps its first label.
   *
   * @param label such as `users.main.password`, or `token:main`, which is numbered: the second such token is `{{token:main#2 len=781}}`.
   * @param options.nested look for it also in base64 inside base64: for the few secrets of a target file
   * @returns its placeholder
   */
  add(
    label: string,
    value: string,
    { kind = kindOf(label), nested = false }: { readonly kind?: SecretKind; readonly nested?: boolean } = {},
  ): string {
    if (value === '') return '';
    const known = this.#byValue.get(value);
    if (known !== undefined) return known.placeholder;
    this.#forget();
    const secret = this.#register(label, value, kind);
    if (value.length < shortestMasked || isPlainWord(value)) {
      this.#fields.add(value, secret.placeholder);
      this.#warnings.push(
        value.length < shortestMasked
          ? `${secret.label} has fewer than ${shortestMasked} characters: it is masked in known fields, not wherever it occurs; use a longer one`
          : `${secret.label} is a word of the protocol: it is masked in known fields, not wherever it occurs; use another one`,
      );
      return secret.placeholder;
    }
    const signature = secret.decoded === undefined ? undefined : value.slice(value.lastIndexOf('.') + 1);
    this.#addForms(secret, value, secret.placeholder, false);
    if (nested) for (const bytes of bytesOf(value)) this.#addNestedBase64(secret, bytes);
    if (signature !== undefined && signature.length >= shortestMasked)
      this.#addForms(secret, signature, this.#note(secret, 'signature'), true);
    this.#addHalves(secret, signature ?? value);
    this.#addBeginning(secret, signature ?? value);
    return secret.placeholder;
  }

  /** A word that is no secret although one begins with it, such as the name of a user whose password repeats it: it is not taken for one that was cut off. */
  allow(word: string): void {
    this.#publicWords.add(word);
    this.#forget();
  }

  /** Makes the value of a header secret that goes out with every request; `Bearer` or `Basic` before a credential stays readable. */
  addHeader(name: string, value: string): string {
    const [, scheme = '', credential = value] = /^((?:Basic|Bearer|Token) +)(\S+)$/i.exec(value) ?? [];
    const placeholder = this.add(`headers.${name}`, credential);
    this.#forget();
    this.#fields.addHeader(name, value, scheme + placeholder);
    return placeholder;
  }

  /**
   * Makes the Basic credentials of an id and a secret recognisable (RFC 7617, and RFC 6749 2.3.1 with its encoding first): `{{basic:clients.main}}`.
   */
  pair(id: string, secretLabel: string, secret: string): void {
    const label = `basic:${clean(secretLabel.replace(/\.[^.]*$/, ''))}`;
    const encode = (text: string) => encodeURIComponent(text.toWellFormed());
    const texts = new Set([`${id}:${secret}`, `${encode(id)}:${encode(secret)}`, `${encode(id)}:${encode(secret)}`.replaceAll('%20', '+')]);
    const owner: Secret = { label, kind: 'secret', value: `${id}:${secret}`, placeholder: `{{${label}}}` };
    this.#placeholders.add(owner.placeholder);
    this.#forget();
    this.#fields.addBasic(id, secret, owner.placeholder);
    for (const text of texts) {
      if (text.length < shortestMasked) continue;
      for (const written of new Set([text, latin1(Buffer.from(text))])) {
        const bytes = Buffer.from(written, 'latin1');
        if (bytes.byteLength <= tailBytes || bytes.byteLength > longestPiece) this.#addBase64(owner, bytes, owner.placeholder);
        else this.#addWhole(owner, bytes);
      }
    }
  }

  /**
   * The text with a placeholder for every secret; also for the beginning of one that was cut off by an ellipsis or the end of the text. Masking twice changes
   * nothing more.
   */
  mask(text: string): string {
    // Too short for a secret, a beginning of one, or a field with one.
    if (text.length < shortestCut) return text;
    return replaced(text, this.#recall(text, 'text'), text.length).text;
  }

  /** Masks the beginning of a text: what stands before `length`, and a secret that begins before it as a whole. Like `mask` otherwise. */
  maskStart(text: string, length: number): { readonly text: string; readonly isCut: boolean } {
    return replaced(text, this.#recall(text, 'text'), length);
  }

  /** Masks bytes that are no text. */
  maskBytes(bytes: Uint8Array): Uint8Array {
    const text = latin1(bytes);
    const masked = this.mask(text);
    return masked === text ? bytes : Buffer.from(masked, 'latin1');
  }

  /** Masks header lines; knows what the fields that carry credentials look like. */
  maskHeaders(headers: readonly HeaderLine[]): readonly HeaderLine[] {
    // One look at all of them: most lines hold no secret.
    const hits = this.#recall(linesOf(headers), 'text');
    if (hits.length === 0 && this.#fields.isEmpty) return headers;
    let start = 0;
    let next = 0;
    return headers.map((line) => {
      const [name, value] = line;
      const end = start + name.length + 2 + value.length;
      while ((hits[next]?.end ?? end) <= start) next += 1;
      const isClean = (hits[next]?.start ?? end) >= end;
      start = end + 1;
      if (isClean && this.#fields.isEmpty) return line;
      const masked = isClean ? value : this.mask(value);
      return [isClean ? name : this.mask(name), this.#fields.maskHeader(name, value, masked)] as const;
    });
  }

  /** Every secret in the text, in order; of those that lie in one another the longest, and no character twice. Placeholders are none. */
  find(text: string): readonly Hit[] {
    return this.#recall(text, 'nothing');
  }

  /** Every secret in header lines. The places are those in the lines joined by newlines. */
  findInHeaders(headers: readonly HeaderLine[]): readonly Hit[] {
    return this.find(linesOf(headers));
  }

  /** Header and claims of the JWTs whose placeholders stand in a masked text. */
  decodedIn(masked: string): Readonly<Record<string, DecodedToken>> | undefined {
    if (!masked.includes('{{')) return undefined;
    const decoded: Record<string, DecodedToken> = {};
    for (const [placeholder] of masked.matchAll(placeholderLike)) {
      const token = this.#decoded.get(placeholder);
      if (token !== undefined) decoded[placeholder.slice(2, -2)] = token;
    }
    return Object.keys(decoded).length === 0 ? undefined : decoded;
  }

  #register(label: string, value: string, kind: SecretKind): Secret {
    let name = clean(label);
    if (/^token:[^#]*$/.test(name)) {
      const count = (this.#counts.get(name) ?? 0) + 1;
      this.#counts.set(name, count);
      name = [name, count].join('#');
    }
    const placeholder = (name.startsWith('token:') ? ['{{', name, ' len=', value.length, '}}'] : ['{{', name, '}}']).join('');
    const decoded = kind === 'token' ? decodeJwt(value) : undefined;
    const secret: Secret = { label: name, kind, value, placeholder, ...(decoded === undefined ? {} : { decoded }) };
    this.#byValue.set(value, secret);
    this.#placeholders.add(placeholder);
    if (decoded !== undefined) this.#decoded.set(placeholder, JSON.parse(this.mask(JSON.stringify(decoded))) as DecodedToken);
    return secret;
  }

  #addForms(secret: Secret, value: string, placeholder: string, isPart: boolean): void {
    const raw: Form = { secret, placeholder, isBase64: false, before: 0, after: 0, isPart };
    // Header values and files are read as latin1, where a letter beyond ASCII is two or more bytes.
    for (const text of new Set([value, latin1(Buffer.from(value))])) for (const piece of piecesOf(text)) this.#index.add(piece, raw);
    // In base64 a value is recognised by its end, so that a part at the end needs no forms of its own.
    if (isPart) return;
    const encoded = this.#note(secret, 'b64');
    for (const bytes of bytesOf(value)) this.#addBase64(secret, bytes, encoded);
    const hex: Form = { secret, placeholder: this.#note(secret, 'hex'), isBase64: false, isHex: true, before: 0, after: 0, isPart: false };
    for (const piece of piecesOf(Buffer.from(value).toString('hex'))) this.#index.add(piece, hex);
  }

  #addBase64(secret: Secret, bytes: Uint8Array, placeholder: string): void {
    for (const { text, before, after } of base64Cores(bytes)) {
      if (text.length >= anchorLength) this.#index.add(text, { secret, placeholder, isBase64: true, before, after, isPart: false });
    }
    this.#longestValue = Math.max(this.#longestValue, Math.min(bytes.byteLength, longestPiece));
  }

  /** Of several with one secret and other ids each keeps its own name. */
  #addWhole(secret: Secret, bytes: Uint8Array): void {
    const { text, before, after } = base64Whole(bytes);
    const form: Form = { secret, placeholder: secret.placeholder, isBase64: true, before, after, isPart: false };
    for (const piece of new Set([text, text.replaceAll('+', '-').replaceAll('/', '_')])) this.#index.add(piece, form);
    this.#longestValue = Math.max(this.#longestValue, bytes.byteLength);
  }

  /** Letters that depend on the value alone are put into base64 once more, and with them the few around that hold bits of it. */
  #addNestedBase64(secret: Secret, bytes: Uint8Array): void {
    const placeholder = this.#note(secret, 'b64');
    const lettersFor = (letters: number) => Math.ceil((letters * 4) / 3) + 1;
    for (const inner of base64Cores(bytes)) {
      if (inner.text.length < anchorLength) continue;
      for (const { text, before, after } of base64Cores(Buffer.from(inner.text, 'latin1'))) {
        const around = { before: before + lettersFor(inner.before), after: after + lettersFor(inner.after) };
        this.#index.add(text, { secret, placeholder, isBase64: true, ...around, isPart: false });
      }
      this.#longestValue = Math.max(this.#longestValue, inner.text.length + inner.before);
    }
  }

  #addHalves(secret: Secret, value: string): void {
    if (value.length < shortestHalved || value.length > longestPiece) return;
    const middle = Math.floor(value.length / 2);
    const form: Form = { secret, placeholder: this.#note(secret, 'part'), isBase64: false, before: 0, after: 0, isPart: true };
    this.#index.add(value.slice(0, middle), form);
    this.#index.add(value.slice(middle), form);
  }

  #addBeginning(secret: Secret, whole: string): void {
    const value = whole.slice(0, longestPiece);
    const beginning = value.slice(0, shortestCut);
    this.#firstUnits[beginning.charCodeAt(0) & 127] = 1;
    const others = this.#beginnings.get(beginning);
    if (others === undefined) this.#beginnings.set(beginning, [{ secret, value }]);
    else others.push({ secret, value });
  }

  /** `{{users.main.password}}` with a remark: `{{users.main.password b64}}`. */
  #note({ label }: Secret, remark: string): string {
    // Joined, since a text that was put together by `+` keeps all its parts, and there are many of these.
    const placeholder = ['{{', label, ' ', remark, '}}'].join('');
    this.#placeholders.add(placeholder);
    return placeholder;
  }

  #recall(text: string, cut: Cut): readonly Hit[] {
    if (text.length > longestRemembered) return this.#find(text, cut);
    const remembered = this.#remembered[cut];
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const hits = this.#find(text, cut);
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.set(text, hits);
    return hits;
  }

  #forget(): void {
    for (const remembered of Object.values(this.#remembered)) remembered.clear();
  }

  #find(text: string, cut: Cut): readonly Hit[] {
    const found: Found[] = [];
    for (const view of viewsOf(text, this.#index.holds)) {
      this.#scan(text, view, found);
      if (cut !== 'nothing') this.#scanCut(view, found);
    }
    for (const { start, end, placeholder } of this.#fields.find(text)) {
      found.push({ start, end, placeholder, label: placeholder.slice(2, -2), kind: 'secret', encoding: 'raw', rank: 4 });
    }
    if (found.length === 0) return noHits;
    const own = this.#ownRanges(text);
    const secret = found.filter(({ start, end }) => !own.some(([from, to]) => from <= start && end <= to));
    secret.sort((a, b) => a.start - b.start || b.end - a.end || a.rank - b.rank);
    const joined: Found[] = [];
    let last: Found | undefined;
    for (const next of secret) {
      if (last === undefined || next.start >= last.end) joined.push((last = { ...next }));
      else if (next.end > last.end && next.placeholder === last.placeholder) last.end = next.end;
      else if (next.end > last.end) joined.push((last = { ...next, start: last.end }));
    }
    return joined;
  }

  /** Secrets of which only the beginning is left, before an ellipsis or the end of the text (or of a quotation that ends it). */
  #scanCut(view: View, found: Found[]): void {
    const { text } = view;
    const ends = cutsIn(text);
    for (let start = 0, next = 0; start <= text.length - shortestCut; start += 1) {
      while ((ends[next] as number) < start + shortestCut) next += 1;
      start = Math.max(start, (ends[next] as number) - longestPiece);
      if (this.#firstUnits[text.charCodeAt(start) & 127] === 0) continue;
      for (const { secret, value } of this.#beginnings.get(text.slice(start, start + shortestCut)) ?? []) {
        const length = commonLength(value, text, start);
        const end = ends.findLast((one) => one <= start + length && isTellingCut(one - start, value));
        if (end === undefined || this.#publicWords.has(text.slice(start, end))) continue;
        const [from, to] = view.toSource(start, end);
        const { label, kind } = secret;
        found.push({ start: from, end: to, label, kind, placeholder: this.#note(secret, 'cut'), encoding: 'raw', rank: 3 });
        break;
      }
    }
  }

  #scan(text: string, view: View, found: Found[]): void {
    this.#index.scan(view.text, (from, to, form, isExact) => {
      const [innerStart, innerEnd] = form.isBase64 ? aroundBase64(view.text, from, to, form) : [from, to];
      const [first, end] = view.toSource(innerStart, innerEnd);
      // A backslash that escapes the first character goes with it, or what is left is no JSON.
      const start = /(?:^|[^\\])(?:\\\\)*\\$/.test(text.slice(Math.max(0, first - 16), first)) ? first - 1 : first;
      const isEscaped = view.text !== text && text.slice(first, end) !== view.text.slice(innerStart, innerEnd);
      found.push({
        start,
        end,
        label: form.secret.label,
        kind: form.secret.kind,
        placeholder: isExact || form.isHex === true ? form.placeholder : this.#note(form.secret, 'other-case'),
        encoding: form.isBase64 ? 'base64' : form.isHex === true ? 'hex' : isEscaped ? 'escaped' : 'raw',
        rank: (form.isPart ? 2 : 0) + (form.isBase64 ? 1 : 0),
      });
    });
  }

  /** Placeholders that stand in the text already. */
  #ownRanges(text: string): (readonly [start: number, end: number])[] {
    if (!text.includes('{{')) return [];
    return [...text.matchAll(placeholderLike)]
      .filter(([placeholder]) => this.#placeholders.has(placeholder))
      .map((match) => [match.index, match.index + match[0].length] as const);
  }
}

/** The text up to `length` with its hits replaced; a hit that begins before it is replaced as a whole. */
function replaced(text: string, hits: readonly Hit[], length: number): { readonly text: string; readonly isCut: boolean } {
  if (hits.length === 0 && length >= text.length) return { text, isCut: false };
  let masked = '';
  let at = 0;
  for (const { start, end, placeholder } of hits) {
    if (start >= length) break;
    masked += text.slice(at, start) + placeholder;
    at = end;
  }
  if (at < length) masked += text.slice(at, length);
  return { text: masked, isCut: Math.max(at, length) < text.length };
}

function linesOf(headers: readonly HeaderLine[]): string {
  let lines = '';
  for (const [name, value] of headers) lines += `${name}: ${value}\n`;
  return lines;
}

/** Where a text may have been cut: before an ellipsis, at its end, and before a quotation mark there. */
function cutsIn(text: string): readonly number[] {
  const cuts = new Set([text.length]);
  if (text.endsWith('"')) cuts.add(text.length - 1);
  // The last is the first as a header holds it, whose bytes are read as latin1.
  for (const ellipsis of ['…', '...', '\u00e2\u0080\u00a6']) {
    for (let at = text.indexOf(ellipsis); at >= 0; at = text.indexOf(ellipsis, at + 1)) cuts.add(at);
  }
  return [...cuts].sort((a, b) => a - b);
}

/** How many characters of the value stand at this place. */
function commonLength(value: string, text: string, start: number): number {
  let length = shortestCut;
  while (length < value.length && text.charCodeAt(start + length) === value.charCodeAt(length)) length += 1;
  return length;
}

/** Whether a beginning of this length is only a part of the value, and yet gives it away. */
function isTellingCut(length: number, { length: whole }: string): boolean {
  return length >= shortestCut && length < whole && (length >= 8 || length * 2 >= whole);
}

/** The last piece overlaps the one before it rather than being short. */
function piecesOf(text: string): readonly string[] {
  if (text.length <= longestPiece) return [text];
  const pieces: string[] = [];
  for (let at = 0; at + longestPiece < text.length; at += longestPiece) pieces.push(text.slice(at, at + longestPiece));
  return [...pieces, text.slice(-longestPiece)];
}

/** Takes along the letters at both ends that hold bits of the value too, and the padding. */
function aroundBase64(text: string, start: number, end: number, { before, after }: Form): readonly [start: number, end: number] {
  let from = start;
  while (start - from < before && from > 0 && base64Letter.test(text[from - 1] as string)) from -= 1;
  let to = end;
  while (to - end < after && to < text.length && base64Letter.test(text[to] as string)) to += 1;
  for (let count = 0; count < 2 && text[to] === '='; count += 1) to += 1;
  return [from, to];
}

function kindOf(label: string): SecretKind {
  if (/^tokens?[:.]/.test(label) || label === 'token') return 'token';
  return label.startsWith('headers.') ? 'header' : 'secret';
}

/** Keeps a label to what is harmless in every output. */
function clean(label: string): string {
  const safe = label.replace(/[^A-Za-z0-9_.:#-]+/g, '_');
  return /^[A-Za-z]/.test(safe) ? safe : `secret_${safe}`;
}

/** Undefined when the value is no JWT (RFC 7519 7.2). */
function decodeJwt(value: string): DecodedToken | undefined {
  const parts = value.split('.');
  if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]*$/.test(part))) return undefined;
  const [header, claims] = parts.slice(0, 2).map((part) => parseObject(Buffer.from(part, 'base64url').toString('utf8')));
  return header === undefined || claims === undefined || !('alg' in header) ? undefined : { header, claims };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value = parseShallowJson(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
