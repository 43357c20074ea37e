/**
 * What every sender holds against a target that does not stop sending.
 *
 * @module
 */
/**
 * Whether the bytes around the content (chunk sizes and extensions, trailers) have left all proportion: a one-byte chunk costs five bytes of
 * framing, so sixteen for each byte of content, beside the allowance of a header section, is more than any sender needs.
 */
export function isFramingExcessive(framingBytes: number, contentBytes: number, maxHeaderBytes: number): boolean {
  return framingBytes > maxHeaderBytes + 16 * contentBytes;
}
