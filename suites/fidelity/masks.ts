/**
 * Everything in which an answer of the mock may differ from the recorded one and still count as equal, each with its reason.
 * Nothing else is forgiven.
 *
 * @module
 */

/** Headers that are not compared at all. */
export const ignoredHeaders: Readonly<Record<string, string>> = {
  connection: 'belongs to the connection',
  'content-length': 'random parts of a body (UUIDs, tokens) and the theme of a page change it; the body itself is compared',
  date: 'the clock of the replay is set from it',
  host: 'the PHP built-in server sends the Host header back',
  server: 'names the web server and its operating system',
  'transfer-encoding': 'belongs to the connection',
  'x-powered-by': 'the PHP version of the recorded machine',
};

/**
 * What the difference files did not look at: an exchange that is taken from the reference tells nothing about these headers, and of
 * the others only the named ones have a known value.
 */
export const unknownWhenAssumed: ReadonlySet<string> = new Set([
  'x-content-type-options',
  'x-consumer-id',
  'x-ua-compatible',
  'permissions-policy',
  'vary',
  'x-drupal-cache',
  'x-drupal-dynamic-cache',
]);
/** As far as bodies were compared when the difference files were made, in characters. */
export const bodyKnownWhenAssumed = 280;
export const knownWhenAssumed: ReadonlySet<string> = new Set(['content-type', 'www-authenticate', 'allow', 'location', 'cache-control']);

export interface TextMask {
  readonly reason: string;
  /** Replaced on both sides. */
  readonly pattern: RegExp;
  readonly by: string;
  /** Only where both answers are HTML pages. */
  readonly inPages?: true;
}

/** In the value of one header (lower case). */
export const headerMasks: Readonly<Record<string, readonly TextMask[]>> = {
  'x-drupal-cache': [
    {
      reason: 'a first or a later visit: the requests in between that were kept apart warm the cache too',
      pattern: /^(HIT|MISS)$/,
      by: 'HIT or MISS',
    },
  ],
  'x-drupal-dynamic-cache': [
    { reason: 'as for X-Drupal-Cache', pattern: /^(HIT|MISS)$/, by: 'HIT or MISS' },
    {
      reason:
        'a themed page is put together from fragments whose caches warm independently; which of these words it carries tells nothing of the answer',
      pattern: /^(HIT or MISS|UNCACHEABLE(?: \(poor cacheability\))?)$/,
      by: 'HIT, MISS or UNCACHEABLE (poor cacheability)',
      inPages: true,
    },
  ],
  'set-cookie': [
    { reason: 'the recorder shortened the name, a digest of the host', pattern: /^(SESS[0-9a-f]{8})[0-9a-f]*…?=/, by: '$1…=' },
    { reason: 'a random session id, or the word for none', pattern: /=(\{\{session-id\}\}|deleted|[\w%-]{20,});/, by: '={{session-id}};' },
    {
      reason: 'now plus Max-Age, and the replay knows the time only to the second',
      pattern: /expires=[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} 20\d\d \d\d:\d\d:\d\d GMT/,
      by: 'expires=…',
    },
  ],
  'retry-after': [{ reason: 'drawn at random by JSON:API in maintenance mode', pattern: /^([5-9]|10)$/, by: '5 to 10' }],
  etag: [{ reason: 'an instant of the recording', pattern: /^"\d+"$/, by: '"…"' }],
  'last-modified': [{ reason: 'an instant of the recording', pattern: /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/, by: '…' }],
};

/** Anywhere in a body. */
export const bodyMasks: readonly TextMask[] = [
  { reason: 'JSON:API draws the names of omitted items at random', pattern: /item--[\w-]{7}/g, by: 'item--…' },
];

/** Values of JSON bodies by the name of their member, compared by form instead of value. */
export const formMasks: Readonly<Record<string, { readonly reason: string; readonly form: RegExp }>> = {
  n: { reason: 'modulus of the key, which the mock cannot share', form: /^[\w-]{342}$/ },
  csrf_token: { reason: 'derived from a random seed', form: /^[\w-]{43}$/ },
  logout_token: { reason: 'derived from a random seed', form: /^[\w-]{43}$/ },
};

/** Claims of an issued token that are random. */
export const randomClaims: Readonly<Record<string, { readonly reason: string; readonly form: RegExp }>> = {
  jti: { reason: 'random', form: /^[0-9a-f]{80}$/ },
};

export const tolerances = {
  expiresInSeconds: { by: 1, reason: 'a second may have passed between setting exp and counting what is left' },
  issuedAtSeconds: { by: 1, reason: 'the real server reads its clock twice, for exp and for iat' },
  expSeconds: { by: 0.005, reason: 'the clock of the mock counts milliseconds, PHP microseconds' },
} as const;

/** Plain text bodies that are random as a whole, by path. */
export const randomTexts: readonly { readonly path: RegExp; readonly form: RegExp; readonly reason: string }[] = [
  { path: /^\/session\/token/, form: /^[\w-]{43}$/, reason: 'a CSRF token' },
  { path: /^\/\.htaccess$/, form: /./s, reason: 'a file of Drupal, served as it is; its text is not behaviour' },
];

/** Last access of a user: any instant counts as equal to any other, but not to never. */
export const accessMask = { member: 'access', reason: 'the time of the request before, which may have been kept apart' } as const;
