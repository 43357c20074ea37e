/**
 * HAR 1.2: every exchange of the run, one page per case, for the network panel of a browser. Streamed; secrets were masked when they were recorded.
 *
 * @module
 */
import { headerValue, headerValues } from '../../model/exchange.ts';
import type { HeaderLine } from '../../model/exchange.ts';
import type { RecordedExchange, RecordedRequest, RecordedResponse } from '../../model/record.ts';
import { jsonText } from '../../support/json-text.ts';
import { standingOfCase } from '../digest.ts';
import type { Reporter, ReporterContext } from '../reporter.ts';
import { visible } from '../text.ts';

interface Page {
  readonly startedDateTime: string;
  readonly id: string;
  readonly title: string;
  readonly pageTimings: Readonly<Record<string, never>>;
  readonly comment: string;
}

/** Entries first, pages after them: pages are small and kept, entries hold the bodies and are not. */
export function harReporter({ write }: ReporterContext): Reporter {
  const pages: Page[] = [];
  let startedAtMs = 0;
  let entries = 0;
  let isOpen = false;

  async function finish(): Promise<void> {
    isOpen = false;
    await write(`\n],\n"pages": [${pages.map((page) => `\n${jsonText(page)}`).join(',')}\n]\n}\n}\n`);
  }

  return {
    onHeader(header) {
      isOpen = true;
      const start = Date.parse(header.startedAt);
      startedAtMs = Number.isNaN(start) ? 0 : start;
      const creator = { name: header.suite.name, version: header.suite.version };
      return write(`{\n"log": {\n"version": "1.2",\n"creator": ${jsonText(creator)},\n"entries": [`);
    },
    async onCase(record) {
      const exchanges = record.steps.flatMap((step) => step.exchanges.map((exchange) => ({ step: step.name, exchange })));
      if (exchanges.length === 0) return;
      const id = `case_${pages.length + 1}`;
      pages.push({
        startedDateTime: instant(startedAtMs + record.startedMs),
        id,
        title: visible(`${record.address} [${record.target}]`),
        pageTimings: {},
        comment: visible(`${standingOfCase(record)}: ${record.title}`),
      });
      for (const { step, exchange } of exchanges) {
        entries += 1;
        await write(`${entries === 1 ? '' : ','}\n${jsonText(entryOf(exchange, id, step, startedAtMs))}`);
      }
    },
    onFooter: () => finish(),
    close: () => (isOpen ? finish() : undefined),
  };
}

function entryOf(exchange: RecordedExchange, pageref: string, step: string, startedAtMs: number): Readonly<Record<string, unknown>> {
  const { request, response, failure, timing } = exchange;
  const total = Math.max(0, timing.endedMs - timing.startedMs);
  const wait = timing.firstByteMs === undefined ? total : Math.max(0, timing.firstByteMs - timing.startedMs);
  const comment = [
    `step ${step}`,
    request.raw === true ? 'sent as raw bytes' : undefined,
    failure === undefined ? undefined : `${failure.kind}: ${failure.message}`,
  ];
  return {
    pageref,
    startedDateTime: instant(startedAtMs + timing.startedMs),
    time: round(total),
    request: requestOf(request),
    response: response === undefined ? noResponse : responseOf(response),
    cache: {},
    timings: { blocked: -1, dns: -1, connect: -1, send: 0, wait: round(wait), receive: round(total - wait) },
    comment: visible(comment.filter((part) => part !== undefined).join('; ')),
    ...(failure === undefined ? {} : { _error: failure.kind }),
  };
}

function requestOf(request: RecordedRequest): Readonly<Record<string, unknown>> {
  const url = linkable(request.url);
  const mimeType = headerValue(request.headers, 'content-type') ?? '';
  const body = request.body;
  return {
    method: request.method,
    url,
    httpVersion: 'HTTP/1.1',
    cookies: headerValues(request.headers, 'cookie').flatMap((line) => line.split(';').map(cookieOf)),
    headers: request.headers.map(headerOf),
    queryString: URL.canParse(url) ? [...new URL(url).searchParams].map(([name, value]) => ({ name, value })) : [],
    ...(body === undefined
      ? {}
      : { postData: { mimeType, text: body.text ?? body.base64 ?? '', ...(body.text === undefined ? { comment: 'base64' } : {}) } }),
    headersSize: -1,
    bodySize: body?.bytes ?? 0,
  };
}

function responseOf(response: RecordedResponse): Readonly<Record<string, unknown>> {
  const { body } = response;
  const content = {
    size: body.bytes,
    mimeType: headerValue(response.headers, 'content-type') ?? 'x-unknown',
    ...(body.text === undefined ? { text: body.base64 ?? '', encoding: 'base64' } : { text: body.text }),
    ...(body.truncated === true ? { comment: 'cut when it was recorded' } : {}),
  };
  return {
    status: response.status,
    statusText: response.reason,
    httpVersion: /^\d/.test(response.httpVersion) ? `HTTP/${response.httpVersion}` : response.httpVersion,
    cookies: headerValues(response.headers, 'set-cookie').map((line) => cookieOf(line.split(';')[0] ?? '')),
    headers: response.headers.map(headerOf),
    content,
    redirectURL: headerValue(response.headers, 'location') ?? '',
    headersSize: -1,
    bodySize: body.bytes,
  };
}

/** As browsers write a request without an answer: status 0. */
const noResponse = {
  status: 0,
  statusText: '',
  httpVersion: '',
  cookies: [],
  headers: [],
  content: { size: 0, mimeType: 'x-unknown' },
  redirectURL: '',
  headersSize: -1,
  bodySize: -1,
};

function headerOf([name, value]: HeaderLine): { name: string; value: string } {
  return { name, value };
}

function cookieOf(pair: string): { name: string; value: string } {
  const at = pair.indexOf('=');
  return at === -1 ? { name: pair.trim(), value: '' } : { name: pair.slice(0, at).trim(), value: pair.slice(at + 1).trim() };
}

/** The URL with everything encoded that RFC 3986 does not allow, such as the braces of a placeholder. */
function linkable(url: string): string {
  const encoded = url.replace(/[^\w\-.~:/?#[\]@!$&'()*+,;=%]/gu, (character) =>
    encodeURIComponent(character.isWellFormed() ? character : '\ufffd'),
  );
  const at = encoded.indexOf('?');
  // Brackets are allowed in an IPv6 host only.
  return at === -1
    ? encoded
    : encoded.slice(0, at) +
        encoded
          .slice(at)
          .replaceAll('[', '%5B')
          .replaceAll(']', '%5D')
          .replace(/%(?![0-9A-Fa-f]{2})/g, '%25');
}

function instant(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
