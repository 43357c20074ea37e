/**
 * Asking once more with nothing else in flight: whether a request that timed out was too much for the site, or only too much at once.
 *
 * @module
 */
import type { Exchange, SendOptions, Transport, WireRequest } from '../model/exchange.ts';

type Outcome = Omit<Exchange, 'request'>;

/** What came of a request that may be asked twice. */
export interface Told {
  readonly outcome: Outcome;
  /** How the first attempt ended, if this is the second one. */
  readonly second?: string;
  /** It timed out on a site that is known to be slow, or beside others and could not be asked again: that says nothing about the request. */
  readonly isUndecided?: true;
}

/** A site that hangs is not worth more time: everything else waits meanwhile. */
const maxInVain = 3;
/** A second attempt may take so many times as long as the first, which tells what is slow from what never answers. */
const patience = 3;

/** A transport that counts what is in flight, can send one request while everything else waits, and sends fewer at a time once a site turns out to be slow. */
export class LoneTransport implements Transport {
  readonly #transport: Transport;
  readonly #onSend: () => void;
  /** Requests that may be in flight together; halved each time one had to be asked again. */
  #limit = Number.POSITIVE_INFINITY;
  #inFlight = 0;
  #started = 0;
  #inVain = 0;
  /** A request timed out and was answered when asked again. */
  #isSlow = false;
  #isQuiet = false;
  readonly #waiting: (() => void)[] = [];

  constructor(transport: Transport, onSend: () => void = () => undefined) {
    this.#transport = transport;
    this.#onSend = onSend;
  }

  async send(request: WireRequest, options: SendOptions): Promise<Outcome> {
    while (this.#isFull()) await this.#change();
    return this.#send(request, options);
  }

  /** Sends; a request that times out is asked once more alone, unless it may be sent only once, or was alone on a site that is not slow. */
  async sendTwice(request: WireRequest, options: SendOptions, isRepeatable: boolean): Promise<Told> {
    while (this.#isFull()) await this.#change();
    const othersBefore = this.#inFlight;
    const startedBefore = this.#started;
    const first = await this.#send(request, options);
    const others = othersBefore + this.#started - startedBefore - 1;
    if (first.failure?.kind !== 'timeout' || options.signal?.aborted === true) return { outcome: first };
    if (others === 0 && !this.#isSlow) return { outcome: first };
    if (!isRepeatable || this.#inVain >= maxInVain) return { outcome: first, isUndecided: true };
    const outcome = await this.#sendAlone(request, { ...options, timeoutMs: options.timeoutMs * patience });
    const second = `${first.failure.message}, beside ${others} other ${others === 1 ? 'request' : 'requests'}`;
    if (outcome.failure?.kind === 'timeout') {
      this.#inVain++;
      return this.#isSlow ? { outcome, second, isUndecided: true } : { outcome, second };
    }
    this.#isSlow = true;
    this.#limit = Math.max(1, Math.floor(Math.min(this.#limit, others + 1) / 2));
    return { outcome, second };
  }

  async #sendAlone(request: WireRequest, options: SendOptions): Promise<Outcome> {
    while (this.#isQuiet) await this.#change();
    this.#isQuiet = true;
    try {
      while (this.#inFlight > 0) await this.#change();
      return await this.#send(request, options);
    } finally {
      this.#isQuiet = false;
      this.#wake();
    }
  }

  #isFull(): boolean {
    return this.#isQuiet || this.#inFlight >= this.#limit;
  }

  /** Resolves when a request has ended. Who waited looks again, and begins at once or waits again, so that no two take the same place. */
  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #send(request: WireRequest, options: SendOptions): Promise<Outcome> {
    this.#onSend();
    this.#inFlight++;
    this.#started++;
    try {
      return await this.#transport.send(request, options);
    } finally {
      this.#inFlight--;
      if (this.#waiting.length > 0) this.#wake();
    }
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}
