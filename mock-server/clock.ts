/**
 * The clock of a site: whatever runs outside, plus an offset that the control API moves. Nothing in the core reads another clock.
 *
 * @module
 */

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Moves the clock; a negative number moves it back. */
  advance(seconds: number): void;
  /** Back to the outside clock. */
  reset(): void;
}

export function createClock(outside: () => number): Clock {
  let offsetMs = 0;
  return {
    now: () => outside() + offsetMs,
    advance: (seconds) => {
      offsetMs += seconds * 1000;
    },
    reset: () => {
      offsetMs = 0;
    },
  };
}
