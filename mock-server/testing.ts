/**
 * Small helpers for the tests of the mock: a site on a clock that stands still, and requests in one line.
 *
 * @module
 */
import type { HeaderLine, WireRequest, WireResponse } from '../src/model/exchange.ts';
import { bodyText, headerValue } from '../src/model/exchange.ts';
import { answer } from './answer.ts';
import { encodeUtf8 } from './bytes.ts';
import { createSite } from './create-site.ts';
import { defaultSite } from './default-site.ts';
import type { Site } from './site.ts';
import type { SiteFile } from './site-file.ts';

/** 2026-11-23T12:00:00Z. */
export const noon = Date.UTC(2026, 10, 23, 12);

export function siteOf(profile: string, changes: (file: SiteFile) => SiteFile = (file) => file): Site {
  const file = defaultSite(profile);
  if (file === undefined) throw new Error(`no default site for ${profile}`);
  return createSite(changes(file), { now: () => noon });
}

export interface Reply {
  readonly status: number;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: Record<string, unknown>;
  readonly raw: WireResponse;
  header(name: string): string | undefined;
}

type Headers = Readonly<Record<string, string>>;

export function ask(site: Site, method: string, path: string, headers: Headers = {}, body?: string): Reply {
  const lines: HeaderLine[] = [['Host', 'site.example'], ...Object.entries(headers)];
  const request: WireRequest = { method, path, headers: lines, ...(body === undefined ? {} : { body: encodeUtf8(body) }) };
  return readReply(answer(request, site));
}

export function get(site: Site, path: string, headers: Headers = {}): Reply {
  return ask(site, 'GET', path, headers);
}

export function postForm(site: Site, path: string, form: Readonly<Record<string, string>>, headers: Headers = {}): Reply {
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
  return ask(site, 'POST', path, { ...type, ...headers }, new URLSearchParams(form).toString());
}

export function readReply(raw: WireResponse): Reply {
  const text = bodyText(raw.body);
  return {
    status: raw.status,
    text,
    get json() {
      return JSON.parse(text) as Record<string, unknown>;
    },
    raw,
    header: (name) => headerValue(raw.headers, name),
  };
}
