/**
 * Secrets that can be recognised anywhere, every way in which a server may write them, and a search that shares no code with the one that is tested.
 *
 * @module
 */

export interface Canary {
  readonly label: string;
  readonly value: string;
  /** Handed out by the server: it is not looked for in base64 inside base64, only secrets of the target file are. */
  readonly isIssued?: boolean;
}

/** How a server writes a secret: the disguises of the design, and mixtures. */
export const disguises: Readonly<Record<string, (secret: string) => string>> = {
  raw: (secret) => secret,
  percent: (secret) => [...Buffer.from(secret)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  'percent where needed': encodeURIComponent,
  form: (secret) => new URLSearchParams([['x', secret]]).toString(),
  json: (secret) => JSON.stringify({ x: secret }),
  'json in json': (secret) => JSON.stringify({ x: JSON.stringify({ y: secret }) }),
  'json in escapes': (secret) => [...secret].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  'json with slashes': (secret) => JSON.stringify(secret).replaceAll('/', '\\/'),
  html: (secret) => secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll("'", '&#039;'),
  entities: (secret) => [...secret].map((one) => `&#${one.codePointAt(0)};`).join(''),
  base64: (secret) => Buffer.from(secret).toString('base64'),
  base64url: (secret) => Buffer.from(secret).toString('base64url'),
  'base64 after a byte': (secret) => Buffer.from(`a${secret}b`).toString('base64'),
  'base64 after two bytes': (secret) => Buffer.from(`ab${secret}`).toString('base64url'),
  'basic pair': (secret) => `Basic ${Buffer.from(`client-of-main:${secret}`).toString('base64')}`,
  'basic pair, encoded first': (secret) => `Basic ${Buffer.from(`client-of-main:${encodeURIComponent(secret)}`).toString('base64')}`,
  'base64 twice': (secret) => Buffer.from(Buffer.from(secret).toString('base64')).toString('base64'),
  'basic pair of base64': (secret) => `Basic ${Buffer.from(`client-of-main:${Buffer.from(secret).toString('base64')}`).toString('base64')}`,
  'percent in json': (secret) => JSON.stringify({ x: encodeURIComponent(secret) }),
  'base64 in percent': (secret) => encodeURIComponent(Buffer.from(secret).toString('base64')),
  hex: (secret) => Buffer.from(secret).toString('hex'),
  'base64 in lines': (secret) =>
    Buffer.from(`${'x'.repeat(40)}${secret}`)
      .toString('base64')
      .replaceAll(/.{76}(?=.)/g, '$&\r\n'),
  'upper case': (secret) => secret.toUpperCase(),
  'cut by an ellipsis': (secret) => `${secret.slice(0, -2)}…`,
  'in a header line': (secret) => `Authorization: Bearer ${secret}`,
};
export const disguiseNames = Object.keys(disguises);

/** Spellings that nothing may hold, as they stand in bytes read as latin1. */
function spellingsOf({ value, isIssued = false }: Canary): string[] {
  const latin1 = (text: string) => Buffer.from(text).toString('latin1');
  const readings = [
    value,
    encodeURIComponent(value),
    encodeURIComponent(value).replaceAll('%20', '+'),
    disguises['percent']?.(value) ?? '',
    disguises['json in escapes']?.(value) ?? '',
    disguises['entities']?.(value) ?? '',
    JSON.stringify(value).slice(1, -1),
    JSON.stringify(JSON.stringify(value).slice(1, -1)).slice(1, -1),
    disguises['html']?.(value) ?? '',
    disguises['hex']?.(value) ?? '',
  ];
  // Letters that depend on the value alone, wherever it begins in a group of three bytes.
  const coresOf = (text: string) =>
    ['', 'a', 'ab'].flatMap((lead) => {
      const encoded = Buffer.from(lead + text).toString('base64');
      const core = encoded.slice(lead.length === 0 ? 0 : lead.length + 1, Math.floor(((lead.length + Buffer.byteLength(text)) * 8) / 6));
      return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
    });
  const inBase64 = [...coresOf(value), ...(isIssued ? [] : coresOf(value).flatMap(coresOf))];
  return [...new Set([...readings.flatMap((text) => [text, latin1(text), latin1(text.slice(0, -2))]), ...inBase64])].filter(
    ({ length }) => length >= 8,
  );
}

/** Looks for canaries in outputs, byte by byte; counts what it has looked at. */
export class CanaryScan {
  bytes = 0;
  readonly #spellings = new Map<string, string>();

  constructor(canaries: readonly Canary[]) {
    for (const canary of canaries) for (const text of spellingsOf(canary)) this.#spellings.set(text.toLowerCase(), canary.label);
  }

  /** Every canary in an output, with what stands around it. */
  find(name: string, output: string | Uint8Array): string[] {
    const bytes = typeof output === 'string' ? Buffer.from(output) : Buffer.from(output);
    this.bytes += bytes.byteLength;
    const text = bytes.toString('latin1').toLowerCase();
    // As it reads when the lines of base64 are joined.
    const unwrapped = text.replaceAll(/(?:\r?\n|(?:\\r)?\\n)(?=[a-z0-9+/_-])/g, '');
    const found: string[] = [];
    for (const [spelling, label] of this.#spellings) {
      const at = text.indexOf(spelling);
      if (at < 0 && spelling.length > 30 && unwrapped.includes(spelling))
        found.push(`${name}: ${label} as ${spelling.slice(0, 24)}… in lines`);
      if (at >= 0)
        found.push(`${name}: ${label} as ${spelling.slice(0, 24)}… in ${text.slice(Math.max(0, at - 60), at + spelling.length + 20)}`);
    }
    return found;
  }
}
