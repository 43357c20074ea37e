/**
 * Core's error documents: JSON, XML, HTML page or plain text, by the format that was known when the error happened.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import type { Site } from '../../site.ts';
import { HttpException, UnexpectedError } from './exception.ts';
import type { Progress } from './kernel.ts';
import { escapeHtml, pageReply } from './page.ts';
import { jsonReply, textReply, type Reply } from './reply.ts';

const pageTitles: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Access denied',
  404: 'Page not found',
  503: 'Site under maintenance',
};

const pageTexts: Readonly<Record<number, string>> = {
  403: 'You are not authorized to access this page.',
  404: 'The requested page could not be found.',
};

export function renderException(error: unknown, site: Site, progress: Progress): Reply {
  if (error instanceof UnexpectedError) return unexpected(progress);
  if (!(error instanceof HttpException)) throw error;
  const headers: HeaderLine[] = [...error.headers];
  const format = progress.format ?? 'html';
  if (format === 'json') {
    if (error.status === 503) return textReply(503, error.message, headers);
    const reply = jsonReply(error.status, { message: error.message }, headers);
    reply.dynamicCache = 'UNCACHEABLE (no cacheability)';
    return reply;
  }
  if (format === 'xml') return { ...xmlReply(error.status, error.message, headers), dynamicCache: 'UNCACHEABLE (no cacheability)' };
  if (format === 'html' && error.status !== 400) {
    const text = error.status === 503 ? error.message : (pageTexts[error.status] ?? '');
    const reply = pageReply(
      error.status,
      pageTitles[error.status] ?? 'A client error happened',
      `<p>${escapeHtml(text)}</p>`,
      site,
      headers,
    );
    reply.cacheable = error.status === 403 || error.status === 404 || error.status === 405;
    return reply;
  }
  return { ...textReply(error.status, error.message, headers), dynamicCache: 'UNCACHEABLE (no cacheability)' };
}

function xmlReply(status: number, message: string, headers: HeaderLine[]): Reply {
  const text = /[<>&]/.test(message) ? `<![CDATA[${message}]]>` : message;
  return {
    status,
    headers: [...headers, ['Content-Type', 'text/xml; charset=UTF-8']],
    body: `<?xml version="1.0"?>\n<response><message>${text}</message></response>\n`,
  };
}

/** What Drupal shows for anything it does not handle, with error display off. */
function unexpected({ format }: Progress): Reply {
  const plain = format !== undefined && format !== 'html';
  return {
    status: 500,
    reason: '500 Service unavailable (with message)',
    headers: [['Content-Type', `text/${plain ? 'plain' : 'html'}; charset=UTF-8`]],
    body: 'The website encountered an unexpected error. Try again later.',
    dynamicCache: 'UNCACHEABLE (no cacheability)',
  };
}
