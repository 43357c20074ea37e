/**
 * What differs between versions and editions of the module, as data.
 *
 * @module
 */
import type { MiniorangeConfig } from './config.ts';
import {
  apiKey,
  apiKey20,
  apiKeyHeader,
  apiKeyOld,
  apiKeyUncoded,
  basic,
  basicOld,
  basicUncoded,
  freeApplication,
  paidOauth,
  type ApiKeyKey,
  type ApplicationKey,
  type BasicKey,
  type Refusal,
} from './refusals.ts';

export interface Dialect {
  /** AUTH-METHOD selects an application (from 2.1.0); before, one method holds for the whole site. */
  readonly applications: boolean;
  /** `raw`: substrings of the request URI decide what is gated; `routed`: the routed path and the parsed query (3.2.0). */
  readonly gate: 'raw' | 'routed';
  /** `enable_authentication` is consulted (2.x). */
  readonly canBeDisabled: boolean;
  /** Name of the code field. */
  readonly codeField: 'code' | 'http_code';
  /** Requests that the page cache may not touch. */
  readonly uncached: 'all' | 'gated';
  /** Blocked users are refused (from 2.0.13). */
  readonly refusesBlocked: boolean;
  /** `/rest_api/revoke` exists (from 2.1.0). */
  readonly revoke: boolean;
  readonly key: {
    /** The key is compared before the user is looked up. */
    readonly beforeUser: boolean;
    /** PHP's `==`: an unset key equals an empty one, and `0e1` equals `0e2`. */
    readonly loose: boolean;
    /** `word`: what follows the first blank, decoded leniently; `rest`: everything after `Basic `, decoded strictly. */
    readonly reads: 'word' | 'rest';
  };
  readonly refusals: {
    readonly application: Readonly<Record<ApplicationKey, Refusal>>;
    readonly basic: Readonly<Record<BasicKey, Refusal>>;
    readonly key: Readonly<Record<ApiKeyKey, Refusal>>;
    readonly keyHeader: Readonly<Record<ApiKeyKey, Refusal>>;
  };
}

const line21: Dialect = {
  applications: true,
  gate: 'raw',
  canBeDisabled: true,
  codeField: 'http_code',
  uncached: 'gated',
  refusesBlocked: true,
  revoke: true,
  key: { beforeUser: false, loose: false, reads: 'rest' },
  refusals: { application: freeApplication, basic, key: apiKey, keyHeader: apiKeyHeader },
};

const line32: Dialect = { ...line21, gate: 'routed' };

/** The paid edition is known by its document alone; its gate is taken to be that of 3.2. */
const paid: Dialect = { ...line32, refusals: { ...line32.refusals, application: paidOauth } };

/** 2.0.13 to 2.0.18. */
const line2013: Dialect = {
  ...line21,
  applications: false,
  revoke: false,
  key: { beforeUser: false, loose: true, reads: 'word' },
  refusals: { ...line21.refusals, key: apiKey20 },
};

/** 2.0.10 to 2.0.12. */
const line2010: Dialect = {
  ...line2013,
  uncached: 'all',
  refusesBlocked: false,
  key: { ...line2013.key, beforeUser: true },
  refusals: { ...line2013.refusals, basic: basicUncoded, key: apiKeyUncoded },
};

/** 2.0.1 to 2.0.9. */
const line200: Dialect = {
  ...line2010,
  codeField: 'code',
  refusals: { ...line2010.refusals, basic: basicOld, key: apiKeyOld },
};

const line1: Dialect = { ...line200, canBeDisabled: false };

export function dialectOf({ version, edition }: MiniorangeConfig): Dialect {
  if (edition === 'paid') return paid;
  if (version.startsWith('8.x-')) return line1;
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major >= 3) return line32;
  if (minor >= 1) return line21;
  if (patch >= 13) return line2013;
  return patch >= 10 ? line2010 : line200;
}
