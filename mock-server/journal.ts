/**
 * The last exchanges that the mock served, for tests that ask what was sent. Off by default: it keeps requests as they came,
 * secrets included.
 *
 * @module
 */
import type { WireRequest, WireResponse } from '../src/model/exchange.ts';
import { decodeUtf8 } from './bytes.ts';

export interface JournalEntry {
  /** Instant on the clock of the site, ISO 8601. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly status: number;
}

const kept = 1000;

export class Journal {
  enabled: boolean;
  readonly #entries: JournalEntry[] = [];

  constructor(enabled: boolean) {
    this.enabled = enabled;
  }

  record(request: WireRequest, response: WireResponse, epochMs: number): void {
    if (this.#entries.length === kept) this.#entries.shift();
    this.#entries.push({
      at: new Date(epochMs).toISOString(),
      method: request.method,
      path: request.path,
      headers: request.headers,
      body: request.body === undefined ? '' : decodeUtf8(request.body),
      status: response.status,
    });
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  clear(): void {
    this.#entries.length = 0;
  }
}
