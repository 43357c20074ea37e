/**
 * Faults that a deployment adds on the way to Drupal, as decorators of a site's answer: a small faulty proxy.
 *
 * @module
 */
import { Buffer } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import type { FailureKind, HeaderLine, Transport, WireRequest, WireResponse } from '../../src/model/exchange.ts';
import { createInProcessTransport, type Answer } from '../../src/transport/in-process.ts';

export type Decorator = (next: Answer) => Answer;

function respond(status: number, reason: string, body: string, headers: readonly HeaderLine[] = []): WireResponse {
  return { httpVersion: '1.1', status, reason, headers: [['Content-Type', 'text/html'], ...headers], body: Buffer.from(body) };
}

/** A page as web server software writes it. */
export const serverPage = (status: number, reason: string, headers: readonly HeaderLine[] = []) =>
  respond(
    status,
    reason,
    `<html><head><title>${status} ${reason}</title></head><body><h1>${status} ${reason}</h1><hr><center>nginx</center></body></html>`,
    headers,
  );

export const otherPage = respond(200, 'OK', '<!doctype html><title>Company</title><div id="root"></div>');

const valueOf = (request: WireRequest, name: string) => request.headers.find(([key]) => key.toLowerCase() === name)?.[1];
const pathOf = (request: WireRequest) => request.path.split('?', 1)[0] as string;

/** The same answer to every request. */
export const always =
  (response: WireResponse): Decorator =>
  () =>
  () =>
    response;

/** An answer of its own for some requests. */
export const refuse =
  (which: (request: WireRequest) => boolean, response: WireResponse): Decorator =>
  (next) =>
  (request) =>
    which(request) ? response : next(request);

export const isFront = (request: WireRequest) => pathOf(request) === '/';
export const isMethod = (method: string) => (request: WireRequest) => request.method === method;
export const hasLong = (name: string, length: number) => (request: WireRequest) => (valueOf(request, name)?.length ?? 0) > length;
export const asks = (text: string) => (request: WireRequest) => request.body !== undefined && Buffer.from(request.body).includes(text);
export const isProgram = (request: WireRequest) => !(valueOf(request, 'user-agent') ?? '').startsWith('Mozilla/');

/** Everything but what is spared moves elsewhere. */
export const redirect =
  (status: number, to: (path: string) => string, spare: (request: WireRequest) => boolean = () => false): Decorator =>
  (next) =>
  (request) =>
    spare(request) ? next(request) : serverPage(status, 'Moved', [['Location', to(request.path)]]);

export const dropHeader =
  (name: string): Decorator =>
  (next) =>
  (request) =>
    next({ ...request, headers: request.headers.filter(([key]) => key.toLowerCase() !== name) });

export const setHeader =
  (name: string, value: string): Decorator =>
  (next) =>
  (request) =>
    next({ ...request, headers: [...request.headers.filter(([key]) => key.toLowerCase() !== name.toLowerCase()), [name, value]] });

/** Removes a header whose value fits. */
export const dropValue =
  (name: string, fits: RegExp): Decorator =>
  (next) =>
  (request) =>
    next({ ...request, headers: request.headers.filter(([key, value]) => key.toLowerCase() !== name || !fits.test(value)) });

/** Changes the body of every POST. */
export const changeBody =
  (change: (body: string) => string): Decorator =>
  (next) =>
  (request) =>
    next(request.body === undefined ? request : { ...request, body: Buffer.from(change(Buffer.from(request.body).toString('utf8'))) });

/** Changes some answers on their way back. */
export const changeAnswer =
  (which: (response: WireResponse) => boolean, change: (response: WireResponse) => WireResponse): Decorator =>
  (next) =>
  async (request) => {
    const response = await next(request);
    return which(response) ? change(response) : response;
  };

export const isError = ({ status }: WireResponse) => status >= 400;
export const isJson = ({ headers }: WireResponse) =>
  headers.some(([name, value]) => name.toLowerCase() === 'content-type' && value.startsWith('application/json'));

/** Some requests, then no more. */
export const limitRate =
  (allowed: number, refusal: WireResponse): Decorator =>
  (next) => {
    let count = 0;
    return (request) => ((count += 1) > allowed ? refusal : next(request));
  };

/** Keeps answers by address alone; `stores` decides which requests fill it. */
export const cacheByAddress =
  (stores: (request: WireRequest) => boolean): Decorator =>
  (next) => {
    const kept = new Map<string, WireResponse>();
    return async (request) => {
      if (request.method !== 'GET') return next(request);
      const hit = kept.get(request.path);
      if (hit !== undefined) return hit;
      const response = await next(request);
      if (stores(request)) kept.set(request.path, response);
      return response;
    };
  };

export const isAnonymous = (request: WireRequest) => valueOf(request, 'authorization') === undefined;

/** Bytes before what Drupal says, whose end is cut to the length it announces. */
export const printBefore =
  (prefix: string): Decorator =>
  (next) =>
  async (request) => {
    const response = await next(request);
    return { ...response, body: Buffer.concat([Buffer.from(prefix), response.body]).subarray(0, response.body.length) };
  };

/** No header and no status survives, since the output began too early. */
export const unbuffered: Decorator = (next) => async (request) => {
  const { body } = await next(request);
  return { httpVersion: '1.1', status: 200, reason: 'OK', headers: [['Content-Type', 'text/html; charset=UTF-8']], body };
};

export const dropQuery: Decorator = (next) => (request) => next({ ...request, path: pathOf(request) });

/** Only the front page and /index.php/… reach Drupal. */
export const noCleanUrls: Decorator = (next) => (request) => {
  if (isFront(request)) return next(request);
  if (request.path.startsWith('/index.php/')) return next({ ...request, path: request.path.slice('/index.php'.length) });
  return serverPage(404, 'Not Found');
};

export const compress: Decorator = (next) => async (request) => {
  const response = await next(request);
  const headers: HeaderLine[] = [
    ...response.headers.filter(([name]) => name.toLowerCase() !== 'content-length'),
    ['Content-Encoding', 'gzip'],
  ];
  return { ...response, headers, body: gzipSync(response.body) };
};

/** A proxy that hides what stands behind it. */
export const hideHeaders =
  (hidden: RegExp): Decorator =>
  (next) =>
  async (request) => {
    const response = await next(request);
    return { ...response, headers: response.headers.filter(([name]) => !hidden.test(name)) };
  };

/** Answers preflights itself. */
export const answerPreflights = (headers: readonly HeaderLine[]): Decorator =>
  refuse(isMethod('OPTIONS'), { httpVersion: '1.1', status: 204, reason: 'No Content', headers, body: new Uint8Array() });

/** The site behind its proxies; the first one is the outermost. */
export function behind(site: Answer, decorators: readonly Decorator[]): Transport {
  return createInProcessTransport(decorators.reduceRight((answer, decorate) => decorate(answer), site));
}

/** No answer at all, or only a part of those that `which` picks. */
export function failing(kind: FailureKind, site: Answer, which: (request: WireRequest) => boolean = () => true): Transport {
  const healthy = createInProcessTransport(site);
  return {
    send: (request, options) =>
      which(request)
        ? Promise.resolve({ failure: { kind, message: `scripted ${kind}` }, timing: { startedMs: 0, endedMs: 1 } })
        : healthy.send(request, options),
    close: () => Promise.resolve(),
  };
}
