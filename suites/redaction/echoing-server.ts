/**
 * A server that hands every secret back, in every part of its answer.
 *
 * @module
 */
import { gzipSync } from 'node:zlib';
import { startHostile, type HostileServer, type SeenRequest } from '../hostile/server.ts';
import { disguises } from './canaries.ts';

/** Parts of an answer that may give a secret away. */
export const places = ['body', 'json', 'chunks', 'gzip', 'header', 'location', 'cookie', 'reason', 'error', 'cut'] as const;
export type Place = (typeof places)[number];

export interface Echo {
  readonly place: Place;
  readonly disguise: string;
  /** Index into the secrets; beyond them: everything that the request held. */
  readonly secret: number;
}

/** `issued` is what it hands out as tokens: secrets that the runner learns on the way. */
export function startEchoing(secrets: readonly string[], issued: readonly string[], echoes: readonly Echo[]): Promise<HostileServer> {
  return startHostile((_, request) => {
    // Nobody can know a token that has not been handed out yet.
    const first = issued[request.count];
    if (first !== undefined) return answer('json', '', first, request);
    const echo = echoes[request.count % echoes.length] as Echo;
    const known = [...secrets, ...issued];
    const text = disguises[echo.disguise]?.(known[echo.secret % known.length] ?? '') ?? '';
    return answer(echo.place, text, issued[request.count % issued.length] ?? '', request);
  });
}

function answer(place: Place, text: string, token: string, request: SeenRequest): Uint8Array {
  const json = {
    access_token: token,
    refresh_token: `${token}-refreshed`,
    token_type: 'Bearer',
    expires_in: 3600,
    status: 'error',
    error: text,
    list: [text],
  };
  const oneLine = Buffer.from(text.replace(/[^\x20-\x7e\x80-\uffff]/g, ' ')).toString('latin1');
  const plain = Buffer.from(JSON.stringify(json));
  switch (place) {
    case 'body':
      return message(Buffer.from(`<p>${text}</p><pre>${request.head}\n\n${request.body}</pre>`), ['Content-Type: text/html']);
    case 'json':
      return message(Buffer.from(JSON.stringify({ ...json, message: { request: request.head, body: request.body } })));
    case 'chunks':
      return chunked(plain);
    case 'gzip':
      return message(gzipSync(plain), ['Content-Type: application/json', 'Content-Encoding: gzip']);
    case 'header':
      return message(plain, [
        'Content-Type: application/json',
        `X-Debug: ${oneLine}`,
        `X-Authorization: ${oneLine}`,
        `WWW-Authenticate: Bearer realm="${oneLine}"`,
      ]);
    case 'location':
      return message(
        Buffer.from(''),
        [`Location: https://other.example/?access_token=${encodeURIComponent(token)}&x=${oneLine}#${oneLine}`],
        '302 Found',
      );
    case 'cookie':
      return message(plain, [`Set-Cookie: SESSabc=${encodeURIComponent(token)}; Path=/`, `Set-Cookie: debug=${oneLine}`]);
    case 'reason':
      return message(plain, ['Content-Type: application/json'], `401 ${oneLine}`);
    case 'error':
      return message(
        Buffer.from(JSON.stringify({ status: 'error', error: 'x', error_description: `wrong: ${text} (${request.body})` })),
        undefined,
        '500 Error',
      );
    case 'cut':
      return Buffer.from(`HTTP/1.1 200 OK\r\nX-Debug: ${oneLine}\r\nContent-Length: 100000\r\n\r\n${text}`, 'latin1');
  }
}

function message(body: Uint8Array, headers: readonly string[] = ['Content-Type: application/json'], status = '200 OK'): Uint8Array {
  return Buffer.concat([
    Buffer.from(
      `HTTP/1.1 ${status}\r\n${headers.join('\r\n')}\r\nConnection: close\r\nContent-Length: ${body.byteLength}\r\n\r\n`,
      'latin1',
    ),
    body,
  ]);
}

/** Seven bytes a chunk, so that every secret lies in several. */
function chunked(body: Uint8Array): Uint8Array {
  const parts = [
    Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n'),
  ];
  for (let at = 0; at < body.byteLength; at += 7) {
    const piece = body.subarray(at, at + 7);
    parts.push(Buffer.from(`${piece.byteLength.toString(16)}\r\n`), Buffer.from(piece), Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
