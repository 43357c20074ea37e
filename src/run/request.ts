/**
 * From a request template to the bytes that are sent.
 *
 * @module
 */
import type { FieldList, RequestTemplate } from '../model/catalogue.ts';
import type { HeaderLine, WireRequest } from '../model/exchange.ts';
import type { Target } from '../model/target.ts';
import { orLeftOut, substitute, type Lookup } from '../spec/variables.ts';

/** Resolves a value's name; throws MissingVariable. */
export type { Lookup };

const multipartBoundary = 'dac-form-boundary-7MA4YWxkTrZu0gW';

/**
 * Builds the request for a target.
 *
 * @throws MissingVariable when a `${…}` has no value.
 */
export function buildRequest(template: RequestTemplate, target: Target, lookup: Lookup, userAgent: string): WireRequest {
  const text = (value: string) => String(substitute(value, lookup));
  const basePath = basePathOf(target);
  const headers: HeaderLine[] = [];
  if (!template.headers.some(([name]) => name.toLowerCase() === 'user-agent')) headers.push(['User-Agent', userAgent]);
  headers.push(...fieldsOf(template.headers, text));
  for (const [name, value] of Object.entries(target.headers ?? {})) headers.push([name, value]);

  const encoded = encodeBody(template, text, lookup);
  if (encoded?.contentType !== undefined && !headers.some(([name]) => name.toLowerCase() === 'content-type')) {
    headers.push(['Content-Type', encoded.contentType]);
  }
  const request: WireRequest = {
    method: text(template.method),
    path: basePath + withQuery(escapePath(text(template.path)), template.query, text),
    headers,
    ...(encoded === undefined ? {} : { body: encoded.bytes }),
  };
  if (template.raw === undefined) return request;
  return { ...request, raw: rawMessage(text(template.raw)) };
}

const basePaths = new WeakMap<Target, string>();

/** Sub-folder of a target, without a slash at its end. */
function basePathOf(target: Target): string {
  let path = basePaths.get(target);
  if (path === undefined) basePaths.set(target, (path = new URL(target.baseUrl).pathname.replace(/\/$/, '')));
  return path;
}

/** Fields with their values; one whose value names an optional key that the target lacks is left out. */
function fieldsOf(fields: FieldList, text: (value: string) => string): readonly (readonly [string, string])[] {
  return fields.flatMap(([name, value]) => orLeftOut(() => [[text(name), text(value)] as const]));
}

/** What no request line can carry (space, control characters, non-ASCII) is percent-encoded; everything else stays as written. */
function escapePath(path: string): string {
  return path.replace(/[^\x21-\x7e]+/g, (run) => percentEncode(run));
}

function withQuery(path: string, query: FieldList, text: (value: string) => string): string {
  const fields = fieldsOf(query, text);
  if (fields.length === 0) return path;
  const pairs = fields.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join('&');
  return `${path}${path.includes('?') ? '&' : '?'}${pairs}`;
}

function encodeBody(
  template: RequestTemplate,
  text: (value: string) => string,
  lookup: Lookup,
): { bytes: Uint8Array; contentType?: string } | undefined {
  const { body } = template;
  if (body === undefined) return undefined;
  switch (body.kind) {
    case 'form':
      return {
        bytes: Buffer.from(
          fieldsOf(body.fields, text)
            .map(([name, value]) => `${formEncode(name)}=${formEncode(value)}`)
            .join('&'),
        ),
        contentType: 'application/x-www-form-urlencoded',
      };
    case 'multipart': {
      const parts = fieldsOf(body.fields, text).map(
        ([name, value]) =>
          `--${multipartBoundary}\r\nContent-Disposition: form-data; name="${name.replaceAll('"', '%22')}"\r\n\r\n${value}\r\n`,
      );
      return {
        bytes: Buffer.from(`${parts.join('')}--${multipartBoundary}--\r\n`),
        contentType: `multipart/form-data; boundary=${multipartBoundary}`,
      };
    }
    case 'json':
      return { bytes: Buffer.from(JSON.stringify(substitute(body.value, lookup))), contentType: 'application/json' };
    case 'text':
      return { bytes: Buffer.from(text(body.value)) };
  }
}

/** application/x-www-form-urlencoded (WHATWG URL 5.2), for any text: a lone surrogate becomes U+FFFD. */
function formEncode(value: string): string {
  return percentEncode(value)
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function percentEncode(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

/** Line ends become CRLF in the head; the body (after the first empty line) stays as written. */
function rawMessage(text: string): Uint8Array {
  const normal = text.replaceAll('\r\n', '\n');
  const end = normal.indexOf('\n\n');
  const head = end < 0 ? normal.replace(/\n$/, '') : normal.slice(0, end);
  const body = end < 0 ? '' : normal.slice(end + 2);
  return Buffer.concat([Buffer.from(`${head.replaceAll('\n', '\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)]);
}
