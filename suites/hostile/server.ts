/**
 * A server that answers with bytes of a script, however wrong: on `node:net`, so that nothing makes them right again.
 *
 * @module
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** Request line and header lines. */
  readonly head: string;
  readonly body: string;
  /** How many came before it, front page left out. */
  readonly count: number;
}

/** Writes whatever it likes. An answer of text or bytes is written, and the connection closed after it. */
export type Script = (socket: Socket, request: SeenRequest, server: HostileServer) => string | Uint8Array | void;

export interface HostileServer extends AsyncDisposable {
  readonly url: string;
  /** Requests seen so far, front page left out. */
  readonly requests: number;
  /** Cuts every connection, stops to listen, and comes back on the same port. */
  restart(): void;
}

const frontPage = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi';

/** Starts a server on a free port. `GET /` is answered properly, so that the hostile part meets the cases, unless `isHostileThroughout`. */
export async function startHostile(script: Script, isHostileThroughout = false): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  let requests = 0;
  let port = 0;
  const listener: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    let received = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text;
      for (let end = messageEnd(received); end !== undefined; end = messageEnd(received)) {
        const message = received.slice(0, end);
        received = received.slice(end);
        answer(socket, message);
      }
    });
  });
  const server: HostileServer = {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    get requests() {
      return requests;
    },
    restart() {
      for (const socket of sockets) socket.destroy();
      listener.close(() => listener.listen(port, '127.0.0.1'));
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
  function answer(socket: Socket, message: string): void {
    const [, method = '', path = ''] = /^(\S+) (\S+)/.exec(message) ?? [];
    const headEnd = message.indexOf('\r\n\r\n');
    const [head, body] = [message.slice(0, headEnd), message.slice(headEnd + 4)];
    if (path === '/' && !isHostileThroughout) {
      socket.write(frontPage);
      return;
    }
    const bytes = script(socket, { method, path, head, body, count: requests++ }, server);
    if (typeof bytes === 'string') socket.end(bytes, 'latin1');
    else if (bytes !== undefined) socket.end(bytes);
  }
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  ({ port } = listener.address() as AddressInfo);
  return server;
}

/** Where the first message ends; undefined while it is incomplete. */
function messageEnd(received: string): number | undefined {
  const head = received.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const length = Number(/^content-length: *(\d+)/im.exec(received.slice(0, head))?.[1] ?? 0);
  return received.length < head + 4 + length ? undefined : head + 4 + length;
}

/** Writes piece after piece for as long as the other side takes them. */
export function pour(socket: Socket, piece: string | Uint8Array): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece)) {
      // The next turn of the loop lets the other side in the same process read.
      if (socket.writableLength > 0) break;
    }
    if (!socket.destroyed) setImmediate(more);
  };
  more();
}

/** A whole answer with a right length. */
export function respond(body: string | Uint8Array, headers = 'Content-Type: application/json', status = '200 OK'): Uint8Array {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status}\r\n${headers}\r\nConnection: close\r\nContent-Length: ${bytes.byteLength}\r\n\r\n`, 'latin1'),
    bytes,
  ]);
}
