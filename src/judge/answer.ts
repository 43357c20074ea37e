/**
 * A response as the checks look at it: text and JSON are decoded once, on demand.
 *
 * @module
 */
import { bodyText, headerValue, type WireResponse } from '../model/exchange.ts';
import { parseShallowJson, TooDeepError } from '../support/json-depth.ts';

export type ParsedJson = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string };

export interface Answer {
  readonly response: WireResponse;
  readonly text: string;
  readonly json: ParsedJson;
}

export function viewAnswer(response: WireResponse): Answer {
  let text: string | undefined;
  let json: ParsedJson | undefined;
  return {
    response,
    get text() {
      return (text ??= bodyText(response.body));
    },
    get json() {
      return (json ??= parseJson(response.body, this.text));
    },
  };
}

/** Parses strictly: RFC 8259 8.1 wants UTF-8 and forbids a byte order mark, and one JSON text is all there may be. */
function parseJson(body: Uint8Array, text: string): ParsedJson {
  if (body.length === 0) return { ok: false, reason: 'an empty body' };
  if (text.charCodeAt(0) === 0xfeff) return { ok: false, reason: 'a byte order mark before the JSON' };
  if (text.includes('\ufffd') && !isUtf8(body)) return { ok: false, reason: 'bytes that are no UTF-8' };
  try {
    return { ok: true, value: parseShallowJson(text) };
  } catch (error) {
    return { ok: false, reason: error instanceof TooDeepError ? error.message : describeNonJson(text) };
  }
}

function isUtf8(body: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(body);
    return true;
  } catch {
    return false;
  }
}

function describeNonJson(text: string): string {
  const start = text.trimStart().slice(0, 60).replace(/\s+/g, ' ');
  if (/^<(!doctype|html|head|body)/i.test(start)) return 'an HTML page';
  const brace = text.search(/[[{]/);
  if (brace > 0 && isJson(text.slice(brace))) return `text before the JSON: ${JSON.stringify(text.slice(0, Math.min(brace, 60)).trim())}`;
  return `no JSON: ${JSON.stringify(start)}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** `application/json` without parameters, lower case; undefined when there is none. */
export function mediaType(response: WireResponse): string | undefined {
  return headerValue(response.headers, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase();
}
