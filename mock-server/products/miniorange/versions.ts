/**
 * What differs between versions and editions of the module, as data.
 *
 * @module
 */
import type { MiniorangeConfig } from './config.ts';

export interface Dialect {
  /** AUTH-METHOD selects an application (from 2.1.0). */
  readonly applications: boolean;
  /** `raw`: substrings of the request URI decide what is gated; `routed`: the routed path and the parsed query (3.2.0). */
  readonly gate: 'raw' | 'routed';
  /** `enable_authentication` is consulted (2.x). */
  readonly canBeDisabled: boolean;
  /** A refusal sets the status line (from 2.0.13); before, every refusal is HTTP 200. */
  readonly setsStatus: boolean;
  /** Requests that the page cache may not touch. */
  readonly uncached: 'all' | 'gated';
}

const line21: Dialect = { applications: true, gate: 'raw', canBeDisabled: true, setsStatus: true, uncached: 'gated' };
const line32: Dialect = { ...line21, gate: 'routed' };
const line20: Dialect = { ...line21, applications: false };
const line1: Dialect = { applications: false, gate: 'raw', canBeDisabled: false, setsStatus: false, uncached: 'all' };

/** The paid edition's gate is not published; it is taken to be that of 3.2. */
export function dialectOf({ version, edition }: MiniorangeConfig): Dialect {
  if (version.startsWith('8.x-1.')) return line1;
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major >= 3) return line32;
  if (edition === 'paid') return line32;
  if (minor >= 1) return line21;
  return patch >= 13 ? line20 : { ...line20, setsStatus: false, uncached: 'all' };
}
