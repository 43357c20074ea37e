/**
 * Replays a recording against the mock that is configured as the recorded site, in order, with the mock's own tokens.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { answer } from '../../mock-server/answer.ts';
import { createSite } from '../../mock-server/create-site.ts';
import { parseJwt } from '../../mock-server/products/simple-oauth/jwt.ts';
import { simpleOauthOf } from '../../mock-server/products/simple-oauth/state.ts';
import type { ServerOptions, Site } from '../../mock-server/site.ts';
import type { SiteFile } from '../../mock-server/site-file.ts';
import { bodyText, headerValue, type HeaderLine, type WireRequest, type WireResponse } from '../../src/model/exchange.ts';
import { createBindings, labelOf, type Bindings } from './bindings.ts';
import { compareAnswers, type Difference } from './compare.ts';
import { bodyOf, headerValueOf, type RecordedExchange, type Recording } from './recording.ts';
import { story, type Event, type World } from './story.ts';
import { clientOfLabel, forge } from './tokens.ts';

export interface Result {
  readonly exchange: RecordedExchange;
  readonly differences: readonly Difference[];
  /** Why it could not be sent through `answer()`. */
  readonly unsendable?: string;
  readonly answered?: WireResponse;
}

const servers: Readonly<Record<string, Partial<ServerOptions>>> = {
  phps: { kind: 'php-s' },
  apache: { kind: 'apache-modphp' },
  'apache-ob0': { kind: 'apache-modphp', outputBuffering: 0 },
  fpm: { kind: 'apache-fpm' },
};

/** The site of a recording: `mo210-apache-ob0` is the site `mo210` behind another server. */
export function siteFileOf(key: string): SiteFile {
  const [name = '', server = 'phps'] = [key.slice(0, key.indexOf('-')), key.slice(key.indexOf('-') + 1)];
  const folder = join(dirname(fileURLToPath(import.meta.url)), 'sites');
  const file = parse(readFileSync(join(folder, `${name}.yaml`), 'utf8')) as SiteFile;
  const users =
    server === 'phps'
      ? file.users
      : file.users?.map((user) => ({
          ...user,
          ...((user.id === 1 || (name === 'mo113' && user.id === 5)) && { access: '2026-11-22T23:19:17Z' }),
        }));
  return { ...file, ...(users !== undefined && { users }), server: { ...file.server, ...servers[server] } };
}

export function replay(recording: Recording): Result[] {
  const player = new Player(recording);
  return recording.exchanges.map((exchange) => player.play(exchange));
}

class Player {
  readonly site: Site;
  readonly #bindings: Bindings = createBindings();
  readonly #host: string;
  #pending: readonly Event[];
  #group = '';
  /** Labels whose tokens the recording does not issue. */
  readonly #obtained = new Set<string>();

  constructor({ key, base, exchanges }: Recording) {
    const start = exchanges.map(dateOf).find((date) => date !== undefined);
    this.site = createSite({ ...siteFileOf(key), clock: new Date(start ?? 0).toISOString() }, { now: () => 0 });
    this.#host = new URL(base).host;
    this.site.url = base;
    this.#pending = story.filter(({ on }) => on.test(key));
  }

  play(exchange: RecordedExchange): Result {
    const unsendable = whyUnsendable(exchange) ?? this.#whyElsewhere(exchange);
    if (unsendable !== undefined) return { exchange, differences: [], unsendable };
    this.#enter(exchange);
    const answered = answer(this.#requestOf(exchange), this.site);
    const differences = compareAnswers(exchange, answered, this.#bindings);
    this.#learn(exchange, answered);
    return { exchange, differences, answered };
  }

  /** The reference site had consumers that this one lacks; what was asked of them was not asked here. */
  #whyElsewhere({ assumed, request, id }: RecordedExchange): string | undefined {
    if (assumed !== true || !this.site.products.has('simpleOauth')) return undefined;
    const { consumers } = simpleOauthOf(this.site);
    const labels = placeholders(JSON.stringify(request)).filter((label) => label.startsWith('jwt:') && !label.includes('forged'));
    const named = /client_id=(lab-[^&]*)/.exec(request.body ?? '')?.[1];
    const clients = [...labels.map((label) => clientOfLabel(label).clientId), ...(named === undefined ? [] : [decodeURIComponent(named)])];
    const missing = clients.find((client) => referenceConsumers().has(client) && !consumers.has(client) && !id.startsWith('res/state'));
    return missing === undefined ? undefined : `${missing} is a consumer of the reference only`;
  }

  /** Time passes, and whatever was done to the site before this exchange happens. */
  #enter(exchange: RecordedExchange): void {
    const [group = ''] = exchange.id.split('/');
    if (group !== this.#group) {
      // Each group was a run of its own, with tokens of its own.
      this.#bindings.forget((label) => label.startsWith('jwt:'));
      this.#group = group;
    }
    const date = exchange.assumed === true || exchange.jwt !== undefined || exchange.timing !== undefined ? undefined : dateOf(exchange);
    if (date !== undefined) this.#moveTo(date);
    const due = this.#pending.filter(({ before }) => before.test(exchange.id));
    this.#pending = this.#pending.filter((event) => !due.includes(event));
    for (const event of due) event.happens(this.#worldBefore(exchange));
    this.#tokensFor(exchange);
    this.#setInstant(exchange);
  }

  #worldBefore(exchange: RecordedExchange): World {
    return {
      rehearse: () => {
        this.#tokensFor(exchange);
        answer(this.#requestOf(exchange), this.site);
      },
      site: this.site,
      issue: (label) => String(parseJwt(this.#token(label) ?? this.#issue(label), false).claims['jti']),
      use: (label, path) => {
        const token = this.#bindings.get(label) ?? this.#issue(label);
        answer(this.#plain('GET', path, '', [['Authorization', `Bearer ${token}`]]), this.site);
      },
      send: (method, path, body) => void answer(this.#plain(method, path, body, [['Content-Type', 'application/json']]), this.site),
    };
  }

  /** The instant that the answer itself betrays, finer than its Date header. */
  #setInstant({ jwt, timing, assumed, request, response }: RecordedExchange): void {
    if (timing !== undefined) {
      const label = placeholders(JSON.stringify(request)).find((found) => found.startsWith('jwt:'));
      const token = label === undefined ? undefined : this.#bindings.get(label);
      const exp = token === undefined ? timing.exp : Number(parseJwt(token, false).claims['exp']);
      this.#moveTo((exp + timing.answered) * 1000);
    } else if (jwt !== undefined && assumed !== true) {
      // Configured lifetimes are multiples of five seconds; `expires_in` may be one second less.
      const advertised = Number(/"expires_in":(\d+)/.exec(response.body)?.[1]);
      this.#moveTo((Number(jwt.claims['exp']) - Math.ceil(advertised / 5) * 5) * 1000);
    }
  }

  /** Forward only. */
  #moveTo(epochMs: number): void {
    const seconds = (epochMs - this.site.clock.now()) / 1000;
    if (seconds > 0) this.site.clock.advance(seconds);
  }

  #requestOf({ request }: RecordedExchange): WireRequest {
    const { method, path, headers, body } = request.raw === undefined ? { ...request, body: bodyOf(request) } : parseRaw(request.raw);
    const text = body === undefined ? undefined : this.#bindings.translate(body);
    return {
      method,
      path: this.#bindings.translate(path),
      headers: headers.map(([name, value]): HeaderLine => [
        name,
        latin1(this.#withSession(this.#bindings.translate(headerValueOf(value)))),
      ]),
      ...(text !== undefined && { body: new TextEncoder().encode(text) }),
    };
  }

  #withSession(value: string): string {
    return value.replace(/SESS[0-9a-f]{8}…=\{\{session-id\}\}/, () => this.#bindings.sessionCookie);
  }

  #plain(method: string, path: string, body: string, headers: HeaderLine[] = []): WireRequest {
    return { method, path, headers: [['Host', this.#host], ...headers], body: new TextEncoder().encode(body) };
  }

  /** Tokens that the recorder had before this exchange. */
  #tokensFor({ request, response }: RecordedExchange): void {
    for (const label of placeholders(JSON.stringify(request))) {
      const token = this.#token(label);
      // The clock jumps where a group was taken from the reference; the recorder's token was fresh.
      const isStale = this.#obtained.has(label) && token !== undefined && response.status !== 401 && isExpired(token, this.site);
      if (token === undefined || isStale) this.#obtain(label);
    }
  }

  #token(label: string): string | undefined {
    return this.#bindings.get(label);
  }

  #obtain(label: string): void {
    this.#obtained.add(label);
    const forgery = /^(?:jwt|opaque):forged-(.+)#\d+$/.exec(label)?.[1];
    if (forgery === undefined) {
      if (label.startsWith('jwt:')) this.#issue(label);
      return;
    }
    const base = this.#group === 'graphql' ? 'jwt:gql#1' : 'jwt:lab-cc#1';
    const good = this.#token(base) ?? this.#issue(base);
    const made = forge(forgery, good, simpleOauthOf(this.site).key);
    if (made !== undefined) this.#bindings.set(label, made);
  }

  #issue(label: string): string {
    const { clientId, scope } = clientOfLabel(label);
    const form = `grant_type=client_credentials&client_id=${clientId}&client_secret=${clientId}-secret${scope === undefined ? '' : `&scope=${scope}`}`;
    const response = answer(this.#plain('POST', '/oauth/token', form, [['Content-Type', 'application/x-www-form-urlencoded']]), this.site);
    const token = /"access_token":"([^"]+)"/.exec(bodyText(response.body))?.[1];
    this.#bindings.set(label, token ?? 'no-token');
    return token ?? 'no-token';
  }

  #learn({ response }: RecordedExchange, answered: WireResponse): void {
    const cookie = /^(SESS[0-9a-f]+=[^;]*)/.exec(headerValue(answered.headers, 'set-cookie') ?? '')?.[1];
    if (cookie !== undefined && !cookie.endsWith('=deleted')) this.#bindings.sessionCookie = cookie;
    const token = /"access_token":"(\{\{jwt:[^"]+\}\})"/.exec(response.body)?.[1];
    const ours = /"access_token":"([^"]+)"/.exec(bodyText(answered.body))?.[1];
    if (token !== undefined && ours !== undefined) this.#bindings.set(labelOf(token), ours);
  }
}

/** Client ids of the site on which the Simple OAuth reference was recorded. */
function referenceConsumers(): ReadonlySet<string> {
  return (knownConsumers ??= new Set(siteFileOf('so609-phps').products?.simpleOauth?.consumers?.map(({ id }) => id)));
}

let knownConsumers: ReadonlySet<string> | undefined;

/** When it was answered, epoch milliseconds; a page from the cache carries the date of its first answer. */
function dateOf({ response }: RecordedExchange): number | undefined {
  const cached = response.headers.some(([name, value]) => name === 'X-Drupal-Cache' && value === 'HIT');
  const date = headerValue(response.headers, 'date');
  return cached || date === undefined ? undefined : Date.parse(date);
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\{(?:jwt|opaque):[^}]*\}\}/g)].map(([found]) => labelOf(found));
}

function isExpired(token: string, site: Site): boolean {
  return token.split('.').length === 3 && Number(parseJwt(token, false).claims['exp']) * 1000 < site.clock.now();
}

/** Header bytes as the wire carries them. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function whyUnsendable({ request, response }: RecordedExchange): string | undefined {
  if (response.status === null) return 'the connection was dropped without an answer';
  if (response.status < 200) return 'an interim answer was recorded in the place of the final one';
  if (request.raw?.includes(' HTTP/1.0\r\n') === true) return 'plain data has no protocol version';
  return undefined;
}

function parseRaw(raw: string): { method: string; path: string; headers: HeaderLine[]; body: string | undefined } {
  const end = raw.indexOf('\r\n\r\n');
  const [line = '', ...lines] = raw.slice(0, end).split('\r\n');
  const [method = '', path = ''] = line.split(' ');
  const headers = lines.map((text): HeaderLine => [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1).trim()]);
  const rest = raw.slice(end + 4);
  const chunked = headers.some(([name, value]) => name.toLowerCase() === 'transfer-encoding' && value === 'chunked');
  return { method, path, headers, body: rest === '' ? undefined : chunked ? unchunk(rest) : rest };
}

function unchunk(text: string): string {
  const length = Number.parseInt(text, 16);
  if (!(length > 0)) return '';
  const start = text.indexOf('\r\n') + 2;
  return text.slice(start, start + length) + unchunk(text.slice(start + length + 2));
}
