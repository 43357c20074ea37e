/**
 * Every refusal of the module as data: who publishes it, status, code field, error and description. Logic names a key and never a text.
 *
 * @module
 */

export interface Refusal {
  readonly status: number;
  /** Value of the code field as written: a string, a number, or absent. */
  readonly code?: string | number;
  /** Absent: the body has no `error` member (before 2.0.10). */
  readonly error?: string;
  /** `{name}` stands for the user's display name. */
  readonly description: string;
  /** No document, source or recording gives this one; modelled after the free edition's manners. Nothing may depend on it. */
  readonly unpublished?: true;
}

export type RefusalKey = keyof typeof documented;

/** The paid OAuth method, texts and code types as the document of 2025-11-21 prints them. */
const documented = {
  missingApplication: {
    status: 400,
    code: 400,
    error: 'MISSING_HEADER',
    description: 'Missing required unique header. It should contain the application ID.',
  },
  // Source of 2.1.0, free edition; the document does not have it.
  unknownApplication: {
    status: 400,
    code: 400,
    error: 'INVALID_APPLICATION_ID',
    description: 'The provided application ID is not valid or not configured.',
  },
  // Printed without http_code, so its status is nowhere published; the free edition answers 401.
  missingAuthorization: { status: 401, error: 'MISSING_AUTHORIZATION_HEADER', description: 'Authorization header not received.' },
  wrongScheme: {
    status: 405,
    code: '405',
    error: 'INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE',
    description: 'Authorization header must be the type of Bearer Token.',
  },
  invalidToken: { status: 401, code: '401', error: 'INVALID_ACCESS_TOKEN', description: 'Invalid Access Token.' },
  expiredToken: { status: 401, code: '401', error: 'TOKEN_EXPIRED', description: 'Invalid request: Token Expired.' },
  invalidCredentials: { status: 401, code: '401', error: 'INVALID_CREDENTIALS', description: 'Invalid username or password.' },
  invalidClient: { status: 401, code: '401', error: 'INVALID_CLIENT_ID', description: 'Invalid Client ID.' },
  invalidClientSecret: { status: 401, code: '401', error: 'INVALID_CLIENT_SECRET', description: 'Invalid Client Secret.' },
  missingUsername: { status: 400, code: '400', error: 'MISSING_USERNAME', description: 'No Username found in request.' },
  invalidGrant: {
    status: 400,
    code: '400',
    error: 'INVALID_GRANT_TYPE',
    description: 'The grant type is missing or not supported.',
    unpublished: true,
  },
  userBlocked: {
    status: 403,
    code: '403',
    error: 'USER_BLOCKED',
    description: 'The Username {name} has not been activated or is blocked.',
    unpublished: true,
  },
} as const satisfies Record<string, Refusal>;

export const paidOauth: Readonly<Record<RefusalKey, Refusal>> = documented;
