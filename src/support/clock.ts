/**
 * Time as something passed in, so that nothing but the edge of the program looks at a real clock.
 *
 * @module
 */

export interface Clock {
  /** Milliseconds of a monotonic clock since the clock was made. */
  nowMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A clock that really passes; zero is now. */
export function realClock(): Clock {
  // Not performance.now(), whose module takes milliseconds to load.
  const origin = process.hrtime();
  return {
    nowMs: () => {
      const [seconds, nanoseconds] = process.hrtime(origin);
      return seconds * 1000 + nanoseconds / 1e6;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason as Error);
        const onAbort = () => {
          clearTimeout(timer);
          reject(signal?.reason as Error);
        };
        const timer = setTimeout(
          () => {
            signal?.removeEventListener('abort', onAbort);
            resolve();
          },
          Math.max(0, ms),
        );
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
  };
}

export interface ManualClock extends Clock {
  /** Moves time on, and wakes in order every sleeper whose moment has come, also those that fall asleep on the way. */
  advance(ms: number): Promise<void>;
  readonly sleepers: number;
}

/** A clock that stands still until it is advanced. */
export function manualClock(startMs = 0): ManualClock {
  let now = startMs;
  let sleeping: { readonly wakeMs: number; readonly wake: () => void }[] = [];
  return {
    nowMs: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason as Error);
        if (ms <= 0) return resolve();
        const sleeper = { wakeMs: now + ms, wake: resolve };
        sleeping.push(sleeper);
        signal?.addEventListener(
          'abort',
          () => {
            sleeping = sleeping.filter((other) => other !== sleeper);
            reject(signal.reason as Error);
          },
          { once: true },
        );
      }),
    get sleepers() {
      return sleeping.length;
    },
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        await settle();
        const next = sleeping.reduce<number | undefined>(
          (least, { wakeMs }) => (least === undefined || wakeMs < least ? wakeMs : least),
          undefined,
        );
        if (next === undefined || next > end) break;
        now = next;
        const due = sleeping.filter(({ wakeMs }) => wakeMs <= now);
        sleeping = sleeping.filter(({ wakeMs }) => wakeMs > now);
        for (const { wake } of due) wake();
      }
      now = end;
      await settle();
    },
  };
}

/** Lets everything that was waiting for a promise run on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
