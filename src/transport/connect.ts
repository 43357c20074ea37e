/**
 * Opens the connection that a request goes over: TCP, TLS, and through a proxy where the environment names one. Both senders use it, so that a
 * raw message takes the same way as any other.
 *
 * @module
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, rootCertificates, type ConnectionOptions } from 'node:tls';
import { TransportError, type Phase } from './failure.ts';

/** `ca` is trusted beside the usual authorities; `cert` and `key` present a client certificate. All PEM text. */
export interface TlsSettings {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Accepts any certificate. */
  readonly insecure?: boolean;
}

/** The way to a target. */
export interface Route {
  readonly origin: URL;
  readonly tls?: TlsSettings | undefined;
  readonly proxy?: URL | undefined;
}

export interface Opening {
  /** `host:port` that is connected to first. */
  readonly peer: string;
  readonly phase: Phase;
  cancel(): void;
}

interface OpenOptions {
  /** Ask the proxy for a tunnel also for plain http; https always goes through one. */
  readonly tunnel: boolean;
}

const maxProxyAnswerBytes = 16_384;

/**
 * Opens a socket; exactly one of the callbacks is called, once, unless it is cancelled before. The socket has no listeners left but an empty one
 * for `error`.
 */
export function openSocket(
  route: Route,
  { tunnel }: OpenOptions,
  onSocket: (socket: Socket) => void,
  onError: (error: unknown, opening: Opening) => void,
): Opening {
  const secure = route.origin.protocol === 'https:';
  const first = route.proxy ?? route.origin;
  let phase: Phase = 'connect';
  let current: Socket | undefined;
  let done = false;

  const opening: Opening = {
    peer: peerOf(first),
    get phase() {
      return phase;
    },
    cancel() {
      done = true;
      current?.destroy();
    },
  };
  const fail = (error: unknown) => {
    if (done) return;
    done = true;
    current?.destroy();
    onError(error, opening);
  };
  const succeed = (socket: Socket) => {
    if (done) return;
    done = true;
    onSocket(socket);
  };
  const use = (socket: Socket, ready: 'connect' | 'secureConnect', next: (socket: Socket) => void) => {
    current = socket;
    // Stays for good: an error after the last reader has left must not end the process.
    socket.on('error', fail);
    const onClose = () => fail(Object.assign(new Error('closed while connecting'), { code: 'ECONNRESET' }));
    socket.once('close', onClose);
    socket.once(ready, () => {
      socket.off('close', onClose);
      next(socket);
    });
  };
  const secureOver = (url: URL, settings: TlsSettings | undefined, over: Socket | undefined, next: (socket: Socket) => void) => {
    phase = over === undefined ? 'connect' : 'handshake';
    const socket = connectTls(tlsOptions(url, settings, over));
    if (over === undefined) socket.once('connect', () => (phase = 'handshake'));
    use(socket, 'secureConnect', next);
  };
  const reach = (url: URL, settings: TlsSettings | undefined, next: (socket: Socket) => void) => {
    if (url.protocol === 'https:') secureOver(url, settings, undefined, next);
    else use(connectTcp({ host: bareHost(url), port: portOf(url) }), 'connect', next);
  };

  try {
    reach(first, route.proxy === undefined ? route.tls : undefined, (socket) => {
      socket.setNoDelay(true);
      if (route.proxy === undefined || !(secure || tunnel)) return succeed(socket);
      phase = 'connect';
      askForTunnel(socket, route.origin, route.proxy, fail, () => {
        if (done) return;
        if (secure) secureOver(route.origin, route.tls, socket, succeed);
        else succeed(socket);
      });
    });
  } catch (error) {
    // Unusable settings, such as a certificate that is no PEM text, throw at once.
    queueMicrotask(() => fail(error));
    if (first.protocol === 'https:') phase = 'handshake';
  }
  return opening;
}

function tlsOptions(url: URL, settings: TlsSettings | undefined, over: Socket | undefined): ConnectionOptions {
  const host = bareHost(url);
  return {
    host,
    port: portOf(url),
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(over === undefined ? {} : { socket: over }),
    ...(settings?.ca === undefined ? {} : { ca: [...rootCertificates, settings.ca] }),
    ...(settings?.cert === undefined ? {} : { cert: settings.cert }),
    ...(settings?.key === undefined ? {} : { key: settings.key }),
    ...(settings?.insecure === true ? { rejectUnauthorized: false } : {}),
  };
}

/** RFC 9110 9.3.6. */
function askForTunnel(socket: Socket, origin: URL, proxy: URL, fail: (error: unknown) => void, ready: () => void): void {
  const authority = `${origin.hostname}:${portOf(origin)}`;
  let received = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    const end = received.indexOf('\r\n\r\n');
    if (end === -1) {
      if (received.length > maxProxyAnswerBytes) fail(new TransportError('too-large', `the answer of proxy ${peerOf(proxy)} does not end`));
      return;
    }
    socket.off('data', onData).off('end', onEnd);
    socket.pause();
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(received.toString('latin1', 0, end))?.[1];
    if (status === undefined) return fail(new TransportError('malformed', `proxy ${peerOf(proxy)} does not answer in HTTP`));
    if (!status.startsWith('2')) {
      const why = status === '407' ? 'wants other credentials than those in its URL' : `refused to connect to ${authority}`;
      return fail(new TransportError('refused', `proxy ${peerOf(proxy)} ${why} (status ${status})`));
    }
    const rest = received.subarray(end + 4);
    if (rest.length > 0) socket.unshift(rest);
    ready();
  };
  const onEnd = () =>
    fail(new TransportError('closed', `proxy ${peerOf(proxy)} closed the connection instead of connecting to ${authority}`));
  socket.on('data', onData).once('end', onEnd);
  const credentials = proxyCredentials(proxy);
  socket.write(
    `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials === undefined ? '' : `Proxy-Authorization: ${credentials}\r\n`}\r\n`,
    'latin1',
  );
}

/** Value of Proxy-Authorization for a proxy whose URL holds a user, else undefined. */
export function proxyCredentials(proxy: URL): string | undefined {
  if (proxy.username === '' && proxy.password === '') return undefined;
  return `Basic ${Buffer.from(`${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`).toString('base64')}`;
}

/**
 * The proxy that the environment names for a URL: `https_proxy` or `http_proxy` (also in capitals), unless `no_proxy` lists the host. Loopback is
 * never asked for through a proxy.
 */
export function proxyFor(origin: URL, env: Readonly<Record<string, string | undefined>>): URL | undefined {
  const scheme = origin.protocol === 'https:' ? 'https' : 'http';
  const named = env[`${scheme}_proxy`] ?? env[`${scheme.toUpperCase()}_PROXY`];
  if (named === undefined || named.trim() === '' || isLoopback(origin)) return undefined;
  const exceptions = (env['no_proxy'] ?? env['NO_PROXY'] ?? '').split(/[\s,]+/).filter((entry) => entry !== '');
  if (exceptions.some((entry) => isException(entry, origin))) return undefined;
  const text = named.includes('://') ? named : `http://${named}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:') ? url : undefined;
}

function isException(entry: string, origin: URL): boolean {
  if (entry === '*') return true;
  const [, name = entry, port] = /^(.+?):(\d+)$/.exec(entry) ?? [];
  if (port !== undefined && Number(port) !== portOf(origin)) return false;
  const wanted = name
    .replace(/^\*?\./, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
  const host = bareHost(origin).toLowerCase();
  return host === wanted || host.endsWith(`.${wanted}`);
}

/** Whether the URL names this machine: localhost, 127.0.0.0/8, ::1. */
export function isLoopback(url: URL): boolean {
  const host = bareHost(url).toLowerCase();
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '::1' ||
    /^127(?:\.\d{1,3}){3}$/.test(host) ||
    host.startsWith('::ffff:7f')
  );
}

/** `host:port`, never with user or password. */
export function peerOf(url: URL): string {
  return `${url.hostname}:${portOf(url)}`;
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}
