import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { Exchange, HeaderLine, WireResponse } from '../model/exchange.ts';
import { observe, whoAnswered } from './observation.ts';

function response(status: number, headers: readonly HeaderLine[], body: string): WireResponse {
  return { httpVersion: '1.1', status, reason: '', headers, body: Buffer.from(body) };
}

const layerOf = (answer: WireResponse) => whoAnswered(answer, Buffer.from(answer.body).toString(), parse(answer));

function parse({ body }: WireResponse): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(Buffer.from(body).toString()) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

describe('whoAnswered', () => {
  it.each<[string, WireResponse, string]>([
    ['a page with a generator', response(404, [['X-Generator', 'Drupal 10 (https://www.drupal.org)']], '<html>'), 'drupal'],
    ['an API answer without one, by its expiry date', response(403, [['Expires', 'Sun, 19 Nov 1978 05:00:00 GMT']], '{}'), 'drupal'],
    ['a page without any header, by its marks', response(200, [], '<div data-drupal-messages-fallback class="hidden">'), 'drupal'],
    ['an early failure', response(500, [], 'The website encountered an unexpected error. Try again later.<br />'), 'kernel'],
    ['a host that is not trusted', response(400, [], 'The provided host name is not valid for this server.'), 'kernel'],
    ['a redirect to the installer', response(302, [['Location', '/core/install.php']], ''), 'kernel'],
    ['an error of the module', response(401, [], '{"status":"error","http_code":"401","error":"INVALID_CREDENTIALS"}'), 'module'],
    ['an old error of the module without its name', response(200, [], '{"status":"error","code":"401","error_description":"x"}'), 'module'],
    ['nginx', response(404, [], '<center><h1>404 Not Found</h1></center>\n<hr><center>nginx/1.22.1</center>'), 'server'],
    ['Apache', response(503, [], '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN">\n<html>'), 'server'],
    ['HAProxy', response(503, [], '<html><body><h1>503 Service Unavailable</h1>\nNo server is available.\n</body></html>'), 'server'],
    ['an empty refusal', response(405, [], ''), 'server'],
    ['another application', response(200, [], '{"status":"ok"}'), 'foreign'],
  ])('recognises %s', (_, answer, layer) => {
    expect(layerOf(answer)).toBe(layer);
  });

  it('does not take a long page that quotes an early failure for one', () => {
    expect(layerOf(response(200, [], `The website encountered an unexpected error${' '.repeat(5000)}`))).toBe('foreign');
  });
});

describe('observe', () => {
  const request = { method: 'GET', path: '/', headers: [] };
  const timing = { startedMs: 0, endedMs: 1 };

  it('reads what arrived of an answer that is longer than it said', () => {
    const partial = response(200, [['Content-Type', 'application/json']], '\n{"a":1}');
    const exchange: Exchange = { request, failure: { kind: 'malformed', message: 'too long', partial }, timing };
    expect(observe('x', exchange)).toMatchObject({ answer: { status: 200, text: '\n{"a":1}' }, failure: { kind: 'malformed' } });
  });

  it('has no answer when nothing arrived', () => {
    const exchange: Exchange = { request, failure: { kind: 'timeout', message: 'no answer', partial: { status: 200 } }, timing };
    expect(observe('x', exchange).answer).toBeUndefined();
  });
});
