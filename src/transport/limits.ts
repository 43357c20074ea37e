/**
 * The limits of one exchange, in one place for every sender.
 *
 * @module
 */
import type { SendOptions } from '../model/exchange.ts';

/** What `SendOptions` are when nobody says otherwise. */
export const defaultLimits = { timeoutMs: 10_000, maxHeaderBytes: 65_536, maxBodyBytes: 8_388_608 } as const satisfies SendOptions;

/**
 * Whether the bytes around the content (chunk sizes and extensions, trailers) have left all proportion: a one-byte chunk costs five bytes of
 * framing, so sixteen for each byte of content, beside the allowance of a header section, is more than any sender needs.
 */
export function isFramingExcessive(framingBytes: number, contentBytes: number, maxHeaderBytes: number): boolean {
  return framingBytes > maxHeaderBytes + 16 * contentBytes;
}
