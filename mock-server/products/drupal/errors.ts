/**
 * Core's error documents: JSON, XML, JSON:API, HTML page or plain text, by the format that was known when the error happened.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import { escapeHtml } from '../../php/text.ts';
import type { Site } from '../../site.ts';
import { coreEdition } from './core-edition.ts';
import { FatalError, HttpException, UnexpectedError } from './exception.ts';
import { errorDocument } from './jsonapi/error-document.ts';
import type { Progress } from './kernel.ts';
import { pageReply } from './page.ts';
import { insteadOfRefusal } from './pages.ts';
import { redirectReply } from './redirect.ts';
import { jsonReply, textReply, type Reply } from './reply.ts';
import type { Request } from './request.ts';

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

export function renderException(error: unknown, request: Request, site: Site, progress: Progress): Reply {
  if (error instanceof UnexpectedError) {
    return progress.format === 'api_json'
      ? errorDocument(new HttpException(500, error.message), request, site)
      : unexpected(progress, site);
  }
  if (error instanceof FatalError) return fatal(site);
  if (!(error instanceof HttpException)) throw error;
  return { ...inFormat(error, request, site, progress), ...(error.keptFromPageCache && { keptFromPageCache: true }) };
}

/** Some refused pages lead elsewhere; also while the site is closed. */
export function redirectInstead(error: unknown, request: Request, site: Site, { match, account }: Progress): Reply | undefined {
  if (!(error instanceof HttpException) || error.status !== 403 || match === undefined) return undefined;
  const elsewhere = insteadOfRefusal(match.route, error.message, account, request);
  return elsewhere === undefined ? undefined : redirectReply(302, elsewhere, site);
}

function inFormat(error: HttpException, request: Request, site: Site, { format = 'html' }: Progress): Reply {
  const { status, message, cacheability } = error;
  const headers: HeaderLine[] = [...error.headers];
  if (format === 'api_json') return errorDocument(error, request, site);
  if (status === 503) return maintenance(error, format, site);
  if (format === 'json') return { ...jsonReply(status, { message }, headers), cacheability };
  if (format === 'xml') return { ...xmlReply(status, message, headers), cacheability };
  const edition = coreEdition(site.drupal.major);
  if (format === 'html' && (status !== 400 || edition.themesBadRequests)) return errorPage(status, site, headers);
  // Core 9 fails while it writes the refusal: what shows is the unexpected error, with the status of the refusal.
  if (!edition.writesUnknownFormats && format !== 'html') return textReply(status, edition.unexpectedText, headers);
  return { ...textReply(status, message, headers), cacheability };
}

function errorPage(status: number, site: Site, headers: HeaderLine[]): Reply {
  const title = pageTitles[status] ?? 'Client error';
  return pageReply(status, title, `<p>${escapeHtml(pageTexts[status] ?? '')}</p>`, site, headers);
}

/** Not themed as other pages are: nothing of it is cacheable. */
function maintenance({ message, headers, cacheability }: HttpException, format: string, site: Site): Reply {
  if (format !== 'html') return textReply(503, message, [...headers]);
  const page = pageReply(503, pageTitles[503] ?? '', `<p>${escapeHtml(message)}</p>`, site, [...headers]);
  const dependsOn = cacheability === 'poor' ? 'poor' : 'good';
  return { status: page.status, headers: page.headers, body: page.body, cacheability: dependsOn, keptFromPageCache: true };
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
function unexpected({ format }: Progress, site: Site): Reply {
  const plain = format !== undefined && format !== 'html';
  return {
    status: 500,
    reason: unhandledReason,
    headers: [['Content-Type', `text/${plain ? 'plain' : 'html'}; charset=UTF-8`]],
    body: coreEdition(site.drupal.major).unexpectedText,
  };
}

/** PHP ended before or outside Drupal's response handling. */
export function fatal(site: Site): Reply {
  return {
    status: 500,
    reason: unhandledReason,
    headers: [
      ['Cache-Control', 'no-cache, private'],
      ['Content-type', 'text/html; charset=UTF-8'],
    ],
    body: `${coreEdition(site.drupal.major).unexpectedText}<br />`,
    bare: true,
  };
}

const unhandledReason = '500 Service unavailable (with message)';
