/**
 * Looks through what has been written for secrets that slipped through, and repairs it.
 *
 * @module
 */
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, rename, rm, stat } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { latin1 } from './encodings.ts';
import type { Hit, Vault } from './vault.ts';

/** A secret in an output; `offset` counts bytes from its beginning. */
export interface OutputHit extends Pick<Hit, 'label' | 'encoding' | 'placeholder'> {
  readonly offset: number;
}

/** Finds the secrets in a text or in bytes. */
export function scan(output: string | Uint8Array, vault: Vault): readonly OutputHit[] {
  const hits: OutputHit[] = [];
  const masker = new StreamMasker(vault, (hit) => hits.push(hit));
  masker.push(typeof output === 'string' ? Buffer.from(output) : output);
  masker.end();
  return hits;
}

/** Finds the secrets in a stream of bytes, also where a piece ends inside one. */
export async function scanStream(stream: AsyncIterable<Uint8Array | string>, vault: Vault): Promise<readonly OutputHit[]> {
  const hits: OutputHit[] = [];
  const masker = new StreamMasker(vault, (hit) => hits.push(hit));
  for await (const chunk of stream) masker.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  masker.end();
  return hits;
}

/**
 * Scans a file and, when it holds a secret, replaces it with a masked copy. The file is never held in memory as a whole.
 *
 * @throws the error of the file system when the file cannot be read or replaced.
 */
export async function scanFile(path: string, vault: Vault): Promise<readonly OutputHit[]> {
  const hits = await scanStream(createReadStream(path), vault);
  if (hits.length === 0) return hits;
  const { mode } = await stat(path);
  const copy = `${path}.masked-${process.pid}`;
  try {
    const masker = new StreamMasker(vault);
    const out = createWriteStream(copy, { mode: 0o600 });
    for await (const chunk of createReadStream(path)) {
      if (!out.write(masker.push(chunk as Buffer))) await once(out, 'drain');
    }
    out.end(masker.end());
    await finished(out);
    await chmod(copy, mode & 0o777);
    await rename(copy, path);
  } catch (error) {
    await rm(copy, { force: true });
    throw error;
  }
  return hits;
}

/** Masks a stream of bytes piece by piece. Bytes are read as latin1, so that any file goes through unchanged but for its secrets. */
export class StreamMasker {
  readonly #vault: Vault;
  readonly #onHit: ((hit: OutputHit) => void) | undefined;
  #kept = '';
  #offset = 0;

  constructor(vault: Vault, onHit?: (hit: OutputHit) => void) {
    this.#vault = vault;
    this.#onHit = onHit;
  }

  /** Takes bytes, gives those that are decided. */
  push(chunk: Uint8Array): Buffer {
    this.#kept += latin1(chunk);
    const span = this.#vault.longestSpan;
    // Work is done in pieces much longer than what has to be kept back.
    if (this.#kept.length < span * 2 + 65_536) return Buffer.alloc(0);
    return this.#release(this.#kept.length - span);
  }

  /** Gives the rest. */
  end(): Buffer {
    return this.#release(this.#kept.length);
  }

  /** Gives what stands before `length`, and a secret that begins before it as a whole. */
  #release(length: number): Buffer {
    let masked = '';
    let at = 0;
    for (const { start, end, label, encoding, placeholder } of this.#vault.find(this.#kept)) {
      if (start >= length) break;
      this.#onHit?.({ label, encoding, placeholder, offset: this.#offset + start });
      masked += this.#kept.slice(at, start) + placeholder;
      at = end;
    }
    if (at < length) {
      masked += this.#kept.slice(at, length);
      at = length;
    }
    this.#kept = this.#kept.slice(at);
    this.#offset += at;
    return Buffer.from(masked, 'latin1');
  }
}
