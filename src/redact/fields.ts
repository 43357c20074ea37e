/**
 * Masks by field: values that are too short or too plain to be masked wherever they occur, where a field's name says that they are secret.
 *
 * @module
 */

const secretFields =
  'password|passwd|pass|pwd|client_secret|secret|client_assertion|access_token|refresh_token|id_token|token|jwt|api[_-]?key|apikey|authorization|auth';

/** Words that stand in every exchange: masking one of them everywhere would make reports unreadable and hide nothing. */
const plainWords = new Set(
  (
    'password username client_id client_secret client_credentials access_token refresh_token id_token token_type grant_type expires_in authorization ' +
    'application application/json credentials administrator authenticated anonymous localhost'
  ).split(' '),
);

/** Whether a value is a word of the protocol itself. */
export function isPlainWord(value: string): boolean {
  return plainWords.has(value.toLowerCase());
}

export interface FieldHit {
  readonly start: number;
  readonly end: number;
  readonly placeholder: string;
}

export class FieldMask {
  /** Every spelling of a value to its placeholder. */
  readonly #spellings = new Map<string, string>();
  readonly #values = new Map<string, string>();
  readonly #basic = new Map<string, string>();
  readonly #headers = new Map<string, string>();
  #pattern: RegExp | undefined;

  /** Nothing is masked by field. */
  get isEmpty(): boolean {
    return this.#values.size === 0 && this.#headers.size === 0 && this.#basic.size === 0;
  }

  add(value: string, placeholder: string): void {
    this.#values.set(value, placeholder);
    const percent = encodeURIComponent(value.toWellFormed());
    const json = JSON.stringify(value).slice(1, -1);
    for (const text of [value, percent, percent.toLowerCase(), percent.replaceAll('%20', '+'), json, json.replaceAll('/', '\\/')]) {
      this.#spellings.set(text, placeholder);
    }
    const values = [...this.#spellings.keys()]
      .sort((a, b) => b.length - a.length)
      .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const any = values.join('|');
    // name=value; "name":"value" and "name":1234; a part of multipart/form-data
    this.#pattern = new RegExp(
      `((?<![A-Za-z0-9])(?:${secretFields})=)(${any})(?![^&\\s"'<>;,#\\\\])` +
        `|((?:${secretFields})\\\\*"\\s*:\\s*\\\\*"?)(${any})(?=\\\\*"|[\\s,}\\]])` +
        `|(name="(?:${secretFields})"(?:\\r?\\n[^\\r\\n]+){0,8}\\r?\\n\\r?\\n)(${any})(?=\\r?\\n|$)`,
      'gi',
    );
  }

  /** Basic credentials too short to be recognised by their letters. */
  addBasic(id: string, secret: string, placeholder: string): void {
    this.#basic.set(`${id}:${secret}`, placeholder);
  }

  /** A header of the target file: its value is masked whole, however short. */
  addHeader(name: string, value: string, masked: string): void {
    this.#headers.set(`${name.toLowerCase()}: ${value.trim()}`, masked);
  }

  /** Where a known field holds a known value. */
  find(text: string): readonly FieldHit[] {
    if (this.#pattern === undefined) return [];
    const hits: FieldHit[] = [];
    for (const match of text.matchAll(this.#pattern)) {
      const [whole, , formValue, , jsonValue, , partValue] = match;
      const value = formValue ?? jsonValue ?? partValue ?? '';
      const placeholder = this.#spellings.get(value) ?? this.#spellings.get(value.toLowerCase());
      const end = match.index + whole.length;
      if (placeholder !== undefined) hits.push({ start: end - value.length, end, placeholder });
    }
    return hits;
  }

  /**
   * Masks a header value by its field: a header of the target file, `Authorization: Bearer …`, Basic credentials, or a value that is a secret as a whole.
   *
   * @param masked the value after masking wherever a secret occurs
   */
  maskHeader(name: string, value: string, masked: string): string {
    const own = this.#headers.get(`${name.toLowerCase()}: ${value.trim()}`);
    if (own !== undefined) return own;
    if (masked !== value || (this.#values.size === 0 && this.#basic.size === 0)) return masked;
    const whole = this.#values.get(value);
    if (whole !== undefined && !/^(?:accept|content-|host$|date$|server$|user-agent$)/i.test(name)) return whole;
    const [, scheme = '', credentials = ''] = /^([A-Za-z]+ +)?(\S+)$/.exec(value) ?? [];
    const token = scheme === '' ? undefined : this.#values.get(credentials);
    if (token !== undefined) return scheme + token;
    if (!/^[A-Za-z0-9+/_-]{2,}={0,2}$/.test(credentials)) return value;
    const decoded = Buffer.from(credentials, 'base64').toString('utf8');
    const pair = this.#basic.get(decoded);
    if (pair !== undefined) return scheme + pair;
    const secret = this.#values.get(decoded.slice(decoded.indexOf(':') + 1));
    return decoded.includes(':') && secret !== undefined ? `${scheme}{{basic len=${credentials.length}}}` : value;
  }
}
