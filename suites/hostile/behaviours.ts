/**
 * Everything a server can do wrong on the wire or in its words, and how an exchange with it has to end.
 *
 * @module
 */
import { gzipSync } from 'node:zlib';
import type { FailureKind } from '../../src/model/exchange.ts';
import { pour, respond, type Script } from './server.ts';

export interface Behaviour {
  readonly script: Script;
  /** How the first exchange of the first case ends: with an answer, or with one of these failures. */
  readonly ends: 'answer' | readonly FailureKind[];
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const depth = 500_000;
const million = 1_000_000;

/** What a terminal, a page, a spreadsheet, an XML parser or a CI system would act on. */
export const nasty = [
  '\u001b]0;owned\u0007\u001b[2J\u001b[31m\u009b31m',
  '<script>alert(1)</script><img src=x onerror=alert(1)></script>]]>--><!--',
  '"\'`&amp;&#x1b;\u0000\u0008\u007f\u0085\u2028\u2029\u202e\ufeff\ufffe\uffff\ud800',
  '\n::error::pwned\n##[error]pwned\n##vso[task.setvariable]x\r\r\n',
  '| a | b |\n|---|---|\n[click](javascript:alert(1)) ![x](http://evil.example/x) {0} %s ${x} {{x}} <%= x %>',
].join(' ');
/** The same as bytes of a header: what may not stand there left out. */
const nastyHeader = Buffer.from(nasty.toWellFormed())
  .toString('latin1')
  .replace(/[\r\n\0]/g, ' ');

const nastyJson = JSON.stringify({
  error: nasty,
  [nasty]: nasty,
  access_token: nasty,
  list: [nasty, { [nasty]: [nasty] }],
  status: nasty,
});

export const behaviours: Readonly<Record<string, Behaviour>> = {
  'says nothing': { script: () => undefined, ends: ['timeout'] },
  'closes at once': { script: (socket) => void socket.destroy(), ends: ['closed'] },
  'resets the connection': { script: (socket) => void socket.resetAndDestroy(), ends: ['closed'] },
  'closes within the status line': { script: () => 'HTTP/1.1 20', ends: ['closed', 'malformed'] },
  'closes within the headers': { script: () => `${ok}X-Half: a`, ends: ['closed', 'malformed'] },
  'closes within the body': { script: () => `${ok}Content-Length: 100\r\n\r\n{"error":`, ends: ['closed', 'malformed'] },
  'closes within a chunk': { script: () => `${ok}Transfer-Encoding: chunked\r\n\r\nff\r\n{"a"`, ends: ['closed', 'malformed'] },
  'sends more than it announced': { script: () => `${ok}Content-Length: 2\r\n\r\n{}{"access_token":"x"}`, ends: ['malformed'] },
  'sends a second answer nobody asked for': {
    script: () => `${ok}Content-Length: 2\r\n\r\n{}${ok}Content-Length: 2\r\n\r\n[]`,
    ends: ['malformed'],
  },
  'drips its headers': { script: (socket) => drip(socket, `${ok}X: `, 'x'), ends: ['timeout'] },
  'drips its body': { script: (socket) => drip(socket, `${ok}Content-Length: 100000\r\n\r\n`, ' '), ends: ['timeout'] },
  'drips interim answers': { script: (socket) => drip(socket, '', 'HTTP/1.1 102 Processing\r\n\r\n'), ends: ['timeout', 'too-large'] },
  'sends endless headers': { script: (socket) => pour(write(socket, ok), `X-More: ${'x'.repeat(1000)}\r\n`), ends: ['too-large'] },
  'sends one endless header': { script: (socket) => pour(write(socket, `${ok}X: `), 'x'.repeat(10_000)), ends: ['too-large'] },
  'sends an endless status line': {
    script: (socket) => pour(write(socket, 'HTTP/1.1 200 '), 'x'.repeat(10_000)),
    ends: ['too-large', 'malformed'],
  },
  'sends endless interim answers': {
    script: (socket) => pour(socket, 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(100)),
    ends: ['too-large', 'timeout'],
  },
  'sends an endless body': { script: (socket) => pour(write(socket, `${ok}\r\n`), 'x'.repeat(65_536)), ends: ['too-large'] },
  'sends endless chunks': {
    script: (socket) => pour(write(socket, `${ok}Transfer-Encoding: chunked\r\n\r\n`), `1000\r\n${'x'.repeat(4096)}\r\n`),
    ends: ['too-large'],
  },
  'sends an endless chunk extension': {
    script: (socket) => pour(write(socket, `${ok}Transfer-Encoding: chunked\r\n\r\n2;a=`), 'x'.repeat(10_000)),
    ends: ['too-large', 'malformed'],
  },
  'sends endless trailers': {
    script: (socket) => pour(write(socket, `${ok}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n`), `X-More: ${'x'.repeat(1000)}\r\n`),
    ends: ['too-large', 'malformed'],
  },
  'announces an absurd length': { script: () => `${ok}Content-Length: 99999999999999999999\r\n\r\n{}`, ends: ['too-large', 'malformed'] },
  'announces a negative length': { script: () => `${ok}Content-Length: -1\r\n\r\n{}`, ends: ['malformed'] },
  'announces two lengths': { script: () => `${ok}Content-Length: 2\r\nContent-Length: 4\r\n\r\n{}{}`, ends: ['malformed'] },
  'sends a wrong chunk size': { script: () => `${ok}Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n`, ends: ['malformed'] },
  'puts a line feed into a header': { script: () => `${ok}X: a\nInjected: b\r\nContent-Length: 2\r\n\r\n{}`, ends: ['malformed'] },
  'puts a carriage return into a header': { script: () => `${ok}X: a\rInjected: b\r\nContent-Length: 2\r\n\r\n{}`, ends: ['malformed'] },
  'puts a NUL into a header': { script: () => `${ok}X: a\0b\r\nContent-Length: 2\r\n\r\n{}`, ends: ['malformed'] },
  'answers with a status that is none': { script: () => 'HTTP/1.1 abc OK\r\n\r\n', ends: ['malformed'] },
  'switches protocols': {
    script: () => 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
    ends: ['malformed'],
  },
  'speaks HTTP/0.9': { script: () => '<html>hi</html>', ends: ['malformed'] },
  'speaks something else': { script: () => 'SSH-2.0-OpenSSH_9.2\r\n', ends: ['malformed'] },
  'sends a TLS alert': { script: () => Buffer.from([0x15, 3, 3, 0, 2, 2, 80]), ends: ['malformed'] },
  'sends ten thousand headers': { script: () => `${ok}${manyHeaders(10_000)}Content-Length: 2\r\n\r\n{}`, ends: ['too-large'] },

  'sends three thousand headers': { script: () => `${ok}${manyHeaders(3000)}Content-Length: 2\r\n\r\n{}`, ends: 'answer' },
  'speaks HTTP/1.0': { script: () => 'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{"error":"x"}', ends: 'answer' },
  'continues unasked': {
    script: () => `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${ok}Content-Length: 2\r\n\r\n{}`,
    ends: 'answer',
  },
  'sends trailers and chunk extensions': {
    script: () => `${ok}Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2;name="a;b";c\r\n{}\r\n0;last\r\nX-Sum: \u001b[31m\r\n\r\n`,
    ends: ['malformed'],
  },
  'sends trailers': {
    script: () => `${ok}Transfer-Encoding: chunked\r\n\r\n2;name=value\r\n{}\r\n0\r\nX-Sum: abc\r\n\r\n`,
    ends: 'answer',
  },
  'answers 999': { script: () => respond('{}', 'X: y', '999 Whatever'), ends: 'answer' },
  'puts escapes into its reason': { script: () => respond('{}', 'X: y', '403 \u001b[31mred\u0007'), ends: ['malformed'] },
  'redirects to itself': { script: (_, { path }) => respond('', `Location: ${path}`, '302 Found'), ends: 'answer' },
  'redirects to a script': { script: () => respond('', `Location: javascript:alert(1)//${'x'.repeat(5000)}`, '301 Moved'), ends: 'answer' },
  'sets a thousand cookies': {
    script: () =>
      respond('{}', Array.from({ length: 1000 }, (_, at) => `Set-Cookie: SESS${at}=secret-session-${at}-value; Path=/`).join('\r\n')),
    ends: 'answer',
  },
  'sends a gzip bomb': { script: () => respond(bomb, 'Content-Type: application/json\r\nContent-Encoding: gzip'), ends: 'answer' },
  'lies about its coding': {
    script: () => respond('{"error":"x"}', 'Content-Type: application/json\r\nContent-Encoding: br'),
    ends: 'answer',
  },
  'sends invalid UTF-8': { script: () => respond(Buffer.from('{"error":"\xff\xfe\xc3\x28\xed\xa0\x80"}', 'latin1')), ends: 'answer' },
  'sends binary': { script: () => respond(Buffer.from(Array.from({ length: 4096 }, (_, at) => at & 255))), ends: 'answer' },
  'sends a byte order mark': { script: () => respond('\ufeff{"error":"x"}'), ends: 'answer' },
  'sends deep arrays': { script: () => respond(`{"list":${'['.repeat(depth)}${']'.repeat(depth)}}`), ends: 'answer' },
  'sends deep objects': { script: () => respond(`{"list":${'{"a":'.repeat(depth / 2)}1${'}'.repeat(depth / 2)}}`), ends: 'answer' },
  'hides depth in the members that are read': {
    script: () => {
      const deep = `${'['.repeat(depth / 4)}${']'.repeat(depth / 4)}`;
      return respond(`{"error":${deep},"access_token":${deep},"status":${deep},"list":${deep}}`);
    },
    ends: 'answer',
  },
  'sends depth that never closes': { script: () => respond('['.repeat(depth)), ends: 'answer' },
  'sends a very wide object': {
    script: () => respond(`{${Array.from({ length: 30_000 }, (_, at) => `"k${at}":${at}`).join(',')},"list":[${'1,'.repeat(300_000)}1]}`),
    ends: 'answer',
  },
  'sends members that poison prototypes': {
    script: () =>
      respond('{"__proto__":{"status":"x"},"constructor":{"prototype":{"x":1}},"toString":1,"list":{"__proto__":1,"hasOwnProperty":1}}'),
    ends: 'answer',
  },
  'sends the same member twice': {
    script: () => respond(`{${'"access_token":"aaaaaaaaaaaaaaaaaaaaaaaa",'.repeat(1000)}"access_token":1e999}`),
    ends: 'answer',
  },
  'puts escapes and markup into everything': {
    script: () => respond(nastyJson, `Content-Type: ${nastyHeader}\r\nX-Nasty: ${nastyHeader}\r\nLocation: ${nastyHeader}`),
    ends: ['malformed'],
  },
  'puts escapes and markup into its JSON': { script: () => respond(nastyJson), ends: 'answer' },
  'puts markup into everything': {
    // Control characters may not stand in a header value (RFC 9110 5.5); everything else may.
    // oxlint-disable-next-line no-control-regex
    script: () =>
      respond(
        nastyJson,
        `Content-Type: application/json; ${markup}\r\nX-Nasty: ${markup}\r\nWWW-Authenticate: ${markup}\r\nLocation: ${markup}\r\nSet-Cookie: SESSx=${markup}`,
        `401 ${markup}`,
      ),
    ends: 'answer',
  },
  'nearly shows a stack trace, often': {
    script: () => respond(`<b>Fatal error</b>: ${'a'.repeat(400)} Stack trace:${' '.repeat(100)}`.repeat(5000), 'Content-Type: text/html'),
    ends: 'answer',
  },
  'sends blank lines only': { script: () => respond('\n'.repeat(million)), ends: 'answer' },
  'sends a frame of a stack that never ends': { script: () => respond(`    at ${'a '.repeat(million / 2)}`), ends: 'answer' },
  'sends a path that never ends': { script: () => respond(`in /${'a.'.repeat(million / 2)}`), ends: 'answer' },
  'sends a token that never ends': { script: () => respond(`{"access_token":"${'x'.repeat(million)}"}`), ends: 'answer' },
  'sends twenty thousand tokens': {
    script: () => respond(`{"list":[${Array.from({ length: 20_000 }, (_, at) => `{"token":"token-number-${at}-of-many"}`).join(',')}]}`),
    ends: 'answer',
  },
  'sends a JWT with deep claims': {
    script: () =>
      respond(`{"access_token":"${part('{"alg":"none"}')}.${part(`{"a":${'['.repeat(depth / 2)}${']'.repeat(depth / 2)}}`)}."}`),
    ends: 'answer',
  },
  'sends escapes of every kind': {
    script: () => respond(`{"error":"${'%41%2541\\\\u0041\\u0041&#65;&amp;lt;+%5Cu0041'.repeat(5000)}"}`),
    ends: 'answer',
  },
  'sends one long percent escape': { script: () => respond('%41'.repeat(million / 3)), ends: 'answer' },
  'names a cookie without end': { script: () => respond('{}', `Set-Cookie: ${'sid'.repeat(15_000)}`), ends: 'answer' },
  'restarts at each second request': {
    script: (_, { count }, server) => {
      if (count % 2 === 1) return void server.restart();
      return respond('{"error":"x"}');
    },
    ends: 'answer',
  },
};

// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000a-\u001f\u007f]/g;
const markup = nastyHeader.replace(controls, ' ').trim();
const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 32), { level: 9 });

/** One part of a JWT. */
function part(json: string): string {
  return Buffer.from(json).toString('base64url');
}

function manyHeaders(count: number): string {
  return Array.from({ length: count }, (_, at) => `x-${at}: ${at}\r\n`).join('');
}

function write<T extends { write(text: string): boolean }>(socket: T, text: string): T {
  socket.write(text);
  return socket;
}

/** A piece every few milliseconds, so that no pause is ever long. */
function drip(socket: Parameters<Script>[0], start: string, piece: string): void {
  socket.write(start);
  const timer = setInterval(() => socket.write(piece), 5);
  socket.on('close', () => clearInterval(timer));
}
