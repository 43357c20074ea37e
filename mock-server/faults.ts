/**
 * Faults of the next answers: what a flaky network or a broken proxy does. They bend a delivery, never the site.
 *
 * @module
 */
import type { HeaderLine, WireResponse } from '../src/model/exchange.ts';
import { checkOptions, filledText, flag, text, wholeNumber, type Rule } from '../src/support/options.ts';
import { encodeUtf8 } from './bytes.ts';

export interface Fault {
  /** Answers to bend; default 1. */
  readonly count?: number;
  /** Only requests whose path (with query) contains this text. */
  readonly path?: string;
  readonly method?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds before the first byte. */
  readonly delayMs?: number;
  /** Bytes of the body after which the connection is closed, the announced length unchanged. */
  readonly truncateBytes?: number;
  /** Closes the connection without an answer. */
  readonly drop?: boolean;
  /** Milliseconds between single bytes of the body. */
  readonly dripMs?: number;
}

const headers: Rule = {
  expected: 'an object of names and values, all strings',
  holds: (value) => typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string'),
};

const rules: Readonly<Record<keyof Fault, Rule>> = {
  count: wholeNumber(1),
  path: text,
  method: filledText,
  status: wholeNumber(200, 599),
  headers,
  body: text,
  delayMs: wholeNumber(0),
  truncateBytes: wholeNumber(0),
  drop: flag,
  dripMs: wholeNumber(0),
};

/** An answer and how it reaches the client. */
export interface Delivery {
  readonly response: WireResponse;
  readonly delayMs?: number;
  readonly truncateBytes?: number;
  readonly drop?: boolean;
  readonly dripMs?: number;
}

interface Pending extends Fault {
  left: number;
}

export class FaultQueue {
  readonly #pending: Pending[] = [];

  /** @throws UsageError that names the key which is unknown or of a wrong type. */
  add(fault: Fault): void {
    checkOptions('faults.add', fault, rules);
    this.#pending.push({ ...fault, left: fault.count ?? 1 });
  }

  list(): readonly Fault[] {
    return this.#pending.map(({ left, ...fault }) => ({ ...fault, count: left }));
  }

  clear(): void {
    this.#pending.length = 0;
  }

  get isEmpty(): boolean {
    return this.#pending.length === 0;
  }

  /** The fault for this request, used up by one. */
  take(method: string, path: string): Fault | undefined {
    const index = this.#pending.findIndex(
      (fault) => (fault.method === undefined || fault.method === method) && (fault.path === undefined || path.includes(fault.path)),
    );
    const fault = this.#pending[index];
    if (fault === undefined) return undefined;
    fault.left -= 1;
    if (fault.left <= 0) this.#pending.splice(index, 1);
    return fault;
  }
}

export function bend(response: WireResponse, fault: Fault): Delivery {
  let { headers, body } = response;
  const set = (name: string, value: string): void => {
    const lower = name.toLowerCase();
    const line: HeaderLine = [name, value];
    headers = [...headers.filter(([key]) => key.toLowerCase() !== lower), line];
  };
  if (fault.body !== undefined) {
    body = encodeUtf8(fault.body);
    set('Content-Length', String(body.length));
  }
  for (const [name, value] of Object.entries(fault.headers ?? {})) set(name, value);
  const status = fault.status ?? response.status;
  return {
    response: { ...response, status, reason: status === response.status ? response.reason : '', headers, body },
    ...(fault.delayMs === undefined ? {} : { delayMs: fault.delayMs }),
    ...(fault.truncateBytes === undefined ? {} : { truncateBytes: fault.truncateBytes }),
    ...(fault.drop === undefined ? {} : { drop: fault.drop }),
    ...(fault.dripMs === undefined ? {} : { dripMs: fault.dripMs }),
  };
}
