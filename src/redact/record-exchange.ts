/**
 * Turns an exchange into what a report may hold: every part masked, bodies cut to a limit.
 *
 * @module
 */
import { isUtf8 } from 'node:buffer';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { headerValue, type Exchange, type WireRequest, type WireResponse } from '../model/exchange.ts';
import type { RecordedBody, RecordedExchange } from '../model/record.ts';
import { latin1 } from './encodings.ts';
import type { Vault } from './vault.ts';

interface RecordLimits {
  /** Characters of a body that are kept. Default 65536. */
  readonly maxBodyCharacters?: number;
}

const defaultBodyCharacters = 65_536;
/** Of longer bodies only the beginning is looked at for tokens that nobody captured. */
const maxLearnedCharacters = 1_048_576;
/** An answer that hands out more tokens, or parts of private keys, than this is kept without its body. */
const maxLearnedTokens = 200;

/**
 * Records an exchange. Tokens and session cookies in the answer are made secret first (`token:access_token`, `cookie:SESS…`), so that also one that nobody
 * asked for, such as a token for a wrong password, does not reach the report. A raw request is recorded as its whole message in `body`.
 *
 * @param baseUrl of the target; a user or password in it is left out.
 */
export function recordExchange(exchange: Exchange, baseUrl: string, vault: Vault, limits: RecordLimits = {}): RecordedExchange {
  const maxCharacters = limits.maxBodyCharacters ?? defaultBodyCharacters;
  const { request, response, failure, timing } = exchange;
  const isFlood = !learnSecrets(response ?? failure?.partial, vault);
  const body = request.raw ?? request.body;
  const recordedResponse = response === undefined ? undefined : recordResponse(response, vault, isFlood ? 0 : maxCharacters);
  const tokens = recordedResponse?.body.text === undefined ? undefined : vault.decodedIn(recordedResponse.body.text);
  return {
    request: {
      method: vault.mask(request.method),
      url: vault.mask(urlOf(request, baseUrl)),
      headers: vault.maskHeaders(request.headers),
      ...(body === undefined ? {} : { body: recordBody(body, vault, maxCharacters) }),
      ...(request.raw === undefined ? {} : { raw: true }),
    },
    ...(recordedResponse === undefined ? {} : { response: recordedResponse }),
    ...(failure === undefined ? {} : { failure: { kind: failure.kind, message: vault.mask(failure.message) } }),
    ...(tokens === undefined ? {} : { tokens }),
    timing,
  };
}

function recordResponse(response: WireResponse, vault: Vault, maxCharacters: number): NonNullable<RecordedExchange['response']> {
  return {
    httpVersion: response.httpVersion,
    status: response.status,
    reason: vault.mask(response.reason),
    headers: vault.maskHeaders(response.headers),
    body: recordBody(response.body, vault, maxCharacters, headerValue(response.headers, 'content-encoding')),
  };
}

function recordBody(body: Uint8Array, vault: Vault, maxCharacters: number, coding?: string): RecordedBody {
  const bytes = body.byteLength;
  if (bytes === 0) return { text: '', bytes };
  if (maxCharacters === 0) return { bytes, truncated: true };
  // A secret that begins before the limit is masked whole, so a little more than the limit is looked at.
  const enough = maxCharacters + vault.longestSpan;
  const start = body.subarray(0, enough * 4);
  const text = decodeUtf8(start);
  if (text !== undefined) {
    const masked = vault.maskStart(text.slice(0, enough), maxCharacters);
    return { text: masked.text, bytes, ...(masked.isCut || text.length > enough || start.byteLength < bytes ? { truncated: true } : {}) };
  }
  const content = coding === undefined ? undefined : decompress(body, coding, maxCharacters * 4);
  if (content === 'unreadable') return { bytes, truncated: true };
  if (content !== undefined && vault.find(latin1(content)).length > 0) {
    // The bytes as they came would give the secret away to anyone who unpacks them.
    const { text: inner, base64, truncated } = recordBody(content, vault, maxCharacters);
    return {
      ...(inner === undefined ? {} : { text: inner }),
      ...(base64 === undefined ? {} : { base64 }),
      bytes,
      ...(truncated === true ? { truncated } : {}),
    };
  }
  const masked = vault.maskStart(latin1(body.subarray(0, enough)), maxCharacters);
  const isCut = masked.isCut || enough < bytes;
  return { base64: Buffer.from(masked.text, 'latin1').toString('base64'), bytes, ...(isCut ? { truncated: true } : {}) };
}

/** Undefined when the bytes are not UTF-8; a character cut at the end is left out. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return decoder.decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

/** Content behind a content-coding; undefined for one that is not known here, `unreadable` for one that is broken or too large when unpacked. */
function decompress(body: Uint8Array, coding: string, maxOutputLength: number): Uint8Array | 'unreadable' | undefined {
  const unpack = { gzip: gunzipSync, 'x-gzip': gunzipSync, deflate: inflateSync, br: brotliDecompressSync }[coding.trim().toLowerCase()];
  if (unpack === undefined) return undefined;
  try {
    return unpack(body, { maxOutputLength });
  } catch {
    return 'unreadable';
  }
}

function urlOf({ path }: WireRequest, baseUrl: string): string {
  if (/^https?:\/\//i.test(path)) return path;
  const [, scheme = '', host = ''] = /^([a-z]+:\/\/)(?:[^/?#]*@)?([^/?#]*)/i.exec(baseUrl) ?? [];
  return `${scheme}${host}${path}`;
}

// A value without blanks that is long enough to be a credential and stands under a name that says so.
const tokenMember = /"((?:[A-Za-z]{1,20}[_-]){0,3}token|jwt)"\s*:\s*"((?:[^"\\\s]|\\[^\s]){16,8192})"/gi;
const tokenParameter = /[?#&]((?:[a-z]{1,20}_)?token|code)=([^&#\s]{16,8192})/gi;
const sessionName = /^S?SESS[0-9A-Za-z]*$|session|sess|sid|auth|token|jwt/i;
const shortestSession = 16;

/** Makes secret what an answer hands out, whether it was expected or not; false when that is more than can be. */
function learnSecrets(response: Partial<WireResponse> | undefined, vault: Vault): boolean {
  if (response === undefined) return true;
  for (const [name, value] of response.headers ?? []) {
    const field = name.toLowerCase();
    if (field === 'set-cookie') {
      const [pair = ''] = value.split(';', 1);
      const equals = pair.indexOf('=');
      const [cookie, secret] = [pair.slice(0, Math.max(0, equals)).trim(), pair.slice(equals + 1)];
      if (sessionName.test(cookie) && secret.length >= shortestSession) vault.add(`cookie:${cookie}`, secret, { kind: 'token' });
    } else if (field === 'location') {
      for (const [, parameter, secret] of value.matchAll(tokenParameter)) learn(String(parameter), decodeParameter(String(secret)), vault);
    }
  }
  const { body } = response;
  if (body === undefined || body.byteLength < 24) return true;
  const bytes = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, maxLearnedCharacters));
  const start = bytes.toString('latin1');
  let tokens = 0;
  for (const { member, value } of privateKeysIn(start)) {
    if (++tokens > maxLearnedTokens) return false;
    vault.add(`private-key.${member}`, value);
  }
  if (!/token|jwt/i.test(start)) return true;
  for (const [, member, secret] of bytes.toString('utf8').matchAll(tokenMember)) {
    if (++tokens > maxLearnedTokens) return false;
    learn(String(member), unescapeJson(String(secret)), vault);
  }
  return true;
}

/** The private members of a JSON Web Key (RFC 7518 6.2.2, 6.3.2, 6.4.1), and the lines of a private key in PEM (RFC 7468), which no answer should hold. */
function* privateKeysIn(text: string): Iterable<{ readonly member: string; readonly value: string }> {
  if (text.includes('"kty"')) {
    for (const [, member = '', value = ''] of text.matchAll(/"(d|p|q|dp|dq|qi|k)"\s*:\s*"([A-Za-z0-9_-]{16,4096})"/g))
      yield { member, value };
  }
  for (const [, lines = ''] of text.matchAll(/-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----([^-]{1,20000})/g)) {
    for (const line of lines.split(/\s+|(?:\\r)?\\n/)) if (line.length >= 32) yield { member: 'pem', value: line };
  }
}

function learn(field: string, value: string, vault: Vault): void {
  vault.add(`token:${field.toLowerCase()}`, value);
}

function unescapeJson(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}

function decodeParameter(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
