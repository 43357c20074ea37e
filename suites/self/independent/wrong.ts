/**
 * What a wrong behaviour is, and the tools to make one: each replaces a step of the independent server, or bends what it answers.
 *
 * @module
 */
import { literal } from './dialects.ts';
import type { AccessTokenServer, Dialect, Incoming, Reply } from './server.ts';

export interface WrongBehaviour {
  /** `family/variant`. */
  readonly id: string;
  /** What the server does, as a sentence without its subject. */
  readonly does: string;
  /** False when only an RFC, good practice or a SHOULD is broken. */
  readonly firm: boolean;
  /** Beginnings of clauses that it breaks; without a document of their own they are those of the vendor's page. */
  readonly breaks: readonly string[];
  /** Beginnings of the addresses, below the profile, of cases that speak about it. */
  readonly cases: readonly string[];
  readonly dialect: Dialect;
  /** It keeps cases from being judged, as a site does that asks for patience: a case that is blocked for it has noticed it. */
  readonly blocks: boolean;
  /** It misbehaves below HTTP, so that it needs a real connection. */
  readonly needsSocket: boolean;
  readonly apply: (server: AccessTokenServer) => void;
}

type Options = Partial<Pick<WrongBehaviour, 'firm' | 'dialect' | 'needsSocket' | 'blocks'>>;

/** Collects the variants of one family, which break the same clauses and are noticed by the same cases. */
export class Family {
  readonly all: WrongBehaviour[] = [];
  readonly #name: string;
  readonly #breaks: readonly string[];
  readonly #cases: readonly string[];
  readonly #options: Options;

  constructor(name: string, breaks: readonly string[], cases: readonly string[], options: Options = {}) {
    this.#name = name;
    this.#breaks = breaks;
    this.#cases = cases;
    this.#options = options;
  }

  add(variant: string, does: string, apply: (server: AccessTokenServer) => void, options: Options = {}): this {
    const { firm = true, dialect = literal, needsSocket = false, blocks = false } = { ...this.#options, ...options };
    this.all.push({
      id: `${this.#name}/${variant}`,
      does,
      firm,
      breaks: this.#breaks,
      cases: this.#cases,
      dialect,
      needsSocket,
      blocks,
      apply,
    });
    return this;
  }
}

type Method<K extends keyof AccessTokenServer> = AccessTokenServer[K] extends (...args: infer A) => infer R ? (...args: A) => R : never;

/** Replaces a step of the server; `make` gets the right one. */
export function replace<K extends keyof AccessTokenServer>(
  server: AccessTokenServer,
  name: K,
  make: (right: Method<K>) => Method<K>,
): void {
  const right = (server[name] as unknown as (...args: unknown[]) => unknown).bind(server) as unknown as Method<K>;
  Object.defineProperty(server, name, { value: make(right), configurable: true, writable: true });
}

/** Bends every answer that `matches`. */
export function bend(
  server: AccessTokenServer,
  matches: (incoming: Incoming, reply: Reply) => boolean,
  change: (reply: Reply, incoming: Incoming) => Reply,
): void {
  replace(server, 'answer', (right) => (incoming) => {
    const reply = right(incoming);
    return matches(incoming, reply) ? change(reply, incoming) : reply;
  });
}

export const isTokenRequest = ({ target }: Incoming): boolean => target.includes('access_token') && !target.includes('/user/');
export const isApiRequest = ({ target }: Incoming): boolean => /\/user\//i.test(target);

export function withStatus(reply: Reply, status: number): Reply {
  return { ...reply, status };
}

export function withText(reply: Reply, text: string | Buffer, contentType?: string): Reply {
  const headers = contentType === undefined ? reply.headers : [['Content-Type', contentType] as const, ...reply.headers.slice(1)];
  return { ...reply, headers, body: Buffer.from(text as string) };
}

export function withHeader(reply: Reply, name: string, value: string): Reply {
  return { ...reply, headers: [...reply.headers, [name, value]] };
}

export type Json = Record<string, unknown>;

/** Changes the JSON document of an answer; one that is none stays as it is. */
export function withJson(reply: Reply, change: (document: Json) => unknown): Reply {
  const text = reply.body.toString();
  if (!text.startsWith('{')) return reply;
  return { ...reply, body: Buffer.from(JSON.stringify(change(JSON.parse(text) as Json))) };
}

export function without(document: Json, ...names: readonly string[]): Json {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !names.includes(name)));
}

export function renamed(document: Json, name: string, to: string): Json {
  return Object.fromEntries(Object.entries(document).map(([key, value]) => [key === name ? to : key, value]));
}

/** Ways in which a JSON answer can fail to be one. */
export const brokenBodies: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  empty: () => Buffer.alloc(0),
  html: () => Buffer.from('<!DOCTYPE html><html><body><h1>Error</h1></body></html>'),
  text: (body) =>
    Buffer.from(
      Object.values(JSON.parse(body.toString()) as Json)
        .map(String)
        .join(' '),
    ),
  truncated: (body) => body.subarray(0, body.byteLength - 3),
  'in-a-list': (body) => Buffer.from(`[${body.toString()}]`),
  'in-data': (body) => Buffer.from(`{"data":${body.toString()}}`),
  'as-a-string': (body) => Buffer.from(JSON.stringify(body.toString())),
  'byte-order-mark': (body) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]),
  'garbage-after': (body) => Buffer.concat([body, Buffer.from('\n<!-- cached -->')]),
  'garbage-before': (body) => Buffer.concat([Buffer.from('Array\n'), body]),
  twice: (body) => Buffer.concat([body, body]),
  callback: (body) => Buffer.from(`callback(${body.toString()});`),
  'single-quotes': (body) => Buffer.from(body.toString().replaceAll('"', "'")),
  'null-document': () => Buffer.from('null'),
  'utf-16': (body) => Buffer.from(body.toString(), 'utf16le'),
};
