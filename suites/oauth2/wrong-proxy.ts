/**
 * A proxy that makes a good server wrong in one way: it bends what passes through it.
 */
import { createServer, request as ask, type IncomingMessage } from 'node:http';
import { listen } from './certified-server.ts';

export interface Message {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface Bend {
  /** Changes the request on its way in; an answer instead of it ends the exchange. */
  readonly request?: (message: Message) => Answer | undefined;
  /** Changes the answer on its way out. */
  readonly response?: (answer: Answer, message: Message) => void;
  /** Sends one request of its own to the server behind; for mistakes that need what another request yields. */
  readonly prepare?: (send: (message: Message) => Promise<Answer>) => Promise<void>;
}

export interface Proxy extends AsyncDisposable {
  readonly url: string;
}

export async function startWrongProxy(upstream: string, bend: Bend): Promise<Proxy> {
  const { hostname, port, host } = new URL(upstream);
  const send = ({ method, path, headers, body }: Message) =>
    new Promise<Answer>((resolve, reject) => {
      const outgoing = ask({
        hostname,
        port,
        method,
        path,
        headers: { ...headers, host, ...(body === '' ? {} : { 'content-length': Buffer.byteLength(body) }) },
      });
      outgoing.on('response', (response) => {
        void read(response).then((text) => resolve({ status: response.statusCode ?? 0, headers: flat(response), body: text }), reject);
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  await bend.prepare?.(send);
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const { 'content-length': _, connection: __, 'transfer-encoding': ___, ...headers } = flat(incoming);
      const message = { method: incoming.method ?? 'GET', path: incoming.url ?? '/', headers, body: await read(incoming) };
      const sent = structuredClone(message);
      const answer = bend.request?.(message) ?? (await send(message));
      bend.response?.(answer, sent);
      const { 'transfer-encoding': ____, connection: _____, ...kept } = answer.headers;
      outgoing.writeHead(answer.status, { ...kept, 'content-length': String(Buffer.byteLength(answer.body)) });
      outgoing.end(answer.body);
    })().catch(() => outgoing.destroy());
  });
  const url = await listen(server);
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function flat({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]));
}
