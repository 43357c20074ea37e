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
  /** It timed out beside others and was not asked again, being no request to repeat, or after too many in vain: the site may only have been busy. */
  readonly isUndecided?: true;
}

/** A site that hangs is not worth more time: each of these lasts a whole `timeoutMs`, and everything else waits. */
const maxInVain = 5;

/** A transport that counts what is in flight, and can send one request while everything else waits. */
export class LoneTransport implements Transport {
  readonly #transport: Transport;
  readonly #onSend: () => void;
  #inFlight = 0;
  #started = 0;
  #inVain = 0;
  /** While somebody asks alone. */
  #quiet: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(transport: Transport, onSend: () => void = () => undefined) {
    this.#transport = transport;
    this.#onSend = onSend;
  }

  async send(request: WireRequest, options: SendOptions): Promise<Outcome> {
    while (this.#quiet !== undefined) await this.#quiet;
    return this.#send(request, options);
  }

  /** Sends; a request that times out while others are in flight is asked once more alone, unless it may be sent only once. */
  async sendTwice(request: WireRequest, options: SendOptions, isRepeatable: boolean): Promise<Told> {
    while (this.#quiet !== undefined) await this.#quiet;
    const othersBefore = this.#inFlight;
    const startedBefore = this.#started;
    const first = await this.#send(request, options);
    const others = othersBefore + this.#started - startedBefore - 1;
    if (first.failure?.kind !== 'timeout' || others === 0 || options.signal?.aborted === true) return { outcome: first };
    if (!isRepeatable || this.#inVain >= maxInVain) return { outcome: first, isUndecided: true };
    const outcome = await this.#sendAlone(request, options);
    if (outcome.failure?.kind === 'timeout') this.#inVain++;
    return { outcome, second: `${first.failure.message}, beside ${others} other ${others === 1 ? 'request' : 'requests'}` };
  }

  async #sendAlone(request: WireRequest, options: SendOptions): Promise<Outcome> {
    while (this.#quiet !== undefined) await this.#quiet;
    let end = (): void => undefined;
    this.#quiet = new Promise((resolve) => {
      end = resolve;
    });
    try {
      if (this.#inFlight > 0) {
        await new Promise<void>((resolve) => {
          this.#onEmpty = resolve;
        });
      }
      return await this.#send(request, options);
    } finally {
      this.#quiet = undefined;
      end();
    }
  }

  async #send(request: WireRequest, options: SendOptions): Promise<Outcome> {
    this.#onSend();
    this.#inFlight++;
    this.#started++;
    try {
      return await this.#transport.send(request, options);
    } finally {
      this.#inFlight--;
      if (this.#inFlight === 0) {
        this.#onEmpty?.();
        this.#onEmpty = undefined;
      }
    }
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}
