/**
 * A request as PHP and Symfony see it: header names folded, parameters parsed on first use.
 *
 * @module
 */
import type { WireRequest } from '../../../src/model/exchange.ts';
import { decodeUtf8, latin1ToUtf8 } from '../../bytes.ts';
import { decodePercent, mostFormParameters, noParams, parsePhpParams, type PhpArray } from '../../php/params.ts';
import { parseMultipart } from '../../php/multipart.ts';
import { recalling } from '../../recall.ts';
import type { ServerKind, Site } from '../../site.ts';

export class Request {
  readonly wire: WireRequest;
  /** After X-HTTP-Method-Override; upper case. */
  readonly method: string;
  /** REQUEST_URI: path and query as sent; a fragment, which no client should send, is cut off. */
  readonly uri: string;
  /** Query string as sent, without `?`. */
  readonly queryString: string;
  /** Folder and front controller in front of the path, e.g. `/drupal` or `/index.php`; links start with it. */
  readonly basePath: string;
  /** Path without base path, as sent. */
  readonly rawPath: string;
  /** Path that Drupal routes: decoded, without base path, starting with `/`. */
  readonly path: string;
  readonly #headers: Map<string, string>;
  /** Where the site listens: what the built-in server puts in the place of a missing Host. */
  readonly #fallbackHost: string;
  #query: PhpArray | undefined;
  #form: PhpArray | undefined;
  #body: string | undefined;

  constructor(wire: WireRequest, headers: Map<string, string>, site: Site) {
    this.wire = wire;
    this.#headers = headers;
    this.#fallbackHost = /^https?:\/\/([^/]+)/.exec(site.url)?.[1] ?? 'localhost';
    // A proxy sends the absolute form (RFC 9112 3.2.2); servers hand on the path.
    const given = wire.path.startsWith('/') ? wire.path : wire.path.replace(/^https?:\/\/[^/?]*/i, '');
    const target = given.replace(/#.*$/s, '');
    this.uri = target;
    const mark = target.indexOf('?');
    const rawPath = mark < 0 ? target : target.slice(0, mark);
    this.queryString = mark < 0 ? '' : target.slice(mark + 1);
    const { basePath, path } = splitBase(rawPath, site.drupal.basePath);
    this.basePath = basePath;
    this.rawPath = path;
    this.path = decodePercent(path);
    this.method = wire.method === 'POST' ? this.#overriddenMethod() : wire.method.toUpperCase();
  }

  /** The value as PHP sees it: repeated headers joined with a comma. Undefined: not sent. */
  header(name: string): string | undefined {
    return this.#headers.get(name);
  }

  get isSafe(): boolean {
    return this.method === 'GET' || this.method === 'HEAD';
  }

  get query(): PhpArray {
    return (this.#query ??= parseQuery(this.queryString));
  }

  get bodyText(): string {
    return (this.#body ??= this.wire.body === undefined ? '' : decodeUtf8(this.wire.body));
  }

  /** `$_POST`: form and multipart bodies of POST (Symfony also reads form bodies of PUT, DELETE and PATCH). */
  get form(): PhpArray {
    return (this.#form ??= this.#readForm());
  }

  get contentType(): string | undefined {
    return this.header('content-type');
  }

  get host(): string {
    return this.header('host')?.toLowerCase() ?? this.#fallbackHost;
  }

  /** Scheme and host, without a path. */
  get origin(): string {
    return `http://${this.host}`;
  }

  /** Absolute URL of a path of this site, for links. */
  url(path: string): string {
    return `${this.origin}${this.basePath}${path}`;
  }

  /** The `_format` parameter; undefined: not given, or empty. */
  get format(): string | undefined {
    if (this.queryString === '') return undefined;
    const value = this.query['_format'];
    if (typeof value === 'object') return 'Array';
    return value === '' ? undefined : value;
  }

  get cookies(): Readonly<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const part of (this.header('cookie') ?? '').split(';')) {
      const equals = part.indexOf('=');
      if (equals > 0) found[part.slice(0, equals).trim()] = part.slice(equals + 1).trim();
    }
    return found;
  }

  #overriddenMethod(): string {
    const override = this.header('x-http-method-override')?.toUpperCase();
    return override !== undefined && /^[A-Z]+$/.test(override) ? override : 'POST';
  }

  #readForm(): PhpArray {
    const type = (this.contentType ?? '').toLowerCase();
    const media = type.split(';', 1)[0]?.trim() ?? '';
    if (media === 'application/x-www-form-urlencoded') {
      return ['POST', 'PUT', 'PATCH', 'DELETE'].includes(this.wire.method) ? parsePhpParams(this.bodyText, mostFormParameters) : noParams;
    }
    if (media === 'multipart/form-data' && this.wire.method === 'POST') return parseMultipart(this.bodyText, this.contentType ?? '');
    return noParams;
  }
}

/** Nobody writes into a parsed query. */
const parseQuery = recalling((text: string) => parsePhpParams(text));

/**
 * Header names in lower case with dashes; values joined; UTF-8 where the bytes are. PHP's own server keeps names with underscores
 * and trailing blanks of values; Apache and nginx keep neither.
 */
export function foldHeaders(wire: WireRequest, kind: ServerKind): Map<string, string> {
  const isBare = kind === 'php-s';
  const folded = new Map<string, string>();
  for (const [name, value] of wire.headers) {
    let key = name.toLowerCase();
    if (key.includes('_')) {
      if (!isBare) continue;
      key = key.replaceAll('_', '-');
    }
    const before = folded.get(key);
    const text = latin1ToUtf8(isBare ? value.trimStart() : value.trim());
    folded.set(key, before === undefined ? text : before + (key === 'cookie' ? '; ' : ', ') + text);
  }
  return folded;
}

function splitBase(rawPath: string, folder: string): { basePath: string; path: string } {
  let basePath = folder;
  let path = rawPath.slice(folder.length);
  if (path === '/index.php' || path.startsWith('/index.php/')) {
    basePath += '/index.php';
    path = path.slice('/index.php'.length);
  }
  return { basePath, path: path === '' ? '/' : path };
}
